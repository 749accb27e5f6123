/** What a check has found, in a line. */
export interface Finding {
  /** `warn`: works, though not as it could. `fail`: logs, metadata or entries are missing. */
  readonly state: 'ok' | 'warn' | 'fail'
  /** What was looked at: one word. */
  readonly about: string
  /** One or more sentences: what is so, and what to do. */
  readonly text: string
}

export const ok = (about: string, text: string): Finding => ({ state: 'ok', about, text })
export const warn = (about: string, text: string): Finding => ({ state: 'warn', about, text })
export const fail = (about: string, text: string): Finding => ({ state: 'fail', about, text })

/** One line of output. Bytes from elsewhere, such as a server's words, must not become more. */
export function lineOf({ state, about, text }: Finding): string {
  return `${state.padEnd(4)}  ${about.padEnd(11)}  ${text.replace(/[\p{C}\s]+/gu, ' ').trim()}\n`
}

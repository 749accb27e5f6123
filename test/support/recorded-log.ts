import type { Log } from '../../src/model/log.ts'

export interface Recorded {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A log that keeps what it is told. */
export function recordedLog(): Log & { readonly lines: Recorded[] } {
  const lines: Recorded[] = []
  const keep =
    (level: Recorded['level']) =>
    (message: string, fields: object = {}) => {
      lines.push({ level, message, fields: { ...fields } })
    }
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }
}

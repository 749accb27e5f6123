import type { TailSelection } from '../model/tail-selection.ts'

/**
 * Says, once, if of all that was asked for nothing is collected: no entry would come, and nobody would know why. An agent reports only if
 * it has nothing to show.
 */
export class LeftOut {
  readonly #notify: (message: string) => void
  /** The agents that have not reported; undefined before they are known, and when it has been said. */
  #missing: Set<string> | undefined
  readonly #reports: TailSelection[] = []

  constructor(notify: (message: string) => void) {
    this.#notify = notify
  }

  /** The agents that run at the beginning. Agents that come later are not waited for. */
  expect(uids: readonly string[]): void {
    if (uids.length > 0) this.#missing = new Set(uids)
  }

  report(uid: string, selection: TailSelection): void {
    if (!this.#missing?.delete(uid)) return
    this.#reports.push(selection)
    this.#sayWhenComplete()
  }

  /** The agent has ended. What it would have reported is not known, so nothing is said. */
  forget(uid: string): void {
    if (this.#missing?.has(uid)) this.#missing = undefined
  }

  #sayWhenComplete(): void {
    if (this.#missing === undefined || this.#missing.size > 0) return
    this.#missing = undefined
    this.#notify(messageOf(this.#reports))
  }
}

function messageOf(reports: readonly TailSelection[]): string {
  const containers = reports.reduce((sum, report) => sum + report.containers, 0)
  if (containers === 0) return 'no container matches now; entries are shown when there is one'
  const byRule = new Map<string, number>()
  for (const [rule, count] of reports.flatMap(({ excluded }) => Object.entries(excluded)))
    byRule.set(rule, (byRule.get(rule) ?? 0) + count)
  const rules = Array.from(byRule, ([rule, count]) => (byRule.size === 1 ? rule : `${rule} (${count})`)).join(', ')
  const all = containers === 1 ? 'the only container that matches is' : `all ${containers} containers that match are`
  return `nothing to show: ${all} left out by ${rules}; loggy explain says what to change`
}

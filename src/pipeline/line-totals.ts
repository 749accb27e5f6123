import type { LineCounters } from '../model/line-counters.ts'
import type { Lane } from './lane.ts'
import { addLines, noLines } from './line-counters.ts'

/** The counters of all lanes, those that have ended included: no total of a node goes back because a container ends. */
export class LineTotals {
  readonly #gone = noLines()
  /** Lanes that write no more, but whose last entries are in flight. */
  readonly #leaving = new Set<Lane>()

  /** To be called when a lane writes no more. */
  leave(lane: Lane): void {
    this.#leaving.add(lane)
    this.#forgetAcked()
  }

  /** `lanes`: those that did not leave. */
  sum(lanes: Iterable<Lane>): LineCounters {
    this.#forgetAcked()
    const total = { ...this.#gone }
    for (const { counters } of [...this.#leaving, ...lanes]) addLines(counters, total)
    return total
  }

  #forgetAcked(): void {
    for (const lane of this.#leaving) {
      if (!lane.isDelivered) continue
      addLines(lane.counters, this.#gone)
      this.#leaving.delete(lane)
    }
  }
}

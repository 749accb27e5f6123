import type { LineCounters } from '../model/line-counters.ts'
import type { Lane } from './lane.ts'
import { addLines, noLines } from './line-counters.ts'

/** The counters of all lanes, also of those that have ended: no total of a node decreases because a container ends. */
export class LineTotals {
  readonly #gone = noLines()
  /** Lanes that have ended, with entries in flight. */
  readonly #leaving = new Set<Lane>()

  /** Call when a lane has ended. */
  leave(lane: Lane): void {
    this.#leaving.add(lane)
    this.#forgetAcked()
  }

  /** `lanes`: those that have not ended. */
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

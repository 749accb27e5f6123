/** The entries of a tail in the last second. */
export interface FlowRate {
  /** Matching entries per second, including those that the agent dropped. */
  readonly matching: number
  readonly shown: number
  /** Whether some were dropped by sampling. */
  readonly isSampled: boolean
}

/** Counts the entries that a tail receives and shows. */
export class Flow {
  #matching = 0
  #shown = 0
  #sampledOut = 0
  #sinceMs: number
  #last: FlowRate = { matching: 0, shown: 0, isSampled: false }

  constructor(nowMs: number) {
    this.#sinceMs = nowMs
  }

  arrived(entries: number): void {
    this.#matching += entries
  }

  showed(entries: number): void {
    this.#shown += entries
  }

  /** Call about once a second. `sampledOut`: since the start. */
  measure(nowMs: number, sampledOut: number): FlowRate {
    const seconds = (nowMs - this.#sinceMs) / 1000
    if (seconds < 0.5) return this.#last
    this.#last = {
      matching: this.#matching / seconds,
      shown: this.#shown / seconds,
      isSampled: sampledOut > this.#sampledOut,
    }
    this.#sinceMs = nowMs
    this.#matching = 0
    this.#shown = 0
    this.#sampledOut = sampledOut
    return this.#last
  }
}

import type { Clock } from '../lib/clock.ts'

/** A signal that aborts with another one, when a time is over, or when it is cleared, whichever comes first. */
export class Deadline {
  readonly signal: AbortSignal
  readonly #own = new AbortController()
  #hasPassed = false

  constructor(clock: Clock, { milliseconds, signal }: { readonly milliseconds: number; readonly signal: AbortSignal }) {
    this.signal = AbortSignal.any([signal, this.#own.signal])
    void clock.sleep(milliseconds, this.signal).then(() => {
      this.#hasPassed = !this.signal.aborted
      this.#own.abort()
    })
  }

  /** Whether the time was over before anything else. */
  get hasPassed(): boolean {
    return this.#hasPassed
  }

  /** Ends what still hangs on it, and its timer. */
  clear(): void {
    this.#own.abort()
  }
}

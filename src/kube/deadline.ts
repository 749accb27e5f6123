import type { Clock } from '../lib/clock.ts'

/** A signal that aborts when another one does, when the time is over, or when it is cleared. */
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

  /** Whether it aborted because the time was over. */
  get hasPassed(): boolean {
    return this.#hasPassed
  }

  /** Aborts the signal and stops the timer. */
  clear(): void {
    this.#own.abort()
  }
}

import type { Clock } from '../lib/clock.ts'

/** A signal that aborts when another one does, when the time is over, or when it is cleared. */
export class Deadline {
  readonly signal: AbortSignal
  readonly #clock: Clock
  readonly #own = new AbortController()
  #timer = new AbortController()
  #hasPassed = false

  constructor(clock: Clock, { milliseconds, signal }: { readonly milliseconds: number; readonly signal: AbortSignal }) {
    this.#clock = clock
    this.signal = AbortSignal.any([signal, this.#own.signal])
    this.set(milliseconds)
  }

  /** From now on so much time is left. */
  set(milliseconds: number): void {
    this.#timer.abort()
    const timer = new AbortController()
    this.#timer = timer
    void this.#clock.sleep(milliseconds, AbortSignal.any([this.signal, timer.signal])).then(() => {
      if (timer.signal.aborted) return
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

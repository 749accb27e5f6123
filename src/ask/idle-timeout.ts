import type { Clock } from '../lib/clock.ts'

/** A signal that aborts when another one does, when no data has arrived for a time, or when it is cleared. */
export class IdleTimeout {
  readonly signal: AbortSignal
  readonly #own = new AbortController()
  readonly #clock: Clock
  readonly #limitMs: number
  #receivedAt: number
  #hasExpired = false

  constructor(clock: Clock, { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal }) {
    this.signal = AbortSignal.any([signal, this.#own.signal])
    this.#clock = clock
    this.#limitMs = limitMs
    this.#receivedAt = clock.monotonic()
    void this.#run()
  }

  /** Whether it aborted because no data arrived. */
  get hasExpired(): boolean {
    return this.#hasExpired
  }

  /** Passes the body through; each chunk restarts the time. */
  async *restartOn(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      // No data is read while the consumer is busy, for example while a person pauses the output. That time does not count.
      this.#receivedAt = Number.POSITIVE_INFINITY
      yield chunk
      this.#receivedAt = this.#clock.monotonic()
    }
  }

  /** Aborts the signal and stops the timer. */
  clear(): void {
    this.#own.abort()
  }

  async #run(): Promise<void> {
    while (!this.signal.aborted) {
      const leftMs = this.#receivedAt + this.#limitMs - this.#clock.monotonic()
      if (leftMs <= 0) {
        this.#hasExpired = true
        this.#own.abort()
      } else {
        await this.#clock.sleep(Math.min(leftMs, this.#limitMs), this.signal)
      }
    }
  }
}

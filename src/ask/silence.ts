import type { Clock } from '../lib/clock.ts'

/** A signal that aborts with another one, or when nothing has been heard for a time, or when it is cleared. */
export class Silence {
  readonly signal: AbortSignal
  readonly #own = new AbortController()
  readonly #clock: Clock
  readonly #limitMs: number
  #heardAt: number
  #isTooLong = false

  constructor(clock: Clock, { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal }) {
    this.signal = AbortSignal.any([signal, this.#own.signal])
    this.#clock = clock
    this.#limitMs = limitMs
    this.#heardAt = clock.monotonic()
    void this.#watch()
  }

  /** Whether that was why it aborted. */
  get isTooLong(): boolean {
    return this.#isTooLong
  }

  /** The same bytes; each chunk counts as heard. */
  async *listen(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      // While they are being taken nobody listens, which may last as long as a person pauses the output.
      this.#heardAt = Number.POSITIVE_INFINITY
      yield chunk
      this.#heardAt = this.#clock.monotonic()
    }
  }

  /** Ends what still hangs on it, and its timer. */
  clear(): void {
    this.#own.abort()
  }

  async #watch(): Promise<void> {
    while (!this.signal.aborted) {
      const leftMs = this.#heardAt + this.#limitMs - this.#clock.monotonic()
      if (leftMs <= 0) {
        this.#isTooLong = true
        this.#own.abort()
      } else {
        await this.#clock.sleep(Math.min(leftMs, this.#limitMs), this.signal)
      }
    }
  }
}

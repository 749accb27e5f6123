/** Exponential backoff: a random wait from half a limit to the limit, which doubles per failure. As in client-go's reflector. */
export class Backoff {
  readonly #initialMs: number
  readonly #maximumMs: number
  readonly #random: () => number
  #failures = 0

  constructor(options: { initialMs: number; maximumMs: number; random?: () => number }) {
    this.#initialMs = options.initialMs
    this.#maximumMs = options.maximumMs
    this.#random = options.random ?? Math.random
  }

  /** Milliseconds to wait before the next try; never less than half the current limit, so that no retry is immediate. */
  next(): number {
    const ceiling = Math.min(this.#initialMs * 2 ** this.#failures, this.#maximumMs)
    this.#failures += 1
    return ceiling * (0.5 + this.#random() / 2)
  }

  reset(): void {
    this.#failures = 0
  }
}

/** A jittered wait between half of and the whole of a ceiling that doubles with each failure. Source: client-go's reflector, 0.8 s to 30 s. */
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

  /** Milliseconds to wait before the next try; at least half the ceiling, so that no try follows at once. */
  next(): number {
    const ceiling = Math.min(this.#initialMs * 2 ** this.#failures, this.#maximumMs)
    this.#failures += 1
    return ceiling * (0.5 + this.#random() / 2)
  }

  reset(): void {
    this.#failures = 0
  }
}

import { Backoff } from '../lib/backoff.ts'

/**
 * Milliseconds over which agents are spread that lose their connections together, besides the backoff's own jitter. A restarted API
 * server costs two waits, for the watch and, as its version has expired, for the list: 4.8 s at most, less than a new pod's lines wait
 * for their metadata by default. `npm run bench:fleet` tells what 5,000 agents then ask.
 */
const spreadMs = 1200

/** How long to wait after each failure of the API server: 0.4 to 2 s first, then about twice as long, up to 31 s. */
export class RetryDelay {
  readonly #backoff: Backoff
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
    this.#backoff = new Backoff({ initialMs: 800, maximumMs: 30_000, random })
  }

  /** Milliseconds. What the server asks for is added to, so that those it sent away do not return together. */
  next(retryAfterMs: number): number {
    return retryAfterMs + this.#backoff.next() + this.#random() * spreadMs
  }

  /** The server is well. */
  reset(): void {
    this.#backoff.reset()
  }
}

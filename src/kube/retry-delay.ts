import { Backoff } from '../lib/backoff.ts'

/**
 * Milliseconds over which the retries of agents that lost their connections together are spread, in addition to the backoff's jitter. A
 * restart of the API server costs two waits: for the watch, and for the list, as the version has expired. That is at most 4.8 s, less than
 * a new pod's lines wait for metadata by default. `npm run bench:fleet` measures the requests of 5,000 agents.
 */
const spreadMs = 1200

/** The wait after each failure of the API server: 0.4 to 2 s at first, then about twice as long each time, up to 31 s. */
export class RetryDelay {
  readonly #backoff: Backoff
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
    this.#backoff = new Backoff({ initialMs: 800, maximumMs: 30_000, random })
  }

  /** Milliseconds. Adds to the wait that the server asks for, so that the refused agents do not return together. */
  next(retryAfterMs: number): number {
    return retryAfterMs + this.#backoff.next() + this.#random() * spreadMs
  }

  /** Call when the server works again. */
  reset(): void {
    this.#backoff.reset()
  }
}

import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'

/** Milliseconds without a failure after which waits are short again; client-go. */
const healthyMs = 120_000
/** Milliseconds. A longer Retry-After is not obeyed in full: an agent that sleeps for an hour is an outage of its own. */
const maximumRetryAfterMs = 300_000

/**
 * Milliseconds over which agents are spread that lose their connections together, besides the backoff's own jitter. A restarted API
 * server costs two waits, for the watch and, as its version has expired, for the list: 4.8 s at most, less than a new pod's lines wait
 * for their metadata by default. DESIGN.md tells what 5,000 agents then ask.
 */
const spreadMs = 1200

/** How long to wait after each failure of the API server: 0.4 to 2 s first, then about twice as long, up to 31 s. */
export class RetryDelay {
  readonly #clock: Clock
  readonly #backoff: Backoff
  readonly #random: () => number
  #endsAt = Number.NEGATIVE_INFINITY

  constructor({ clock, random }: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = clock
    this.#random = random
    this.#backoff = new Backoff({ initialMs: 800, maximumMs: 30_000, random })
  }

  /** Milliseconds. What the server asks for is added, so that those it sent away do not return together. */
  next(retryAfterMs: number): number {
    const now = this.#clock.monotonic()
    if (now - this.#endsAt >= healthyMs) this.#backoff.reset()
    const milliseconds = Math.min(retryAfterMs, maximumRetryAfterMs) + this.#backoff.next() + this.#random() * spreadMs
    this.#endsAt = now + milliseconds
    return milliseconds
  }
}

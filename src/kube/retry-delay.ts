import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'

/** Milliseconds without a failure after which waits are short again; client-go. */
const healthyMs = 120_000
/** Milliseconds. A longer Retry-After is not obeyed in full: an agent that sleeps for an hour is an outage of its own. */
const maximumRetryAfterMs = 300_000

/** How long to wait after each failure of the API server: 0.4 to 0.8 s first, then twice as long, up to 30 s. */
export class RetryDelay {
  readonly #clock: Clock
  readonly #backoff: Backoff
  #endsAt = Number.NEGATIVE_INFINITY

  constructor({ clock, random }: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = clock
    this.#backoff = new Backoff({ initialMs: 800, maximumMs: 30_000, random })
  }

  /** Milliseconds. What the server asks for is added, so that those it sent away do not return together. */
  next(retryAfterMs: number): number {
    const now = this.#clock.monotonic()
    if (now - this.#endsAt >= healthyMs) this.#backoff.reset()
    const milliseconds = Math.min(retryAfterMs, maximumRetryAfterMs) + this.#backoff.next()
    this.#endsAt = now + milliseconds
    return milliseconds
  }
}

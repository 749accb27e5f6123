import { Backoff } from '../lib/backoff.ts'

/** How a request failed: nobody has answered it, or somebody has, and refused it or answered nonsense. */
export type Failure = 'unreachable' | 'refused'

/**
 * Milliseconds over which the retries of agents that lost their connections together are spread, in addition to the backoff's jitter.
 * `npm run bench:fleet` measures the requests of 5,000 agents.
 */
const spreadMs = 1200
/**
 * Milliseconds over which lists are spread after a restart of the server, whose clients all hear that their version has expired. With
 * 1.2 s the lists come together with the watches that get the same answer, and the busiest moment has half as many requests again.
 */
const expiredSpreadMs = 2400
/** Milliseconds. A server that works again must be found within ten seconds: this wait and both spreads. Trying costs one that is away nothing. */
const unreachableMs = 6000
/** Milliseconds. A server that refuses has too much to do, or needs somebody to repair something. */
const refusedMs = 30_000

/** The wait after each failure of a server: 0.4 to 2 s at first, then about twice as long each time, up to 7 s while it cannot be reached, else up to 31. */
export class RetryDelay {
  readonly #backoffs: Readonly<Record<Failure, Backoff>>
  readonly #random: () => number
  #last: Failure | undefined

  constructor(random: () => number) {
    this.#random = random
    const backoff = (maximumMs: number) => new Backoff({ initialMs: 800, maximumMs, random })
    this.#backoffs = { unreachable: backoff(unreachableMs), refused: backoff(refusedMs) }
  }

  /** Milliseconds. Adds to the wait that the server asks for, so that the refused agents do not return together. */
  next(failure: Failure, retryAfterMs = 0): number {
    // One that answers again, though not well yet, may have just started.
    if (this.#last === 'unreachable' && failure === 'refused') this.#backoffs.refused.reset()
    this.#last = failure
    return retryAfterMs + this.#backoffs[failure].next() + this.#random() * spreadMs
  }

  /** Milliseconds to wait before a list because the version has expired: no backoff, as nothing has failed. */
  expired(): number {
    return this.#random() * expiredSpreadMs
  }

  /** Call when the server works again. */
  reset(): void {
    for (const backoff of Object.values(this.#backoffs)) backoff.reset()
  }
}

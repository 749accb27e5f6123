import { CountsByName } from '../lib/counts-by-name.ts'
import { Histogram } from '../lib/histogram.ts'
import type { Ask, Refusal } from '../model/sink.ts'
import { acceptedOf, describe, type RequestOutcome, requestOutcomeOf, type Settled } from './outcome.ts'

/** Reasons with a count of their own: HTTP has some twenty statuses that servers use, Node as many codes of connections. */
const MOST_REASONS = 32
/** Seconds from sending a request to its answer. A server on the same network takes 1 MiB in some 20 ms; the default timeout is 30 s. */
const REQUEST_LIMITS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60]

/** What became of a sink's requests and entries. */
export class Tally {
  readonly counters = { acceptedEntries: 0, retries: 0, rejectedEntries: 0, shortenedEntries: 0 }
  /** Only the outcomes that there were. */
  readonly requestSeconds = new Map<RequestOutcome, Histogram>()
  readonly #retried = new CountsByName(MOST_REASONS)
  readonly #deadLettered = new CountsByName(MOST_REASONS)
  #complaint: string | undefined

  /** Entries by why they were sent again, and by why they became dead letters. */
  get reasons() {
    return { retried: this.#retried.counts, deadLettered: this.#deadLettered.counts }
  }

  /** What the destination said when it last rejected entries without saying which. */
  get complaint(): string | undefined {
    return this.#complaint
  }

  /** A request was answered, or no answer came. */
  answered(outcome: Settled | Ask, tookMs: number): void {
    const kind = requestOutcomeOf(outcome)
    let seconds = this.requestSeconds.get(kind)
    if (seconds === undefined) {
      seconds = new Histogram(REQUEST_LIMITS)
      this.requestSeconds.set(kind, seconds)
    }
    seconds.add(tookMs / 1000)
  }

  /** It is known what became of a request's entries. */
  settled(outcome: Settled, entryCount: number): void {
    this.counters.acceptedEntries += acceptedOf(outcome, entryCount)
    if (outcome.kind !== 'partly' || outcome.rejectedCount === 0) return
    this.counters.rejectedEntries += outcome.rejectedCount
    this.#complaint = outcome.reason
  }

  /** So many entries will be sent again after a wait. */
  retried(entryCount: number, refusal: Refusal): void {
    this.#retried.add(describe(refusal), entryCount)
  }

  deadLettered(entryCount: number, refusal: Refusal): void {
    this.#deadLettered.add(describe(refusal), entryCount)
  }
}

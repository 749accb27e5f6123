import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Batch } from '../model/batch.ts'
import type { Limits, Outcome, Receipt, Refusal, Request, Retry } from '../model/sink.ts'
import { Cut } from './cut.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Place } from './place.ts'
import type { Requests } from './requests.ts'
import type { Route } from './route.ts'
import type { Ending } from './send-window.ts'

/**
 * Milliseconds, the first and the longest wait between two tries. One batch that waits soon stops all (see Route). Measured
 * with a fifth of the requests failing, one MiB each, four at a time: 62 MB/s from 100 ms on, 21 MB/s from 500 ms on; a busy node
 * writes 40. It doubles, so a destination that is down is asked ten times in its first half minute.
 */
const BACKOFF = { initialMs: 20, maximumMs: 30_000 }

export interface BatchDeliveryParts {
  readonly requests: Requests
  readonly deadLetters: DeadLetters
  readonly limits: Limits
  /** Milliseconds for which what is not taken is sent again; 0: for ever. */
  readonly retryFor: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called before each wait that is followed by another try. */
  onRetry(): void
  /** All that is left of the batch with that place was refused by itself, and waits for others to be accepted. */
  onDoubt(place: Place): void
}

/** Entries to be sent. */
interface Offer {
  readonly cut: Cut
  /** Number of the first refusal of a request that they were in, which did not say whose fault it was. */
  readonly refusal?: number | undefined
  /** Made for all of the cut by an earlier try. */
  readonly request?: Request | undefined
}

/**
 * One batch on its way, until nothing of it is left to send: each entry is accepted, or among the dead letters.
 *
 * A refusal that does not say which entry it means is met by halving, until the culprit stands alone. It counts as the culprit once entries
 * that were sent after the refusal have been accepted; until then the destination itself may be at fault, others are tried first, and
 * nothing else is cut into single requests.
 */
export class BatchDelivery {
  readonly #batch: Batch
  readonly #place: Place
  readonly #route: Route
  readonly #parts: BatchDeliveryParts
  readonly #backoff = new Backoff(BACKOFF)
  /** The next one is the last. */
  readonly #offers: Offer[]
  /** What was refused while nothing is accepted. */
  readonly #doubts: Offer[] = []
  #failingSinceMs: number | undefined
  /** Of the smallest request that was refused and then taken in parts. */
  #refusedBytes = Number.POSITIVE_INFINITY
  /** Of the last request that was too large, until a smaller one is taken. */
  #tooLargeBytes = Number.POSITIVE_INFINITY
  #hasCulprits = false

  constructor(batch: Batch, place: Place, parts: BatchDeliveryParts) {
    this.#batch = batch
    this.#place = place
    this.#route = place.route
    this.#parts = parts
    this.#offers = [{ cut: Cut.whole(batch) }]
  }

  /** Rejects when the signal aborts, and with what ends the transport for good. */
  async run(): Promise<void> {
    for (;;) {
      const offer = this.#offers.pop()
      if (offer !== undefined) await this.#deliver(offer)
      else if (this.#doubts.length > 0) await this.#waitForOthers()
      else break
    }
    // A server that says 400 where it means 413 says it of each large request.
    if (!this.#hasCulprits) this.#route.window.avoidBytes(this.#refusedBytes)
  }

  async #deliver(offer: Offer): Promise<void> {
    const { limits, requests, signal } = this.#parts
    const route = this.#route
    const { requestEntries } = limits
    const { first: cut, rest } = offer.cut.split({ requestBytes: route.window.maxBytes, requestEntries })
    if (rest !== undefined) this.#offers.push({ ...offer, cut: rest, request: undefined })
    if (cut.entryCount === 1 && cut.byteCount > limits.entryBytes) {
      return this.#bury(cut, { status: 'TOO_LARGE', reason: `an entry of more than ${limits.entryBytes} bytes` })
    }
    const packed = (cut === offer.cut ? offer.request : undefined) ?? requests.pack(cut, this.#batch.partition)
    const request = packed instanceof Promise ? await packed : packed
    const entering = route.window.enter(signal)
    if (entering !== undefined) await entering
    const sent = { number: route.nextNumber(), sentMs: this.#parts.clock.monotonic(), byteCount: cut.byteCount }
    let outcome: Exclude<Outcome, { kind: 'ask' }> | undefined
    try {
      outcome = await requests.send(request, cut.entryCount, signal)
      if (hasAccepted(outcome, cut)) route.accept(sent.number)
    } finally {
      route.window.leave(endingOf(outcome), sent)
    }
    switch (outcome.kind) {
      case 'accepted':
        return this.#succeed()
      case 'receipts':
        return this.#sort(cut, outcome.receipts, outcome.afterMs)
      case 'too-large':
        // A server that says so of a single entry, and takes nothing, may say so of all.
        this.#tooLargeBytes = cut.entryCount === 1 || route.refusesAll ? Infinity : cut.byteCount
        return this.#refuse({ ...offer, cut }, outcome)
      case 'refused':
        return this.#refuse({ ...offer, cut }, outcome)
      case 'retry':
        return this.#retry({ ...offer, cut, request }, outcome)
    }
  }

  #succeed(): void {
    this.#failingSinceMs = undefined
    this.#backoff.reset()
    if (this.#tooLargeBytes < Infinity) this.#route.window.refuseBytes(this.#tooLargeBytes)
    this.#tooLargeBytes = Infinity
    this.#route.succeed()
  }

  /** Each entry has a receipt: only those are sent again that the destination asks for. */
  async #sort(cut: Cut, receipts: readonly Receipt[], afterMs: number): Promise<void> {
    if (receipts.length < cut.entryCount) this.#succeed()
    for (const group of Map.groupBy(
      receipts.filter(isRejected),
      ({ status, reason }) => `${status} ${reason}`,
    ).values()) {
      const [first] = group
      const rejected = cut.only(group.map(({ place }) => place))
      if (first !== undefined && rejected !== undefined) await this.#bury(rejected, first)
    }
    const again = receipts.filter((receipt) => !isRejected(receipt))
    const [first] = again
    const rest = cut.only(again.map(({ place }) => place))
    if (first === undefined || rest === undefined) return
    await this.#retry({ cut: rest }, { ...first, kind: 'retry', cause: 'destination', afterMs })
  }

  #halve({ cut, refusal }: Offer): void {
    const [first, second] = cut.halves()
    this.#offers.push({ cut: second, refusal }, { cut: first, refusal })
  }

  async #refuse(offer: Offer, refused: Refusal): Promise<void> {
    const route = this.#route
    const { cut } = offer
    const refusal = offer.refusal ?? route.nextNumber()
    const isAlone = cut.entryCount === 1
    if (isAlone && route.hasAcceptedAfter(refusal)) return this.#bury(cut, refused)
    if (!isAlone && !route.refusesAll) {
      this.#refusedBytes = Math.min(this.#refusedBytes, cut.byteCount)
      return this.#halve({ cut, refusal })
    }
    if (isAlone) route.doubt(refusal)
    this.#hasCulprits = true
    this.#report(refused, 'error', 'the destination refuses entries and accepts no others; they are sent again')
    if (this.#isOverdue()) return this.#bury(cut, refused)
    this.#doubts.push({ cut, refusal })
  }

  /** Nothing else of the batch is left: what was refused is tried again when others were accepted, and now and then until that happens. */
  async #waitForOthers(): Promise<void> {
    const { clock, signal } = this.#parts
    const route = this.#route
    if (this.#doubts.every(({ cut }) => cut.entryCount === 1)) this.#parts.onDoubt(this.#place)
    const over = new AbortController()
    const stop = () => over.abort()
    const hasAccepted = () => this.#doubts.some(({ refusal = 0 }) => route.hasAcceptedAfter(refusal))
    route.onAccept.add(stop)
    if (!hasAccepted()) await clock.sleep(this.#backoff.next(), AbortSignal.any([signal, over.signal]))
    route.onAccept.delete(stop)
    signal.throwIfAborted()
    this.#parts.onRetry()
    if (hasAccepted()) {
      this.#offers.push(...this.#doubts.splice(0).reverse())
      return
    }
    const [first] = this.#doubts.splice(0, 1)
    if (first === undefined) return
    if (first.cut.entryCount > 1) this.#halve(first)
    else this.#offers.push(first)
  }

  async #retry(offer: Offer, retry: Retry): Promise<void> {
    const { clock, signal } = this.#parts
    const level = retry.cause === 'set-up' ? 'error' : 'warn'
    this.#report(retry, level, 'the destination does not take entries; they are sent again')
    if (this.#isOverdue()) return this.#bury(offer.cut, retry)
    this.#parts.onRetry()
    this.#offers.push(offer)
    await clock.sleep(Math.max(this.#backoff.next(), retry.afterMs), signal)
    signal.throwIfAborted()
  }

  /** To be asked at each failure. */
  #isOverdue(): boolean {
    const { clock, retryFor } = this.#parts
    const nowMs = clock.monotonic()
    this.#failingSinceMs ??= nowMs
    return retryFor > 0 && nowMs - this.#failingSinceMs >= retryFor
  }

  async #bury(cut: Cut, refused: Refusal): Promise<void> {
    const status = `refused, ${describe(refused)}`
    this.#hasCulprits = true
    this.#report({ ...refused, status }, 'error', 'entries were refused: they are in the dead letter file')
    await this.#parts.deadLetters.put(cut.entries(), { ...refused, tenant: this.#batch.partition })
    this.#batch.bury(cut.places())
  }

  #report(refused: Refusal, level: 'warn' | 'error', message: string): void {
    this.#route.fail(describe(refused), { level, message, error: refused.reason })
  }
}

function hasAccepted(outcome: Outcome, { entryCount }: Cut): boolean {
  return outcome.kind === 'accepted' || (outcome.kind === 'receipts' && outcome.receipts.length < entryCount)
}

/** `outcome`: undefined when there was none. */
function endingOf(outcome: Outcome | undefined): Ending {
  if (outcome === undefined) return 'failed'
  if (outcome.kind !== 'retry') return 'taken'
  return outcome.cause === 'timeout' ? 'timeout' : 'failed'
}

function isRejected({ kind }: Receipt): boolean {
  return kind === 'rejected'
}

/** `HTTP 503`, `ECONNREFUSED` … */
function describe({ status }: Pick<Refusal, 'status'>): string {
  return typeof status === 'number' ? `HTTP ${status}` : status
}

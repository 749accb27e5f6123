import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Batch } from '../model/batch.ts'
import type { Ask, Limits, Receipt, Refusal, Retry } from '../model/sink.ts'
import type { Cut } from './cut.ts'
import type { DeadLetters } from './dead-letters.ts'
import { describe, isRejected, isUntold, levelOf, type Partly, type Settled } from './outcome.ts'
import type { Place } from './place.ts'
import type { Requests } from './requests.ts'
import type { Route } from './route.ts'
import type { Answered, Sender, Sending, Unsent } from './sender.ts'
import type { Tally } from './tally.ts'

/**
 * Milliseconds: the first and the longest wait between two tries. A waiting batch soon stops all others (see Route). Measured
 * with a fifth of the requests failing, 1 MiB each, four at a time: 62 MB/s with a first wait of 100 ms, 21 MB/s with 500 ms. A busy
 * node writes 40. The wait doubles, so a destination that is down gets ten requests in its first half minute.
 */
const BACKOFF = { initialMs: 20, maximumMs: 30_000 }

export interface BatchDeliveryParts {
  readonly sender: Sender
  readonly requests: Requests
  readonly deadLetters: DeadLetters
  readonly limits: Limits
  /** Milliseconds to keep retrying entries that are not accepted; 0: for ever. */
  readonly retryFor: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly tally: Tally
  /** Called when each remaining entry of the batch was refused alone, and the batch waits for other entries to be accepted. */
  onDoubt(place: Place): void
}

/** A request that was refused without saying which entry it meant, and is sent again in two halves. */
interface Halved {
  /** All entries of the first half were accepted: then the culprit is in the second. */
  isFirstAccepted: boolean
}

/** Entries to be sent. */
interface Offer extends Unsent {
  /** The request of which they are the first half, or the second. */
  readonly firstOf?: Halved
  readonly secondOf?: Halved
  /** Number of the refusal of exactly these entries, if they were refused. */
  readonly refusal?: number | undefined
}

/** Refused entries, and why. */
interface Doubt extends Offer {
  readonly refusal: number
  readonly refused: Refusal
}

/**
 * Delivers what was not accepted at once of a batch, until each entry is accepted or a dead letter.
 *
 * If a refusal does not say which entry it means, the request is halved until a single entry is refused. That entry becomes a dead letter
 * only when it is refused once more after others were accepted, or when the other half of the same request was. Otherwise the destination
 * itself may be at fault: other entries are tried first, and nothing else is split down to single entries.
 */
export class BatchDelivery {
  readonly #batch: Batch
  readonly #place: Place
  readonly #route: Route
  readonly #parts: BatchDeliveryParts
  readonly #backoff = new Backoff(BACKOFF)
  /** A stack: the next one to send is the last. */
  readonly #offers: Offer[]
  /** Refused, while nothing has been accepted since. */
  readonly #doubts: Doubt[] = []
  #failingSinceMs: number | undefined
  /** Size of the smallest request that was refused and then accepted in parts. */
  #refusedBytes = Number.POSITIVE_INFINITY
  /** Size of the last request that was too large, until a smaller one is accepted. */
  #tooLargeBytes = Number.POSITIVE_INFINITY
  #hasCulprits = false

  constructor(batch: Batch, place: Place, offers: readonly Unsent[], parts: BatchDeliveryParts) {
    this.#batch = batch
    this.#place = place
    this.#route = place.route
    this.#parts = parts
    this.#offers = [...offers]
  }

  /** Rejects when the signal aborts, or with the permanent failure of the transport. */
  async run(): Promise<void> {
    for (;;) {
      const offer = this.#offers.pop()
      if (offer !== undefined) await this.#deliver(offer)
      else if (this.#doubts.length > 0) await this.#waitForOthers()
      else break
    }
    // A server that answers 400 where it means 413 does so for each large request.
    if (!this.#hasCulprits) this.#route.window.avoidBytes(this.#refusedBytes)
  }

  async #deliver(offer: Offer): Promise<void> {
    const cut = offer.sending === undefined ? await this.#fit(offer.cut) : offer.cut
    if (cut === undefined) return
    const one: Offer = cut === offer.cut ? offer : { cut }
    const sending = one.sending ?? (await this.#start(one))
    const answered = await this.#answered(sending)
    const outcome = answered.kind === 'ask' ? await this.#wait(answered, cut) : answered
    const { packed } = sending
    const route = this.#route
    this.#parts.sender.settle(cut, sending, outcome, route)
    switch (outcome.kind) {
      case 'accepted':
        if (one.firstOf !== undefined) one.firstOf.isFirstAccepted = true
        return this.#succeed()
      case 'partly':
        return this.#succeedPartly(outcome)
      case 'receipts':
        return this.#sort(one, outcome.receipts, outcome.afterMs)
      case 'too-large':
        // A server that answers so to a single entry, and accepts nothing, may do so for all of them.
        this.#tooLargeBytes = cut.entryCount === 1 || route.refusesAll ? Infinity : cut.byteCount
        return this.#refuse(one, outcome)
      case 'refused':
        return this.#refuse(one, outcome)
      case 'retry':
        return this.#retry({ ...one, packed, sending: undefined }, outcome)
    }
  }

  /** As many of its first entries as one request may have; the others are offered. Those that are too long become dead letters. */
  async #fit(whole: Cut): Promise<Cut | undefined> {
    const { limits } = this.#parts
    const { requestEntries } = limits
    const { first: cut, rest } = whole.split({ requestBytes: this.#route.window.maxBytes, requestEntries })
    if (rest !== undefined) this.#offers.push({ cut: rest })
    const { long, rest: others } = cut.byLength(limits.entryBytes)
    if (long === undefined) return cut
    // Such an entry never goes with others, which the destination might drop too, and without a word.
    if (others !== undefined) this.#offers.push({ cut: others })
    await this.#bury(long, { status: 'TOO_LARGE', reason: `an entry of more than ${limits.entryBytes} bytes` })
    return undefined
  }

  /** Makes the request, unless there is one, and sends it when the window lets it through. */
  async #start({ cut, packed }: Offer): Promise<Sending> {
    const { sender, requests, signal, clock } = this.#parts
    const { partition } = this.#batch
    const route = this.#route
    const { window } = route
    const made = await (packed ?? requests.pack(cut, partition))
    await window.enter(signal)
    try {
      return sender.send(cut, requests.isCurrent(made) ? made : await requests.pack(cut, partition), route)
    } catch (error) {
      window.leave('failed', { sentMs: clock.monotonic(), byteCount: cut.byteCount })
      throw error
    }
  }

  async #answered(sending: Sending): Promise<Answered> {
    try {
      const answered = await sending.answering
      this.#parts.sender.leave(sending, answered, this.#route)
      return answered
    } catch (error) {
      this.#route.window.leave('failed', sending)
      throw error
    }
  }

  #wait(ask: Ask, cut: Cut): Promise<Settled> {
    return this.#parts.requests.receipts(ask, cut.entryCount, this.#parts.signal, (fault) =>
      this.#report(fault, levelOf(fault), 'the destination does not say whether it has stored entries; asking again'),
    )
  }

  #succeed(): void {
    this.#failingSinceMs = undefined
    this.#backoff.reset()
    if (this.#tooLargeBytes < Infinity) this.#route.window.refuseBytes(this.#tooLargeBytes)
    this.#tooLargeBytes = Infinity
    this.#route.succeed()
  }

  /** Entries may be lost, and nobody knows which. That is logged and counted; the destination works. */
  #succeedPartly(outcome: Partly): void {
    const isLoss = outcome.rejectedCount > 0
    const status = isLoss ? 'PARTIAL_SUCCESS' : 'COMPLAINT'
    const message = isLoss
      ? 'the destination rejected entries without saying which; they are lost'
      : 'the destination accepts entries, and complains'
    this.#report({ ...outcome, status }, isLoss ? 'error' : 'warn', message)
    this.#succeed()
  }

  /** The answer has receipts: only entries for which it asks so are sent again. */
  async #sort({ cut, refusal }: Offer, receipts: readonly Receipt[], afterMs: number): Promise<void> {
    if (receipts.length < cut.entryCount) this.#succeed()
    for (const group of Map.groupBy(
      receipts.filter(isRejected),
      ({ status, reason }) => `${status} ${reason}`,
    ).values()) {
      const [first] = group
      const rejected = cut.only(group.map(({ place }) => place))
      if (first !== undefined && rejected !== undefined) await this.#bury(rejected, first)
    }
    await this.#offerUntold({ cut, refusal }, receipts.filter(isUntold))
    const again = receipts.filter((receipt) => receipt.kind === 'retry')
    const [first] = again
    const rest = cut.only(again.map(({ place }) => place))
    if (first === undefined || rest === undefined) return
    await this.#retry({ cut: rest }, { cause: 'destination', ...first, afterMs })
  }

  async #offerUntold({ cut, refusal }: Offer, untold: readonly Receipt[]): Promise<void> {
    const [first] = untold
    const rest = cut.only(untold.map(({ place }) => place))
    if (first === undefined || rest === undefined) return
    // Of a single entry each answer tells all that it will.
    if (cut.entryCount === 1) return this.#refuse({ cut, refusal }, first)
    this.#offers.push(...(rest.entryCount === 1 ? [rest] : rest.halves()).map((part) => ({ cut: part })))
  }

  #halve(cut: Cut): void {
    const [first, second] = cut.halves()
    const halved = { isFirstAccepted: false }
    this.#offers.push({ cut: second, secondOf: halved }, { cut: first, firstOf: halved })
  }

  async #refuse(offer: Offer, refused: Refusal): Promise<void> {
    const route = this.#route
    const { cut } = offer
    const isAlone = cut.entryCount === 1
    const isOtherHalfAccepted = offer.secondOf?.isFirstAccepted === true
    const isConfirmed = offer.refusal !== undefined && route.hasAcceptedAfter(offer.refusal)
    if (isAlone && (isOtherHalfAccepted || isConfirmed)) {
      await this.#bury(cut, refused)
      return route.succeed() // the destination works
    }
    if (!isAlone && !route.refusesAll) {
      this.#refusedBytes = Math.min(this.#refusedBytes, cut.byteCount)
      return this.#halve(cut)
    }
    const refusal = route.nextNumber()
    if (isAlone) route.doubt(refusal)
    this.#hasCulprits = true
    if (this.#isOverdue()) return this.#bury(cut, refused)
    this.#parts.tally.retried(cut.entryCount, refused)
    this.#doubts.push({ cut, refusal, refused })
  }

  /** Only refused entries are left. They are sent again after others were accepted, and now and then before that. */
  async #waitForOthers(): Promise<void> {
    const { clock, signal } = this.#parts
    const route = this.#route
    if (this.#doubts.every(({ cut }) => cut.entryCount === 1)) this.#parts.onDoubt(this.#place)
    const hasAccepted = () => this.#doubts.some(({ refusal }) => route.hasAcceptedAfter(refusal))
    const [{ refused } = {}] = this.#doubts
    if (refused !== undefined && !hasAccepted()) {
      this.#report(refused, 'error', 'the destination refuses entries and accepts no others; retrying')
      const over = new AbortController()
      const stop = () => over.abort()
      route.onAccept.add(stop)
      await clock.sleep(this.#backoff.next(), AbortSignal.any([signal, over.signal]))
      route.onAccept.delete(stop)
      signal.throwIfAborted()
    }
    this.#parts.tally.counters.retries += 1
    if (hasAccepted()) {
      this.#offers.push(...this.#doubts.splice(0).reverse())
      return
    }
    const next = this.#nextDoubt()
    if (next === undefined) return
    this.#doubts.splice(this.#doubts.indexOf(next), 1)
    if (next.cut.entryCount > 1) this.#halve(next.cut)
    else this.#offers.push(next)
  }

  /** The smallest request that can be halved: one without a culprit is so found after a few tries, each of which waits longer. */
  #nextDoubt(): Doubt | undefined {
    const entriesOf = ({ cut }: Doubt) => cut.entryCount
    return (
      this.#doubts.filter((doubt) => entriesOf(doubt) > 1).sort((a, b) => entriesOf(a) - entriesOf(b))[0] ??
      this.#doubts[0]
    )
  }

  async #retry(offer: Offer, retry: Retry): Promise<void> {
    const { clock, signal, tally } = this.#parts
    this.#report(retry, levelOf(retry), 'the destination does not accept entries; retrying')
    if (this.#isOverdue()) return this.#bury(offer.cut, retry)
    tally.counters.retries += 1
    tally.retried(offer.cut.entryCount, retry)
    this.#offers.push(offer)
    await clock.sleep(Math.max(this.#backoff.next(), retry.afterMs, this.#route.window.pausedMs), signal)
    signal.throwIfAborted()
  }

  /** Call at each failure. */
  #isOverdue(): boolean {
    const { clock, retryFor } = this.#parts
    const nowMs = clock.monotonic()
    this.#failingSinceMs ??= nowMs
    return retryFor > 0 && nowMs - this.#failingSinceMs >= retryFor
  }

  async #bury(cut: Cut, refused: Refusal): Promise<void> {
    const status = `refused, ${describe(refused)}`
    this.#hasCulprits = true
    this.#report({ ...refused, status }, 'error', 'entries were refused and written to the dead letter file')
    await this.#parts.deadLetters.put(cut.entries(), { ...refused, tenant: this.#batch.partition })
    this.#parts.tally.deadLettered(cut.entryCount, refused)
    this.#batch.bury(cut.places())
  }

  #report(refused: Refusal, level: 'warn' | 'error', message: string): void {
    this.#route.fail(describe(refused), { level, message, error: refused.reason })
  }
}

import type { Clock } from '../lib/clock.ts'
import type { Batch } from '../model/batch.ts'
import type { Ask, Limits } from '../model/sink.ts'
import { Cut } from './cut.ts'
import { afterOf, endingOf, hasAccepted, type Settled } from './outcome.ts'
import type { Packed, Requests } from './requests.ts'
import type { Route } from './route.ts'
import type { Tally } from './tally.ts'

export type Answered = Settled | Ask

/** A request that was sent. */
export interface Sending {
  readonly packed: Packed
  readonly number: number
  /** Monotonic milliseconds. */
  readonly sentMs: number
  readonly byteCount: number
  readonly answering: Answered | Promise<Answered>
}

/** Entries to be delivered. */
export interface Unsent {
  readonly cut: Cut
  /** The request of an earlier try, if it had exactly these entries; or one that is being made. */
  readonly packed?: Packed | Promise<Packed> | undefined
  /** They are being sent. */
  readonly sending?: Sending | undefined
}

export interface SenderParts {
  readonly requests: Requests
  readonly limits: Limits
  /** See Format. */
  isApart(head: Uint8Array, byteCount: number): boolean
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly tally: Tally
}

const NOTHING: readonly Unsent[] = []

/** Sends requests on a route, and counts what became of them. */
export class Sender {
  readonly #parts: SenderParts

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  /**
   * Sends all entries of the batch in one request, if that can be done now. Returns what is left to deliver: nothing if they were accepted at once, as by a
   * pipe, which is usual. Not async, and with few objects: this is half of what a line costs that comes alone.
   */
  sendWhole(batch: Batch, route: Route): readonly Unsent[] {
    const { limits, requests, isApart } = this.#parts
    const { window } = route
    const cuts = Cut.apart(batch, isApart)
    const cut = cuts[0] as Cut
    if (cuts.length > 1 || !cut.fits(limits, window.maxBytes)) return cuts.map((cut) => ({ cut }))
    const packed = requests.pack(cut, batch.partition)
    if (packed instanceof Promise || !window.enterNow()) return [{ cut, packed }]
    const sending = this.send(cut, packed, route)
    const { answering } = sending
    if (answering instanceof Promise || answering.kind !== 'accepted') return [{ cut, sending }]
    this.leave(sending, answering, route)
    this.settle(cut, sending, answering, route)
    route.succeed()
    return NOTHING
  }

  /** Call when the window let it through, which must be left once it is answered. `answering` rejects as `Requests.send` does. */
  send(cut: Cut, packed: Packed, route: Route): Sending {
    const { requests, signal, clock } = this.#parts
    const sentMs = clock.monotonic()
    const answering = requests.send(packed.request, cut, signal)
    return { packed, number: route.nextNumber(), sentMs, byteCount: cut.byteCount, answering }
  }

  /** The request was answered. */
  leave(sending: Sending, answered: Answered, { window }: Route): void {
    const { tally, clock } = this.#parts
    tally.answered(answered, clock.monotonic() - sending.sentMs)
    const afterMs = afterOf(answered)
    window.leave(endingOf(answered), afterMs === 0 ? sending : { ...sending, afterMs })
  }

  /** It is known what became of the request's entries. */
  settle(cut: Cut, { number }: Sending, outcome: Settled, route: Route): void {
    this.#parts.tally.settled(outcome, cut.entryCount)
    if (hasAccepted(outcome, cut)) route.accept(number)
  }
}

import type { Clock } from '../lib/clock.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Log } from '../model/log.ts'
import type { SinkFault } from '../model/sink.ts'
import { Place } from './place.ts'
import { SendWindow } from './send-window.ts'

/** Milliseconds without a failure until a trouble is over; failures in between count as the same one. */
const WELL_AFTER_MS = 10_000

/** Maximum number of batches without a slot that wait for other entries to be accepted. */
export const ASIDE_BATCHES = 16
/**
 * Milliseconds between two batches that give up their slots, doubled each time. A later batch so contains more lines. Otherwise a container
 * that writes only refused entries for 15 s would use up all of them, and no other entries could be sent, and accepted.
 */
const ASIDE_MS = 50

export interface RouteOptions {
  readonly maxInFlight: number
  /** Maximum number of batches. */
  readonly slots: number
  /** Maximum size of a request in bytes, uncompressed. */
  readonly maxBytes: number
  /** Fields for the log that identify the destination. */
  readonly fields: object
}

/** How a failure is logged. */
export interface FailureReport {
  /** `error` if a person must act. */
  readonly level: 'warn' | 'error'
  readonly message: string
  readonly error: string
}

/** The delivery state of one partition: its batches in flight, its send window, and its recent failures. */
export class Route {
  readonly window: SendWindow
  /** Called when entries are accepted. Not a promise: each wait for it would stay in memory until then, 17 MB a day. */
  readonly onAccept = new Set<() => void>()
  readonly #options: RouteOptions
  readonly #clock: Clock
  readonly #log: Log
  readonly #trouble: Trouble
  /** Counts requests and refusals, to know which came first. */
  #number = 0
  #acceptedNumber = 0
  #doubtedNumber = 0
  #sent = 0
  /** Batches that hold a slot, oldest first. */
  readonly #unacked = new Set<Place>()
  /** Batches without a slot: their refused entries wait until others are accepted. */
  readonly #aside = new Set<Place>()
  #asideMs = Number.NEGATIVE_INFINITY
  #last: Place | undefined
  #faultWords: string | undefined

  constructor(options: RouteOptions, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#options = options
    this.#clock = clock
    this.window = new SendWindow({ ...options, clock })
    this.#log = log
    this.#trouble = new Trouble(clock, { quietMs: WELL_AFTER_MS })
  }

  /**
   * Whether another batch can be sent. A batch that is acked before an older one keeps its slot until that one is acked too. So one batch
   * that is not accepted for long stops the reading, and only a few ranges are settled beyond it. In the loss run, where a fifth of
   * the requests fail, this is no bottleneck.
   */
  get isFree(): boolean {
    if (this.#unacked.size === 0) return true
    return this.#sent - (this.#oldest()?.index ?? 0) < this.#options.slots
  }

  /** Batches that are not finished. */
  get inFlight(): number {
    return this.#unacked.size + this.#aside.size
  }

  /** Send time of the oldest batch with a slot; undefined if there is none. */
  get oldestMs(): number | undefined {
    return this.#oldest()?.sentMs
  }

  #oldest(): Place | undefined {
    return this.#unacked.values().next().value
  }

  /** The fault of the last try; undefined if it succeeded. */
  get fault(): SinkFault | undefined {
    return this.#trouble.fault
  }

  /** What went wrong at the last failure, in words. */
  get faultWords(): string | undefined {
    return this.#faultWords
  }

  /** Reports a failed try. It is logged once per kind and trouble. */
  fail(kind: string, { level, message, error }: FailureReport): void {
    this.#faultWords = error
    if (this.#trouble.note(kind)) this.#log[level](message, { ...this.#options.fields, error })
  }

  /** Reports a try that succeeded. */
  succeed(): void {
    const failures = this.#trouble.end()
    if (failures > 0) this.#log.info('the destination accepts entries again', { ...this.#options.fields, failures })
  }

  /** Takes a slot; give it back with `leave`. */
  enter(): Place {
    // If only one request is allowed at a time, batches keep their order.
    const before = this.#options.maxInFlight > 1 ? undefined : this.#last?.over()
    const place = new Place(this, { index: this.#sent, sentMs: this.#clock.monotonic(), before })
    this.#last = place
    this.#sent += 1
    this.#unacked.add(place)
    return place
  }

  leave(place: Place): void {
    this.#unacked.delete(place)
    this.#aside.delete(place)
  }

  /** Lets later batches pass this one, which also gives up its slot unless too many have. Returns whether it did so now. */
  setAside(place: Place): boolean {
    place.letPass()
    const nowMs = this.#clock.monotonic()
    const count = this.#aside.size
    const isEarly = count >= ASIDE_BATCHES || nowMs - this.#asideMs < ASIDE_MS * 2 ** count
    if (isEarly || !this.#unacked.delete(place)) return false
    this.#aside.add(place)
    this.#asideMs = nowMs
    return true
  }

  /** A number for a request when it is sent, or for a refusal when it arrives. */
  nextNumber(): number {
    this.#number += 1
    return this.#number
  }

  /** Entries of the request with that number were accepted. */
  accept(number: number): void {
    this.#acceptedNumber = Math.max(this.#acceptedNumber, number)
    for (const tell of this.onAccept) tell()
  }

  /** A single entry was refused: either the entry or the destination is at fault. */
  doubt(number: number): void {
    this.#doubtedNumber = Math.max(this.#doubtedNumber, number)
  }

  /** Whether a request that was sent after that refusal was accepted. If so, the refused entry is at fault. */
  hasAcceptedAfter(refusal: number): boolean {
    return this.#acceptedNumber > refusal
  }

  /** Whether a single entry was refused, and nothing sent later has been accepted. */
  get refusesAll(): boolean {
    return this.#doubtedNumber > this.#acceptedNumber
  }
}

import type { Clock } from '../lib/clock.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Log } from '../model/log.ts'
import type { SinkFault } from '../model/sink.ts'
import { Place } from './place.ts'
import { SendWindow } from './send-window.ts'

/** Milliseconds without a failure after which all is well again; until then failures between successes are one episode. */
const WELL_AFTER_MS = 10_000

/** Batches of a route whose rest waits for others to be accepted, and which hold no slot meanwhile. */
export const ASIDE_BATCHES = 16
/**
 * Milliseconds between two of them, doubled for each. The more there are, the more lines are read into the next: so a container that writes
 * nothing but poison for a quarter of a minute does not fill them all, behind which no entry could be accepted.
 */
const ASIDE_MS = 50

export interface RouteOptions {
  readonly maxInFlight: number
  /** Batches at a time. */
  readonly slots: number
  /** Bytes of a request, before it is packed. */
  readonly maxBytes: number
  /** Which destination it is, for the log. */
  readonly fields: object
}

/** What is said of a failure. */
export interface FailureReport {
  /** `error` where a person must act. */
  readonly level: 'warn' | 'error'
  readonly message: string
  readonly error: string
}

/** The way of one partition's batches: what is on it, how fast it goes, and what is known of how it ends. */
export class Route {
  readonly window: SendWindow
  /** Called when entries are accepted. A promise would keep each wait for it until then: 17 MB a day. */
  readonly onAccept = new Set<() => void>()
  readonly #options: RouteOptions
  readonly #clock: Clock
  readonly #log: Log
  readonly #trouble: Trouble
  /** Counts requests and refusals, to tell which came first. */
  #number = 0
  #acceptedNumber = 0
  #doubtedNumber = 0
  #sent = 0
  /** Batches that hold a slot; the oldest comes first. */
  readonly #unacked = new Set<Place>()
  /** Batches without a slot, whose rest waits for others to be accepted. */
  readonly #aside = new Set<Place>()
  #asideMs = Number.NEGATIVE_INFINITY
  #last: Place | undefined

  constructor(options: RouteOptions, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#options = options
    this.#clock = clock
    this.window = new SendWindow({ ...options, clock })
    this.#log = log
    this.#trouble = new Trouble(clock, { quietMs: WELL_AFTER_MS })
  }

  /**
   * Whether it takes another batch. One that is acked before an older one keeps its slot until that is acked too. So one batch that is
   * not taken for long stops the reading, and what is settled beyond it is a few ranges at the most. In the loss run, where a fifth of
   * the requests fail, that is no bottleneck.
   */
  get isFree(): boolean {
    if (this.#unacked.size === 0) return true
    return this.#sent - (this.#oldest()?.index ?? 0) < this.#options.slots
  }

  /** Batches that are not done with. */
  get inFlight(): number {
    return this.#unacked.size + this.#aside.size
  }

  /** When the oldest batch that holds a slot was sent; undefined when none does. */
  get oldestMs(): number | undefined {
    return this.#oldest()?.sentMs
  }

  #oldest(): Place | undefined {
    return this.#unacked.values().next().value
  }

  /** What the last try met; undefined when it succeeded. */
  get fault(): SinkFault | undefined {
    return this.#trouble.fault
  }

  /** A try has failed: said once per kind and episode instead of once per try. */
  fail(kind: string, { level, message, error }: FailureReport): void {
    if (this.#trouble.note(kind)) this.#log[level](message, { ...this.#options.fields, error })
  }

  /** A try has succeeded. */
  succeed(): void {
    const failures = this.#trouble.end()
    if (failures > 0) this.#log.info('the destination takes entries again', { ...this.#options.fields, failures })
  }

  /** A slot for a batch, to be given back with `leave`. With one request at a time, `before` is to be waited for first, so that batches keep their order. */
  enter(): { readonly place: Place; readonly before: Promise<void> | undefined } {
    const place = new Place(this, this.#sent, this.#clock.monotonic())
    const before = this.#options.maxInFlight > 1 ? undefined : this.#last?.over()
    this.#last = place
    this.#sent += 1
    this.#unacked.add(place)
    return { place, before }
  }

  leave(place: Place): void {
    place.letPass()
    this.#unacked.delete(place)
    this.#aside.delete(place)
  }

  /** The batch goes on behind others, and without its slot if there are not too many of them. Returns whether it just gave that away. */
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

  /** The number of a request that is sent now, or of a refusal that came now. */
  nextNumber(): number {
    this.#number += 1
    return this.#number
  }

  /** Entries of the request with that number were accepted. */
  accept(number: number): void {
    this.#acceptedNumber = Math.max(this.#acceptedNumber, number)
    for (const tell of this.onAccept) tell()
  }

  /** A single entry was refused, which may be its own fault or the destination's. */
  doubt(number: number): void {
    this.#doubtedNumber = Math.max(this.#doubtedNumber, number)
  }

  /** Whether a request that was sent after that refusal was accepted: then what was refused is at fault. */
  hasAcceptedAfter(refusal: number): boolean {
    return this.#acceptedNumber > refusal
  }

  /** Whether a single entry was refused, and nothing that was sent later has been accepted. */
  get refusesAll(): boolean {
    return this.#doubtedNumber > this.#acceptedNumber
  }
}

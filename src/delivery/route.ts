import type { Clock } from '../lib/clock.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Log } from '../model/log.ts'
import type { SinkFault } from '../model/sink.ts'
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

/** A batch's place in the order of batches. */
export interface Turn {
  readonly before: Promise<void> | undefined
  end(): void
}

const ANY_ORDER: Turn = { before: undefined, end: () => {} }

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
  /** Of each batch that holds a slot, how many had been sent before it, and when it was sent; the oldest comes first. */
  readonly #unacked = new Map<number, number>()
  /** Batches without a slot, whose rest waits for others to be accepted. */
  readonly #aside = new Set<number>()
  #asideMs = Number.NEGATIVE_INFINITY
  #lastTurn: Promise<void> | undefined

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
    const [oldest = this.#sent] = this.#unacked.keys()
    return this.#sent - oldest < this.#options.slots
  }

  /** Batches that are not done with. */
  get inFlight(): number {
    return this.#unacked.size + this.#aside.size
  }

  /** When the oldest batch that holds a slot was sent; undefined when none does. */
  get oldestMs(): number | undefined {
    const [sentMs] = this.#unacked.values()
    return sentMs
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

  /** A slot for a batch; to be given back with `leave`. */
  enter(): number {
    const slot = this.#sent
    this.#sent += 1
    this.#unacked.set(slot, this.#clock.monotonic())
    return slot
  }

  leave(slot: number): void {
    this.#unacked.delete(slot)
    this.#aside.delete(slot)
  }

  /** The batch goes on without its slot, so that others can be sent. Returns whether it just gave it away. */
  setAside(slot: number): boolean {
    const nowMs = this.#clock.monotonic()
    const count = this.#aside.size
    const isEarly = count >= ASIDE_BATCHES || nowMs - this.#asideMs < ASIDE_MS * 2 ** count
    if (isEarly || !this.#unacked.delete(slot)) return false
    this.#aside.add(slot)
    this.#asideMs = nowMs
    return true
  }

  /**
   * With one request at a time batches keep their order: `before` is when those before are done, undefined if they are; `end` is to be called
   * when this one is.
   */
  turn(): Turn {
    if (this.#options.maxInFlight > 1) return ANY_ORDER
    const before = this.#lastTurn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#lastTurn = promise
    const end = () => {
      if (this.#lastTurn === promise) this.#lastTurn = undefined
      resolve()
    }
    return { before, end }
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

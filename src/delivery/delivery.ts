import type { Clock } from '../lib/clock.ts'
import { Histogram } from '../lib/histogram.ts'
import { closedError } from '../lib/sink-error.ts'
import type { Batch } from '../model/batch.ts'
import type { Log } from '../model/log.ts'
import type { Format, SinkFault, Transport } from '../model/sink.ts'
import { BatchDelivery, type BatchDeliveryParts } from './batch-delivery.ts'
import type { Compression } from './compression.ts'
import { type DeadLetterOptions, DeadLetters } from './dead-letters.ts'
import { fitEntries } from './fit-entries.ts'
import type { Place } from './place.ts'
import { Requests } from './requests.ts'
import { Route } from './route.ts'
import { Sender } from './sender.ts'
import { Tally } from './tally.ts'

/** Seconds from sending a batch to its ack. A pipe takes it in one millisecond; after an outage it can be minutes. */
const LATENCY_LIMITS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300]
/** Partitions to remember that have nothing in flight. */
const IDLE_ROUTES = 64

/** A destination, as configured. */
export interface Sink {
  readonly name: string
  readonly format: Format
  readonly transport: Transport
  readonly compression: Compression
  /** Milliseconds to keep retrying entries that are not accepted, before they become dead letters; 0: for ever. */
  readonly retryFor: number
  readonly deadLetter: DeadLetterOptions
}

export interface DeliveryParts<B extends Batch = Batch> {
  readonly clock: Clock
  readonly log: Log
  /** Called once per batch, in the order of the acks. If it throws, this counts as a permanent failure of the sink. */
  onAck(batch: B): void
  /** Called when a waiting batch gives up its slot, so that another one of its partition can be sent. */
  onAside?(): void
}

/**
 * Sends batches, as many at a time as the destination allows, and reports each ack: when nothing of a batch is left to send.
 * Contains what all sinks have in common: slots, retries, splitting, dead letters.
 */
export class Delivery<B extends Batch = Batch> {
  readonly latencySeconds = new Histogram(LATENCY_LIMITS)
  readonly #sink: Sink
  readonly #parts: DeliveryParts<B>
  readonly #requests: Requests
  readonly #deadLetters: DeadLetters
  /** Shared by all batches. */
  readonly #shared: BatchDeliveryParts
  readonly #routes = new Map<string, Route>()
  readonly #closing = new AbortController()
  readonly #counters = { batches: 0, entries: 0, bytes: 0 }
  readonly #tally = new Tally()
  #failure: { readonly error: unknown } | undefined
  /** Somebody waits in `changed`. */
  #change: PromiseWithResolvers<void> | undefined

  constructor(sink: Sink, parts: DeliveryParts) {
    this.#sink = sink
    this.#parts = parts
    this.#requests = new Requests({ ...sink, ...parts })
    const record = sink.format.record.bind(sink.format)
    const { signal } = this.#closing
    const { limits } = sink.format
    this.#deadLetters = new DeadLetters(sink.deadLetter, { ...parts, sink: sink.name, record, signal })
    const common = { requests: this.#requests, limits, clock: parts.clock, signal, tally: this.#tally }
    this.#shared = {
      ...common,
      sender: new Sender({
        ...common,
        isApart: (head, bytes) => sink.format.isApart?.(head, bytes, parts.clock.now()) ?? false,
      }),
      deadLetters: this.#deadLetters,
      retryFor: sink.retryFor,
      onDoubt: this.#setAside.bind(this),
    }
  }

  get name(): string {
    return this.#sink.name
  }

  get destination(): string {
    return this.#sink.transport.name
  }

  /** See Tally. */
  get complaint(): string | undefined {
    return this.#tally.complaint
  }

  /** Counters of batches and bytes include only finished batches. */
  get counters() {
    return { ...this.#counters, ...this.#tally.counters, ...this.#requests.counters, ...this.#deadLetters.counters }
  }

  /** See Tally. */
  get reasons() {
    return this.#tally.reasons
  }

  /** Seconds from sending a request to its answer, by outcome. */
  get requestSeconds() {
    return this.#tally.requestSeconds
  }

  /** Whether a batch of that partition can be sent now; this is the back-pressure. Throws the transport's permanent failure. */
  isFree(partition: string): boolean {
    this.#throwFailure()
    return this.#routes.get(partition)?.isFree ?? true
  }

  /** Batches of that partition that are sent and not acked. */
  inFlightOf(partition: string): number {
    return this.#routes.get(partition)?.inFlight ?? 0
  }

  /** Whether nothing is in flight. Throws as `isFree` does. */
  get isDrained(): boolean {
    this.#throwFailure()
    return this.inFlight === 0
  }

  /** Batches that are sent and not acked. */
  get inFlight(): number {
    return sum(this.#routes.values(), ({ inFlight }) => inFlight)
  }

  /** Requests sent and not answered. */
  get requestsInFlight(): number {
    return sum(this.#routes.values(), ({ window }) => window.inFlight)
  }

  /** What the partitions' send windows allow now: requests at a time, all together, and bytes of the smallest limit. */
  get window(): { readonly requests: number; readonly bytes: number } {
    const windows = Array.from(this.#routes.values(), ({ window }) => window)
    const { transport, format } = this.#sink
    if (windows.length === 0) return { requests: transport.maxInFlight, bytes: format.limits.requestBytes }
    return {
      requests: sum(windows, ({ limit }) => limit),
      bytes: Math.min(...windows.map(({ maxBytes }) => maxBytes)),
    }
  }

  /** Age in milliseconds of the oldest batch in flight, preferably of partitions without a fault; 0 if there is none. */
  get oldestMs(): number {
    const nowMs = this.#parts.clock.monotonic()
    const busy = this.#busyRoutes
    const working = busy.filter(({ fault }) => fault === undefined)
    return Math.max(0, ...(working.length > 0 ? working : busy).map(({ oldestMs = nowMs }) => nowMs - oldestMs))
  }

  /** Why nothing is accepted: a fault of the dead letter file, or of the destination, if it affects all partitions in flight. */
  get fault(): SinkFault | undefined {
    if (this.#deadLetters.fault !== undefined) return this.#deadLetters.fault
    const busy = this.#busyRoutes
    const faults = (busy.length > 0 ? busy : [...this.#routes.values()]).map(({ fault }) => fault)
    return faults.every((fault) => fault !== undefined) ? faults[0] : undefined
  }

  /** The fault in words, in one line, and for how many milliseconds it has lasted. */
  get failing(): { readonly reason: string; readonly forMs: number } | undefined {
    const { fault } = this
    if (fault === undefined) return undefined
    const route = [...this.#routes.values()].find((route) => route.fault === fault)
    return { reason: route?.faultWords ?? fault.kind, forMs: this.#parts.clock.monotonic() - fault.sinceMs }
  }

  /** Resolves at the next ack, failure or `poke`, or when a batch gives up its slot. */
  changed(): Promise<void> {
    this.#change ??= Promise.withResolvers()
    return this.#change.promise
  }

  /** Ends a wait in `changed`. */
  poke(): void {
    this.#change?.resolve()
    this.#change = undefined
  }

  /** A batch without entries only moves positions; it needs neither the destination nor a slot. `isFree` and `isDrained` report a failure. */
  send(batch: B): void {
    if (batch.entryCount === 0) {
      this.#ack(batch)
      return
    }
    const place = this.#routeOf(batch.partition).enter()
    const { before } = place
    try {
      const delivering =
        before === undefined ? this.#deliver(batch, place) : before.then(() => this.#deliver(batch, place))
      if (delivering === undefined) this.#end(batch, place)
      else
        void delivering.then(
          () => this.#end(batch, place),
          (error: unknown) => this.#fail(error, place),
        )
    } catch (error) {
      this.#fail(error, place)
    }
  }

  /** Drops what is in flight: it was not acked. */
  async close(): Promise<void> {
    this.#closing.abort(closedError())
    await this.#deadLetters.close()
    await this.#sink.transport.close()
  }

  /** Undefined if all is done at once: not async, as each await costs a batch some microseconds. */
  #deliver(whole: B, place: Place): Promise<void> | undefined {
    this.#closing.signal.throwIfAborted()
    const fitted = fitEntries(whole, this.#sink.format)
    if (fitted !== undefined) this.#tally.counters.shortenedEntries += fitted.shortenedCount
    const batch = fitted?.batch ?? whole
    const left = this.#shared.sender.sendWhole(batch, place.route)
    return left.length === 0 ? undefined : new BatchDelivery(batch, place, left, this.#shared).run()
  }

  /** Nothing of the batch is left to send. Never throws. */
  #end(batch: B, place: Place): void {
    this.latencySeconds.add((this.#parts.clock.monotonic() - place.sentMs) / 1000)
    place.route.leave(place)
    place.letPass()
    this.#ack(batch)
  }

  #ack(batch: B): void {
    this.#counters.batches += 1
    this.#counters.entries += batch.entryCount
    this.#counters.bytes += batch.bytes.length
    try {
      this.#parts.onAck(batch)
    } catch (error) {
      this.#failure ??= { error }
    }
    this.poke()
  }

  #fail(error: unknown, place: Place): void {
    place.letPass()
    this.#failure ??= { error }
    this.poke()
  }

  /** Called when each remaining entry of the batch was refused alone. */
  #setAside(place: Place): void {
    if (!place.route.setAside(place)) return
    this.#parts.onAside?.()
    this.poke()
  }

  #routeOf(partition: string): Route {
    const known = this.#routes.get(partition)
    if (known !== undefined) return known
    const { transport, format, name } = this.#sink
    const fields = { sink: name, destination: transport.name, ...(partition !== '' && { tenant: partition }) }
    const { maxInFlight, slots } = transport
    const options = { maxInFlight, slots, maxBytes: format.limits.requestBytes, fields }
    const route = new Route(options, this.#parts)
    if (this.#routes.size >= IDLE_ROUTES) this.#forgetIdle()
    this.#routes.set(partition, route)
    return route
  }

  #forgetIdle(): void {
    for (const [partition, { inFlight }] of this.#routes) if (inFlight === 0) this.#routes.delete(partition)
  }

  get #busyRoutes(): Route[] {
    return [...this.#routes.values()].filter(({ inFlight }) => inFlight > 0)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

function sum<T>(all: Iterable<T>, figure: (one: T) => number): number {
  let total = 0
  for (const one of all) total += figure(one)
  return total
}

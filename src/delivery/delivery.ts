import type { Clock } from '../lib/clock.ts'
import { Histogram } from '../lib/histogram.ts'
import { closedError } from '../lib/sink-error.ts'
import type { Batch } from '../model/batch.ts'
import type { Log } from '../model/log.ts'
import type { Format, SinkFault, Transport } from '../model/sink.ts'
import { BatchDelivery, type BatchDeliveryParts } from './batch-delivery.ts'
import type { Compression } from './compression.ts'
import { type DeadLetterOptions, DeadLetters } from './dead-letters.ts'
import type { Place } from './place.ts'
import { Requests } from './requests.ts'
import { Route } from './route.ts'

/** Seconds from the sending of a batch to its ack. A pipe takes it in one millisecond, a destination that is down after minutes. */
const LATENCY_LIMITS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300]
/** Partitions that are remembered while nothing of theirs is on the way. */
const IDLE_ROUTES = 64

/** A destination, as the configuration describes it. */
export interface Sink {
  readonly name: string
  readonly format: Format
  readonly transport: Transport
  readonly compression: Compression
  /** Milliseconds for which entries that are not taken are sent again until they become dead letters; 0: for ever. */
  readonly retryFor: number
  readonly deadLetter: DeadLetterOptions
}

export interface DeliveryParts {
  readonly clock: Clock
  readonly log: Log
  /** Called once for each batch, in the order of the acks; what it throws counts as a failure of the sink. */
  onAck(batch: Batch): void
  /** Called when a batch that waits gives its slot away: another of its partition can be sent. */
  onAside?(): void
}

/**
 * Sends batches, as many at a time as the destination takes, and passes on each ack as it comes: when nothing of a batch is left to send.
 * All that sinks have in common is here: slots, retries, splitting, dead letters.
 */
export class Delivery {
  readonly latencySeconds = new Histogram(LATENCY_LIMITS)
  readonly #sink: Sink
  readonly #parts: DeliveryParts
  readonly #requests: Requests
  readonly #deadLetters: DeadLetters
  /** What all batches need. */
  readonly #shared: BatchDeliveryParts
  readonly #routes = new Map<string, Route>()
  readonly #closing = new AbortController()
  readonly #counters = { batches: 0, entries: 0, bytes: 0, retries: 0 }
  #failure: { readonly error: unknown } | undefined
  #change = Promise.withResolvers<void>()

  constructor(sink: Sink, parts: DeliveryParts) {
    this.#sink = sink
    this.#parts = parts
    this.#requests = new Requests({ ...sink, ...parts })
    const record = sink.format.record.bind(sink.format)
    const { signal } = this.#closing
    this.#deadLetters = new DeadLetters(sink.deadLetter, { ...parts, sink: sink.name, record, signal })
    this.#shared = {
      requests: this.#requests,
      deadLetters: this.#deadLetters,
      limits: sink.format.limits,
      retryFor: sink.retryFor,
      clock: parts.clock,
      signal,
      onRetry: () => {
        this.#counters.retries += 1
      },
      onDoubt: this.#setAside.bind(this),
    }
  }

  get name(): string {
    return this.#sink.name
  }

  /** Batches and what they held are those that are done with. */
  get counters() {
    const { requests, packedBytes } = this.#requests.counters
    return { ...this.#counters, requests, packedBytes, ...this.#deadLetters.counters }
  }

  /** Whether a batch of that partition can be sent now: the back-pressure. Throws what the transport rejected with. */
  isFree(partition: string): boolean {
    this.#throwFailure()
    return this.#routes.get(partition)?.isFree ?? true
  }

  /** Batches of that partition that are sent and not acked. */
  inFlightOf(partition: string): number {
    return this.#routes.get(partition)?.inFlight ?? 0
  }

  /** Whether nothing is in flight any more; throws as `isFree` does. */
  get isDrained(): boolean {
    this.#throwFailure()
    return this.inFlight === 0
  }

  /** Batches that are sent and not acked. */
  get inFlight(): number {
    return sum(this.#routes.values(), ({ inFlight }) => inFlight)
  }

  /** Requests on the way. */
  get requestsInFlight(): number {
    return sum(this.#routes.values(), ({ window }) => window.inFlight)
  }

  /** For how many milliseconds the oldest batch has been in flight, of partitions that work, if any does; 0 when none is. */
  get oldestMs(): number {
    const nowMs = this.#parts.clock.monotonic()
    const busy = this.#busyRoutes
    const working = busy.filter(({ fault }) => fault === undefined)
    return Math.max(0, ...(working.length > 0 ? working : busy).map(({ oldestMs = nowMs }) => nowMs - oldestMs))
  }

  /** What keeps entries from being taken: the file for those that are refused, or the destination, for all partitions on the way. */
  get fault(): SinkFault | undefined {
    if (this.#deadLetters.fault !== undefined) return this.#deadLetters.fault
    const busy = this.#busyRoutes
    const faults = (busy.length > 0 ? busy : [...this.#routes.values()]).map(({ fault }) => fault)
    return faults.every((fault) => fault !== undefined) ? faults[0] : undefined
  }

  /** Resolves at the next ack, failure or `poke`, and when a batch gives its slot away. */
  changed(): Promise<void> {
    return this.#change.promise
  }

  /** Ends a wait in `changed`. */
  poke(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers()
  }

  /** A batch without entries, which only moves positions, needs neither destination nor slot. */
  send(batch: Batch): void {
    void this.#deliver(batch)
  }

  /** What is on the way is given up: it was not acked. */
  async close(): Promise<void> {
    this.#closing.abort(closedError())
    await this.#deadLetters.close()
    await this.#sink.transport.close()
  }

  /** Never rejects: whoever waits for room is told of a failure. */
  async #deliver(batch: Batch): Promise<void> {
    try {
      if (batch.entryCount > 0) {
        const { place, before } = this.#routeOf(batch.partition).enter()
        try {
          if (before !== undefined) await before
          this.#closing.signal.throwIfAborted()
          await new BatchDelivery(batch, place, this.#shared).run()
          this.latencySeconds.add((this.#parts.clock.monotonic() - place.sentMs) / 1000)
          place.route.leave(place)
        } finally {
          place.letPass()
        }
      }
      this.#counters.batches += 1
      this.#counters.entries += batch.entryCount
      this.#counters.bytes += batch.bytes.length
      this.#parts.onAck(batch)
    } catch (error) {
      this.#failure ??= { error }
    }
    this.poke()
  }

  /** All that is left of the batch was refused by itself. */
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

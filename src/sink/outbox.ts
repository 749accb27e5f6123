import type { Clock } from '../lib/clock.ts'
import { Histogram } from '../lib/histogram.ts'
import type { Batch, Sink } from '../model.ts'

/** Seconds from the sending of a batch to its ack. A pipe takes it in one millisecond, a destination that is down after minutes. */
const LATENCY_LIMITS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300]

/** Sends batches, as many at a time as the sink has slots, and passes on each ack as it comes. */
export class Outbox {
  readonly counters = { batches: 0, entries: 0, bytes: 0 }
  /** Retries included; batches without entries, which are not sent, left out. */
  readonly latencySeconds = new Histogram(LATENCY_LIMITS)
  readonly #sink: Sink
  readonly #clock: Clock
  readonly #onAck: (batch: Batch) => void
  #sent = 0
  /** Of each batch in flight, how many had been sent before it, and when it was sent; the oldest comes first. */
  readonly #unacked = new Map<number, number>()
  #failure: { readonly error: unknown } | undefined
  #change = Promise.withResolvers<void>()

  /** `onAck` is called once for each batch, in the order of the acks; what it throws counts as a failure of the sink. */
  constructor(sink: Sink, options: { readonly clock: Clock; onAck(batch: Batch): void }) {
    this.#sink = sink
    this.#clock = options.clock
    this.#onAck = options.onAck
  }

  /**
   * Whether a batch can be sent now: the back-pressure. Throws what the sink rejected with.
   *
   * A batch that is acked before an older one keeps its slot until that is acked too. So one batch that is refused for long stops
   * the reading, and what is settled beyond it is a few ranges at the most. In the loss run, where a fifth of the requests fail,
   * that is no bottleneck.
   */
  get isFree(): boolean {
    this.#throwFailure()
    const [oldest = this.#sent] = this.#unacked.keys()
    return this.#sent - oldest < this.#sink.slots
  }

  /** Whether nothing is in flight any more; throws as `isFree` does. */
  get isDrained(): boolean {
    this.#throwFailure()
    return this.#unacked.size === 0
  }

  get inFlight(): number {
    return this.#unacked.size
  }

  /** For how many milliseconds the oldest batch has been in flight; 0 when none is. */
  get oldestMs(): number {
    const nowMs = this.#clock.monotonic()
    const [sentMs = nowMs] = this.#unacked.values()
    return nowMs - sentMs
  }

  /** Resolves at the next ack, failure or `poke`. */
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

  /** Never rejects: whoever waits for room is told of a failure. */
  async #deliver(batch: Batch): Promise<void> {
    const number = this.#sent
    try {
      if (batch.entryCount > 0) {
        this.#sent += 1
        const sentMs = this.#clock.monotonic()
        this.#unacked.set(number, sentMs)
        await this.#sink.write(batch)
        this.#unacked.delete(number)
        this.latencySeconds.add((this.#clock.monotonic() - sentMs) / 1000)
      }
      this.counters.batches += 1
      this.counters.entries += batch.entryCount
      this.counters.bytes += batch.bytes.length
      this.#onAck(batch)
    } catch (error) {
      this.#failure ??= { error }
    }
    this.poke()
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

import type { Batch, Sink } from '../model.ts'

interface InFlight {
  readonly batch: Batch
  isAcked: boolean
}

/** Sends batches, as many at a time as the sink has slots, and passes on their acks in the order in which they were sent. */
export class Outbox {
  readonly counters = { batches: 0, entries: 0, bytes: 0 }
  readonly #sink: Sink
  readonly #onAck: (batch: Batch) => void
  readonly #inFlight: InFlight[] = []
  #failure: { readonly error: unknown } | undefined
  #change = Promise.withResolvers<void>()

  /** `onAck` is called once for each batch, in order; what it throws counts as a failure of the sink. */
  constructor(sink: Sink, options: { onAck(batch: Batch): void }) {
    this.#sink = sink
    this.#onAck = options.onAck
  }

  /** Whether a batch can be sent now: the back-pressure. Throws what the sink rejected with. */
  get isFree(): boolean {
    return this.#inFlightNow() < this.#sink.slots
  }

  /** Whether nothing is in flight any more; throws as `isFree` does. */
  get isDrained(): boolean {
    return this.#inFlightNow() === 0
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

  /** A batch without entries, which only moves positions, needs no destination but keeps its place in the order. */
  send(batch: Batch): void {
    const sent: InFlight = { batch, isAcked: false }
    this.#inFlight.push(sent)
    void this.#deliver(sent)
  }

  /** Never rejects: whoever waits for room is told of a failure. */
  async #deliver(sent: InFlight): Promise<void> {
    try {
      if (sent.batch.entryCount > 0) await this.#sink.write(sent.batch)
      sent.isAcked = true
      // An ack may come after a later batch has failed, and counts; one behind the failed batch never does.
      while (this.#inFlight[0]?.isAcked) this.#commit(this.#inFlight[0].batch)
    } catch (error) {
      this.#failure ??= { error }
    }
    this.poke()
  }

  #commit(batch: Batch): void {
    this.#inFlight.shift()
    this.counters.batches += 1
    this.counters.entries += batch.entryCount
    this.counters.bytes += batch.bytes.length
    this.#onAck(batch)
  }

  #inFlightNow(): number {
    if (this.#failure !== undefined) throw this.#failure.error
    return this.#inFlight.length
  }
}

import type { Batch, Sink } from '../model.ts'

/** Sends batches, as many at a time as the sink has slots, and passes on each ack as it comes. */
export class Outbox {
  readonly counters = { batches: 0, entries: 0, bytes: 0 }
  readonly #sink: Sink
  readonly #onAck: (batch: Batch) => void
  #sent = 0
  /** Of each batch in flight, how many had been sent before it; the oldest comes first. */
  readonly #unacked = new Set<number>()
  #failure: { readonly error: unknown } | undefined
  #change = Promise.withResolvers<void>()

  /** `onAck` is called once for each batch, in the order of the acks; what it throws counts as a failure of the sink. */
  constructor(sink: Sink, options: { onAck(batch: Batch): void }) {
    this.#sink = sink
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
    const [oldest = this.#sent] = this.#unacked
    return this.#sent - oldest < this.#sink.slots
  }

  /** Whether nothing is in flight any more; throws as `isFree` does. */
  get isDrained(): boolean {
    this.#throwFailure()
    return this.#unacked.size === 0
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
        this.#unacked.add(number)
        await this.#sink.write(batch)
        this.#unacked.delete(number)
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

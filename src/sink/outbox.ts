import type { Batch, Sink } from '../model.ts'

interface InFlight {
  readonly batch: Batch
  isAcked: boolean
}

/** Sends batches, some at a time, and passes on their acks in the order in which they were sent. */
export class Outbox {
  readonly counters = { batches: 0, entries: 0, bytes: 0 }
  readonly #sink: Sink
  readonly #slots: number
  readonly #onAck: (batch: Batch) => void
  readonly #inFlight: InFlight[] = []
  #failure: { readonly error: unknown } | undefined
  #onChange: () => void = () => {}

  /** `slots`: how many batches may be in flight; `onAck` is called once for each, in order. */
  constructor(sink: Sink, options: { readonly slots: number; onAck(batch: Batch): void }) {
    this.#sink = sink
    this.#slots = options.slots
    this.#onAck = options.onAck
  }

  /** Resolves when a batch can be sent: the back-pressure. Rejects with what the sink rejected with. */
  free(): Promise<void> {
    return this.#until(() => this.#inFlight.length < this.#slots)
  }

  /** Resolves when nothing is in flight any more. */
  drained(): Promise<void> {
    return this.#until(() => this.#inFlight.length === 0)
  }

  /** A batch without entries, which only moves positions, needs no destination but keeps its place in the order. */
  send(batch: Batch): void {
    const sent: InFlight = { batch, isAcked: false }
    this.#inFlight.push(sent)
    const written = batch.entryCount === 0 ? Promise.resolve() : this.#sink.write(batch)
    written.then(
      () => this.#acked(sent),
      (error: unknown) => {
        this.#failure ??= { error }
        this.#onChange()
      },
    )
  }

  #acked(sent: InFlight): void {
    sent.isAcked = true
    while (this.#inFlight[0]?.isAcked) {
      const { batch } = this.#inFlight.shift() as InFlight
      this.counters.batches += 1
      this.counters.entries += batch.entryCount
      this.counters.bytes += batch.bytes.length
      this.#onAck(batch)
    }
    this.#onChange()
  }

  async #until(isTrue: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error
      if (isTrue()) return
      await new Promise<void>((resolve) => {
        this.#onChange = resolve
      })
    }
  }
}

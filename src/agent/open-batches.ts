import type { BatchBuilder } from '../pipeline/batch-builder.ts'

export interface OpenBatchesOptions {
  /** All batches there are. */
  readonly builders: readonly BatchBuilder[]
  /** Whether the destination takes another batch of that partition, and how many of it are on the way. */
  readonly delivery: { isFree(partition: string): boolean; inFlightOf(partition: string): number }
  /** The partition of all entries; undefined where there can be several. */
  readonly only: string | undefined
}

/** The batches that are being filled, one for each partition, and those that are free. */
export class OpenBatches {
  readonly #only: string | undefined
  readonly #delivery: OpenBatchesOptions['delivery']
  /** The next is the last, which was used last: the memory of those before it may never be touched. */
  readonly #free: BatchBuilder[]
  readonly #open = new Map<string, BatchBuilder>()

  constructor({ builders, delivery, only }: OpenBatchesOptions) {
    // The first ones first: their memory is next to the input's. Beginning with the others, 16 MiB away, took 15 % more CPU (measured, short lines).
    this.#free = builders.toReversed()
    this.#delivery = delivery
    this.#only = only
  }

  get isPartitioned(): boolean {
    return this.#only === undefined
  }

  /** Whether any batch could be filled now. */
  get hasRoom(): boolean {
    return this.#only === undefined ? this.#free.length > 0 : this.hasRoomFor(this.#only)
  }

  /**
   * Whether a batch of that partition can be filled now. Of several partitions one takes no more than are left for the others, so that
   * those that are not taken by the destination leave some to the rest.
   */
  hasRoomFor(partition: string): boolean {
    if (this.#open.has(partition)) return true
    const free = this.#free.length
    if (free === 0 || !this.#delivery.isFree(partition)) return false
    return !this.isPartitioned || this.#delivery.inFlightOf(partition) < free
  }

  /** The batch to fill; undefined while the destination takes no more of that partition. */
  of(partition: string): BatchBuilder | undefined {
    const open = this.#open.get(partition)
    if (open !== undefined || !this.hasRoomFor(partition)) return open
    const builder = this.#free.pop()
    if (builder === undefined) return undefined
    builder.partition = partition
    this.#open.set(partition, builder)
    return builder
  }

  /** Those that are being filled. */
  [Symbol.iterator](): Iterator<BatchBuilder> {
    return [...this.#open.values()].values()
  }

  /** It is filled no more: to be sent, or to be given back. */
  close(builder: BatchBuilder): void {
    this.#open.delete(builder.partition)
  }

  /** It can be filled again. */
  giveBack(builder: BatchBuilder): void {
    this.#free.push(builder)
  }
}

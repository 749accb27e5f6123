import type { Settling } from './checkpoint.ts'
import type { LogFile } from './log-file.ts'

/** Encoded entries, in the order in which they were read. */
export interface Batch {
  /** Entries of different partitions are delivered independently. A tenant, or empty: the default, or the only one. */
  readonly partition: string
  /** Entries end to end, without a request's frame. Owned by the batch until it is acked. */
  readonly bytes: Uint8Array
  readonly entryCount: number
  /** Where each entry ends in `bytes`. */
  readonly ends: Uint32Array
  /** Consecutive entries of one container, as far as their program tells containers apart: see Program. `to`: the place after the last one. */
  readonly heads: readonly { readonly head: Uint8Array; readonly to: number }[]
  /** What the ack of this batch settles in each file, whether or not earlier batches are acked. */
  readonly positions: ReadonlyMap<LogFile, Settling>
  /** Counts entries that became dead letters; called before the ack. Places are in [0, entryCount). */
  bury(places: Iterable<number>): void
}

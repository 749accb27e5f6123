import type { Settling } from './checkpoint.ts'
import type { LogFile } from './log-file.ts'

/** Encoded entries, in the order in which they were read. */
export interface Batch {
  /** Entries of different partitions are delivered independently. A tenant, or empty: the default, or the only one. */
  readonly partition: string
  /** Entries end to end, without a request's frame. Owned by the batch until it is acked. */
  readonly bytes: Uint8Array
  readonly entryCount: number
  /** Where each entry ends in `bytes`. Computed at the first call: most batches are sent whole. */
  ends(): Uint32Array
  /** What the ack of this batch settles in each file, whether or not earlier batches are acked. */
  readonly positions: ReadonlyMap<LogFile, Settling>
  /** Counts entries that became dead letters; called before the ack. Places are in [0, entryCount). */
  bury(places: Iterable<number>): void
}

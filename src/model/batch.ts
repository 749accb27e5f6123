import type { Settling } from './checkpoint.ts'
import type { LogFile } from './log-file.ts'

/** Encoded entries, in the order in which they were read. */
export interface Batch {
  /** Of the destination: a tenant. Entries of one are delivered apart from those of another. Empty: the only one, or the usual one. */
  readonly partition: string
  /** Entries end to end, without what stands around them in a request. Owned by the batch until it is acked. */
  readonly bytes: Uint8Array
  readonly entryCount: number
  /** Where each entry ends in `bytes`. */
  readonly ends: Uint32Array
  /** Which entries are of one container, as far as their program tells them apart: see Program. `to`: the place behind the last one. */
  readonly heads: readonly { readonly head: Uint8Array; readonly to: number }[]
  /** What is settled of each file once this batch is acked, whatever becomes of those before it. */
  readonly positions: ReadonlyMap<LogFile, Settling>
  /** Counts entries that are among the dead letters, before the ack. Places are in [0, entryCount). */
  bury(places: Iterable<number>): void
}

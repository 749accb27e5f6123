import type { ByteRange, ByteRanges } from '../lib/byte-ranges.ts'
import type { StreamName } from './stream-name.ts'

/** What of a file is settled, by stream: none of it is needed again. Offsets are uncompressed. */
export type Settled = Readonly<Record<StreamName, ByteRanges>>

/** What one batch settles of a file, by stream. */
export type Settling = Readonly<Record<StreamName, ByteRange>>

/** What is kept of a file over a restart. `isDone`: it was replaced or deleted, and all of it is settled. */
export interface Checkpoint extends Settled {
  readonly isDone: boolean
  /** Its place among the files of its log, by which it came; undefined in rows of older versions. */
  readonly order?: number | undefined
}

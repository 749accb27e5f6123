import type { ByteRange, ByteRanges } from '../lib/byte-ranges.ts'
import type { StreamName } from './stream-name.ts'

/** The settled bytes of a file, by stream: they are not read again. Offsets are uncompressed. */
export type Settled = Readonly<Record<StreamName, ByteRanges>>

/** The bytes that one batch settles in a file, by stream. */
export type Settling = Readonly<Record<StreamName, ByteRange>>

/** What is stored about a file across restarts. `isDone`: it was replaced or deleted, and all of it is settled. */
export interface Checkpoint extends Settled {
  readonly isDone: boolean
  /** Its place in the order in which the files of its log appeared; undefined in rows of older versions. */
  readonly order?: number | undefined
}

import type { Settled } from './checkpoint.ts'

/** One log file: identified by object identity while it is read, by its key across restarts. */
export interface LogFile {
  readonly path: string
  /** Container instance and fingerprint of the first line; undefined until that line is complete. */
  readonly key?: string | undefined
  /** What an earlier run has delivered: lines of a stream that begin in its ranges are skipped. */
  readonly settled?: Settled | undefined
  /** The file's length, set once nothing can be appended and all of it is read. */
  readonly end?: number | undefined
  /** Its place in the order in which the files of its log appeared. */
  readonly order?: number | undefined
}

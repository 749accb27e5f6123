import type { Settled } from './checkpoint.ts'

/** One log file, by object identity while it is read, by key over a restart. */
export interface LogFile {
  readonly path: string
  /** Container instance and fingerprint of the first line; undefined until that is whole. */
  readonly key?: string | undefined
  /** What an earlier run has delivered of it: a stream's lines that begin in there are passed over. */
  readonly settled?: Settled | undefined
  /** Its length, once nothing can follow and all of it has been read. */
  readonly end?: number | undefined
  /** Its place among the files of its log, in the order in which they were seen to come. */
  readonly order?: number | undefined
}

import type { LogFile } from './log-file.ts'

/** Bytes read from one file, starting at a line's first byte. */
export interface Chunk {
  readonly file: LogFile
  /** Owned by the reader; valid until the next read. */
  readonly bytes: Uint8Array
  /** Of `bytes[0]`, in the file. */
  readonly offset: number
  /** No byte will ever follow: a last line without a newline is whole. */
  readonly isFinal: boolean
}

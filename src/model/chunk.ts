import type { LogFile } from './log-file.ts'

/** Bytes read from one file, starting at a line's first byte. */
export interface Chunk {
  readonly file: LogFile
  /** Owned by the reader; valid until the next read. */
  readonly bytes: Uint8Array
  /** Offset of `bytes[0]` in the file. */
  readonly offset: number
  /** Nothing can be appended any more: a last line without a newline is complete. */
  readonly isFinal: boolean
}

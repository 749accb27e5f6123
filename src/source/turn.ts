import type { Chunk } from '../model/chunk.ts'
import type { LogFile } from '../model/log-file.ts'

/** Bytes that will never be read. */
export interface Loss {
  readonly kind: 'lost'
  readonly path: string
  /** Undefined when nobody can tell how many, or whether there were any. */
  readonly bytes: number | undefined
  readonly reason: string
  /** The file they were in, if it was open: it is done with, as soon as the loss has been told. */
  readonly file: LogFile | undefined
  /** Nothing may be missing at all: a line that is held may still get its end. */
  readonly isSuspected: boolean
}

/** What came of one turn. */
export type Turn =
  | { readonly kind: 'chunk'; readonly chunk: Chunk }
  | Loss
  /** Nothing new; to be asked again when woken, or after so many milliseconds. */
  | { readonly kind: 'idle'; readonly againInMs: number | undefined }
  /** The file is deleted and read to its end. */
  | { readonly kind: 'finished' }

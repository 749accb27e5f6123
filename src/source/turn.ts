import type { Chunk } from '../model/chunk.ts'
import type { LogFile } from '../model/log-file.ts'

/** Bytes that will never be read. */
export interface Loss {
  readonly kind: 'lost'
  readonly path: string
  /** Undefined if the number is unknown, or perhaps 0. */
  readonly bytes: number | undefined
  readonly reason: string
  /** Its file, if it was open: the file is done once the loss has been reported. */
  readonly file: LogFile | undefined
  /** Perhaps nothing is missing: a buffered partial line may still be completed. */
  readonly isSuspected: boolean
}

/** The result of one turn. */
export type Turn =
  | { readonly kind: 'chunk'; readonly chunk: Chunk }
  | Loss
  /** Nothing new; try again at the next event, or after so many milliseconds. */
  | { readonly kind: 'idle'; readonly againInMs: number | undefined }
  /** The file is deleted and read to its end. */
  | { readonly kind: 'finished' }

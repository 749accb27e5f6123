import type { Chunk } from '../model/chunk.ts'
import type { ParkedFile } from './parked-file.ts'

/** `left`: the link is gone, and the path belongs to another log. */
export type Place = 'linked' | 'unlinked' | 'left'

/** How a log stands. What is told of a file is told of the oldest that is open. */
export type State =
  /** Nothing is open. `isFirst`: nothing ever was. `missing`: of unread files that were closed, how many were missing then. */
  | { readonly kind: 'closed'; readonly isFirst: boolean; readonly missing?: number }
  /** Its one file is read to its end, and closed until it changes, so that others can be opened. `hasGrown`: an event said so. */
  | { readonly kind: 'parked'; readonly file: ParkedFile; readonly hasGrown: boolean }
  /** One file is open, and more is written to it, as far as is known. `gapSinceMs`: since then the path leads nowhere. */
  | { readonly kind: 'following'; readonly gapSinceMs: number | undefined }
  /**
   * No more is written to the file: newer ones are open (`rotated`), the path leads to a copy of it (`copied`), or nothing leads to it
   * (`deleted`). It is over when it is read to its end and was quiet until then.
   */
  | { readonly kind: 'ending'; readonly why: 'rotated' | 'copied' | 'deleted'; readonly quietUntilMs: number }

/** How the oldest file is being read. */
export interface Reading {
  /** The last turn met its end. */
  hasCaughtUp: boolean
  askedBytes: number
  /** Bytes after its offset that were read before and did not make a line. */
  unfinishedBytes: number
  chunk: Chunk | undefined
}

/** Nothing of the file was read yet. */
export const atBeginning = (): Reading => ({ hasCaughtUp: false, askedBytes: 0, unfinishedBytes: 0, chunk: undefined })

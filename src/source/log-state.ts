import type { Chunk } from '../model/chunk.ts'
import type { ParkedFile } from './parked-file.ts'

/** `left`: the link is gone, and another log has the path. */
export type Place = 'linked' | 'unlinked' | 'left'

/** The state of a log. File details refer to the oldest open file. */
export type State =
  /** No file is open. `isFirst`: none ever was. `missing`: number of missing files when unfinished ones were closed. */
  | { readonly kind: 'closed'; readonly isFirst: boolean; readonly missing?: number }
  /** Its only file is fully read, and closed until it changes, so that others can be opened. `hasGrown`: an event reported a write. */
  | { readonly kind: 'parked'; readonly file: ParkedFile; readonly hasGrown: boolean }
  /** One file is open, and is still being written as far as is known. `gapSinceMs`: since when nothing is at the path. */
  | { readonly kind: 'following'; readonly gapSinceMs: number | undefined }
  /**
   * The file is not written any more: newer ones are open (`rotated`), a copy of it is at the path (`copied`), or nothing leads to it
   * (`deleted`). It is finished when it is fully read and was quiet until then.
   */
  | { readonly kind: 'ending'; readonly why: 'rotated' | 'copied' | 'deleted'; readonly quietUntilMs: number }

/** The read state of the oldest file. */
export interface Reading {
  /** The last turn reached its end. */
  hasCaughtUp: boolean
  /** Where the buffer of its last read ends in memory. If the chunk ends there too, there may be more. */
  roomEnd: number
  /** Bytes after its offset that were read but were not a complete line. */
  unfinishedBytes: number
  chunk: Chunk | undefined
}

/** Nothing of the file was read yet. */
export const atBeginning = (): Reading => ({ hasCaughtUp: false, roomEnd: 0, unfinishedBytes: 0, chunk: undefined })

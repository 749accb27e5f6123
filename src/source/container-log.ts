import type { Clock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import type { Chunk, ContainerRef } from '../model.ts'
import { rotatedAfter, statIfThere } from './rotation.ts'
import { TailedFile } from './tailed-file.ts'

/** Bytes read at once, so that the other files have their turn soon. */
const TURN_BYTES = 256 * 1024
/**
 * Milliseconds for which a replaced or deleted file must have been quiet before it is over. The runtime writes to the old
 * file until it has reopened the log: 0.57 ms after the new file's first line was seen on a real node.
 */
const QUIET_MS = 50
/** Milliseconds until the next look while the path leads nowhere: between rename and create, 0.3–1.5 ms on a real node. */
const GAP_LOOK_MS = 5
/** Milliseconds after which a gap is no rotation's, and looks become rare. */
const LONG_GAP_MS = 1000
const LONG_GAP_LOOK_MS = 1000
/** Milliseconds after which a file that has neither path nor link, but still a name somewhere, is over. */
const ABANDONED_MS = 60_000

/** What came of one turn. */
export type Turn =
  | { readonly is: 'chunk'; readonly chunk: Chunk }
  /** Nothing new; to be asked again when woken, or after so many milliseconds. */
  | { readonly is: 'idle'; readonly againInMs: number | undefined }
  /** The file is deleted and read to its end. */
  | { readonly is: 'finished' }

/**
 * The log of one container instance: the file its path leads to, and before it those that a rotation has put aside
 * and that are not read to their ends yet.
 */
export class ContainerLog {
  readonly ref: ContainerRef
  readonly path: string
  /** The link to it still exists; without it and without a path the log is over. */
  isLinked = true
  readonly #clock: Clock
  /** Oldest first; the last one is what `path` led to at the last look. */
  readonly #files: TailedFile[] = []
  #turnBytes = TURN_BYTES
  /** Bytes after the oldest file's offset that were read before and did not make a line. */
  #unfinishedBytes = 0
  #lastChunk: Chunk | undefined
  #isDeleted = false
  #mustLook = false
  #gapSinceMs: number | undefined
  #quietUntilMs = 0

  constructor(ref: ContainerRef, path: string, clock: Clock) {
    this.ref = ref
    this.path = path
    this.#clock = clock
  }

  /** Opens the file if it is there, so that its content stays readable whatever the kubelet does. */
  async open(startAt: 'beginning' | 'end'): Promise<void> {
    if (this.#files.length > 0) return
    const file = await openIfThere(this.path)
    if (file === undefined) return
    if (startAt === 'end') await file.seekToEnd()
    this.#files.push(file)
  }

  /** Reads the next bytes, oldest file first, into `buffer`, which must hold the longest line. */
  async read(buffer: Uint8Array): Promise<Turn> {
    await this.open('beginning')
    const file = this.#files[0]
    if (file === undefined) return this.isLinked ? { is: 'idle', againInMs: undefined } : { is: 'finished' }
    const bytes = await file.read(buffer.subarray(0, this.#turnBytes))
    if (bytes.length <= this.#unfinishedBytes) return this.#atEnd(file, bytes)
    if (this.#isReplaced) this.#quietUntilMs = this.#clock.monotonic() + QUIET_MS
    return this.#chunk(file, bytes, false)
  }

  /** To be called for each chunk: how many of its bytes are done with. Returns whether there may be more to read at once. */
  async consume(byteCount: number, isBatchFull: boolean): Promise<boolean> {
    const chunk = this.#lastChunk
    const file = this.#files[0]
    if (chunk === undefined || file === undefined) return false
    file.offset += byteCount
    this.#unfinishedBytes = isBatchFull ? 0 : chunk.bytes.length - byteCount
    const wasFilled = chunk.bytes.length === this.#turnBytes
    this.#turnBytes = wasFilled && byteCount === 0 && !isBatchFull ? this.#turnBytes * 2 : TURN_BYTES
    if (chunk.isFinal && !isBatchFull) {
      await this.#shift(file)
      return true
    }
    return isBatchFull || wasFilled || this.#isReplaced || this.#mustLook
  }

  /** Something in its folder came or went: the path is to be looked at even if there are bytes to read. */
  noteRename(): void {
    this.#mustLook = true
  }

  /** Gives the files back unread. */
  async close(): Promise<void> {
    for (const file of this.#files.splice(0)) await file.close()
  }

  /** Bytes on disk that have not been read. */
  async unreadBytes(): Promise<number> {
    let total = 0
    for (const file of this.#files) total += (await file.stat()).size - file.offset
    return total
  }

  get #isReplaced(): boolean {
    return this.#files.length > 1 || this.#isDeleted
  }

  #chunk(file: TailedFile, bytes: Uint8Array, isFinal: boolean): Turn {
    this.#lastChunk = { file, bytes, offset: file.offset, isFinal }
    return { is: 'chunk', chunk: this.#lastChunk }
  }

  async #atEnd(file: TailedFile, bytes: Uint8Array): Promise<Turn> {
    if (!this.#isReplaced) {
      const againInMs = await this.#look(file)
      if (!this.#isReplaced) return { is: 'idle', againInMs }
    }
    const waitMs = this.#quietUntilMs - this.#clock.monotonic()
    return waitMs > 0 ? { is: 'idle', againInMs: waitMs } : this.#chunk(file, bytes, true)
  }

  /** Finds out whether `file`, read to its end, is still what the path leads to. Returns when to look again if that is soon. */
  async #look(file: TailedFile): Promise<number | undefined> {
    this.#mustLook = false
    const found = await statIfThere(this.path)
    if (found === undefined) return this.#lookIntoGap(file)
    this.#gapSinceMs = undefined
    if (!file.isSameFile(found)) return this.#replace(file)
    // copytruncate: the same inode begins anew
    if (found.size < file.offset) this.#files.push(await TailedFile.open(this.path))
    return undefined
  }

  /** Nothing is at the path: a rotation is half done, or the kubelet has deleted the log. */
  async #lookIntoGap(file: TailedFile): Promise<number | undefined> {
    const nowMs = this.#clock.monotonic()
    this.#gapSinceMs ??= nowMs
    const gapMs = nowMs - this.#gapSinceMs
    const isNameless = (await file.stat()).nlink === 0
    if (!this.isLinked && (isNameless || gapMs > ABANDONED_MS)) {
      this.#isDeleted = true
      this.#quietUntilMs = nowMs + QUIET_MS
      return undefined
    }
    // A deleted file with a link is left to the kubelet: it removes the link when the container is gone.
    if (isNameless) return undefined
    return gapMs < LONG_GAP_MS ? GAP_LOOK_MS : LONG_GAP_LOOK_MS
  }

  /** Queues what has come after `file`: rotated files that were never at the path during a look, and the one there now. */
  async #replace(file: TailedFile): Promise<number | undefined> {
    const newest = await openIfThere(this.path)
    if (newest === undefined) return GAP_LOOK_MS
    // The folder is asked after the newest is open: what is rotated from now on comes after it, and is found from it.
    for (const path of await rotatedAfter(file, this.path)) {
      const rotated = await openIfThere(path)
      if (rotated === undefined) continue
      if (newest.isSameFile(rotated)) {
        await rotated.close()
        break
      }
      this.#files.push(rotated)
    }
    this.#files.push(newest)
    this.#quietUntilMs = this.#clock.monotonic() + QUIET_MS
    return undefined
  }

  async #shift(file: TailedFile): Promise<void> {
    this.#files.shift()
    this.#unfinishedBytes = 0
    await file.close()
  }
}

async function openIfThere(path: string): Promise<TailedFile | undefined> {
  try {
    return await TailedFile.open(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

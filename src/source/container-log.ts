import type { Clock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import type { Checkpoint, Chunk, ContainerRef, LogFile, Settling } from '../model.ts'
import { type Generation, isSameInode } from './generation.ts'
import { Generations } from './generations.ts'
import { Losses } from './losses.ts'
import { statIfThere } from './rotation.ts'
import { TailedFile } from './tailed-file.ts'
import type { Turn } from './turn.ts'

/** Bytes read at once, so that the other files have their turn soon. Half of it costs a tenth more CPU in hops between threads. */
const TURN_BYTES = 512 * 1024
/** Bytes read at once of a file that had been read to its end: what came since is in the page cache. */
const LOOK_BYTES = 64 * 1024
/**
 * Milliseconds for which a replaced or deleted file must have been quiet before it is over. The runtime writes to the old
 * file until it has reopened the log: 0.57 ms after the new file's first line was seen on a real node.
 */
const QUIET_MS = 100
/** Milliseconds until the next look while the path leads nowhere: between rename and create, 0.3–1.5 ms on a real node. */
const GAP_LOOK_MS = 5
/** Milliseconds after which a gap is no rotation's, and looks become rare. */
const LONG_GAP_MS = 1000
const LONG_GAP_LOOK_MS = 1000
/** Milliseconds after which a file that has neither path nor link, but still a name somewhere, is over. */
const ABANDONED_MS = 60_000

export interface ContainerLogOptions {
  readonly ref: ContainerRef
  /** Of the live file; may be a link. */
  readonly path: string
  /** Names the container instance for good; begins the keys of its files. */
  readonly identity: string
  /** What earlier runs have delivered, by file key. */
  readonly history: ReadonlyMap<string, Checkpoint>
  /** `end`: only what is written after it was opened counts. */
  readonly startAt: 'beginning' | 'end'
  /** Told what is passed over for that reason, by file key. */
  onSkipped(key: string, settling: Settling, file: Pick<LogFile, 'end'>): void
  /** Told of a file, by its key, of which nothing is settled any more: it holds other bytes than it did. */
  onAnew(key: string): void
}

/** The log of one container instance, read in the order in which it was written, over all its files. */
export class ContainerLog {
  readonly ref: ContainerRef
  readonly path: string
  /** The link to it still exists; without it and without a path the log is over. */
  isLinked = true
  readonly #options: ContainerLogOptions
  readonly #clock: Clock
  readonly #files: Generations
  readonly #losses = new Losses()
  /** The last turn met the end of the oldest file. */
  #hasCaughtUp = false
  #askedBytes = 0
  /** Bytes after the oldest file's offset that were read before and did not make a line. */
  #unfinishedBytes = 0
  #lastChunk: Chunk | undefined
  /** Something is open. */
  #isOpened = false
  #wasOpened = false
  #hasLeftPath = false
  #isDeleted = false
  #mustLook = false
  #gapSinceMs: number | undefined
  #quietUntilMs = 0

  constructor(options: ContainerLogOptions, clock: Clock) {
    const { ref, path, identity, history, onAnew } = options
    this.ref = ref
    this.path = path
    this.#options = options
    this.#clock = clock
    this.#files = new Generations(path, { keyOf: (fingerprint) => `${identity}/${fingerprint}`, history, onAnew })
  }

  /** Opens what is there and not read yet, so that its content stays readable whatever the kubelet does. */
  async open(): Promise<void> {
    if (this.#isOpened) return
    await this.#reconcile()
    if (this.#files.count === 0) return
    if (this.#options.startAt === 'end' && !this.#wasOpened) {
      for (const file of await this.#files.skipToEnd()) {
        const before = { from: 0, to: file.offset }
        if (file.key !== undefined) this.#options.onSkipped(file.key, { stdout: before, stderr: before }, file)
      }
    } else if (!this.#wasOpened && this.#files.missing() > 0) {
      this.#lose(undefined, 'deleted while the agent was away, perhaps before all was read')
    }
    this.#isOpened = true
    this.#wasOpened = true
  }

  /** Opens what has come since the last look without reading, while the destination takes nothing. */
  async hold(): Promise<void> {
    if (!this.#isOpened) await this.open()
    else if (this.#files.live !== undefined) await this.#look(this.#files.live)
  }

  /** Reads the next bytes, oldest file first, into `buffer`, which must hold the longest line. */
  async read(buffer: Uint8Array): Promise<Turn> {
    if (!this.#isOpened) await this.open()
    const loss = this.#losses.take(this.#files.oldest, (file) => this.#files.has(file))
    if (loss !== undefined) return loss
    const file = this.#files.oldest
    if (file === undefined) {
      this.#isOpened = false
      return this.isLinked ? { is: 'idle', againInMs: undefined } : { is: 'finished' }
    }
    this.#askedBytes = Math.min(buffer.length, this.#unfinishedBytes + (this.#hasCaughtUp ? LOOK_BYTES : TURN_BYTES))
    const room = buffer.subarray(0, this.#askedBytes)
    const isCached = this.#hasCaughtUp && file instanceof TailedFile
    const bytes = isCached ? file.readCached(room) : await this.#readFrom(file, room)
    if (bytes === undefined) return this.read(buffer)
    if (bytes.length <= this.#unfinishedBytes) return this.#atEnd(file, bytes)
    if (this.#isReplaced) this.#quietUntilMs = this.#clock.monotonic() + QUIET_MS
    return this.#chunk(file, bytes, false)
  }

  /** To be called for each chunk: how many of its bytes are done with. Returns whether there may be more to read at once. */
  async consume(byteCount: number, isBatchFull: boolean): Promise<boolean> {
    const chunk = this.#lastChunk
    const file = this.#files.oldest
    if (chunk === undefined || file === undefined) return false
    file.advance(chunk.bytes.subarray(0, byteCount))
    this.#unfinishedBytes = isBatchFull ? 0 : chunk.bytes.length - byteCount
    const wasFilled = chunk.bytes.length >= this.#askedBytes - 1
    this.#hasCaughtUp = !wasFilled && !isBatchFull
    if (chunk.isFinal && !isBatchFull) {
      await this.#finishOldest()
      return true
    }
    return isBatchFull || wasFilled || this.#isReplaced || this.#mustLook
  }

  /** Something in its folder came or went: the path is to be looked at even if there are bytes to read. */
  noteRename(): void {
    this.#mustLook = true
  }

  /** The path belongs to another log from now on: what is open is read to its end, and nothing else opened. */
  leavePath(): void {
    this.#hasLeftPath = true
    this.#mustLook = true
  }

  /** Gives the files back unread. */
  close(): Promise<void> {
    return this.#files.close()
  }

  /** Keys of its files, those included that are done but may still be on disk. */
  keys(): string[] {
    return this.#files.keys()
  }

  /** Nothing is open: there was never a file, or all are done with. */
  get isEmpty(): boolean {
    return this.#files.count === 0
  }

  /** Files that are open. */
  get openCount(): number {
    return this.#files.count
  }

  /** Files are kept open that the kubelet has put aside or deleted. */
  get isHolding(): boolean {
    return this.#isReplaced
  }

  /** How many such files, and their unread bytes. */
  async held(): Promise<{ readonly files: number; readonly bytes: number }> {
    const files = this.#isDeleted ? this.#files.count : Math.max(0, this.#files.count - 1)
    return { files, bytes: await this.#files.unreadBytes(files) }
  }

  /** How far it has been read, and since when there is something to read, in milliseconds since 1970. */
  async progress() {
    const lagBytes = await this.unreadBytes()
    const { files: heldFiles, bytes: heldBytes } = await this.held()
    const counts = { lagBytes, openFiles: this.openCount, heldFiles, heldBytes }
    const file = this.#files.oldest
    if (file === undefined) return { ...counts, reading: undefined, unreadSinceMs: undefined }
    const unreadSinceMs = lagBytes > 0 ? (file.unreadSinceMs ?? (await file.modifiedMs())) : undefined
    return { ...counts, reading: { path: file.path, offset: file.offset }, unreadSinceMs }
  }

  /** Bytes on disk that have not been read. */
  unreadBytes(): Promise<number> {
    return this.#files.unreadBytes(this.#files.count)
  }

  /** Nothing to be seen by a turn: the one open file is what the path leads to, and has no byte that was not read. */
  get isAtRest(): boolean {
    const live = this.#files.live
    if (this.#mustLook || !this.#losses.isEmpty || this.#isReplaced || !(live instanceof TailedFile)) return false
    if (live.size !== live.offset + this.#unfinishedBytes) return false
    const found = statIfThere(this.path)
    return found !== undefined && isSameInode(live, found)
  }

  /** Where reading stands, if there are whole lines to read; undefined when it has caught up. */
  async behindAt(): Promise<string | undefined> {
    const file = this.#files.oldest
    if (file === undefined || (await this.unreadBytes()) <= this.#unfinishedBytes) return undefined
    return `${file.key}:${file.offset}:${this.#files.count}`
  }

  /** Opens the live file anew, for one that does not seem to be what is being written. */
  async reopen(): Promise<void> {
    const offset = this.#files.live?.offset
    await this.#reopenLive()
    if (this.#files.count === 1 && this.#files.live?.offset !== offset)
      this.#lose(undefined, 'written anew, perhaps before all was read')
  }

  /** Gives up the oldest file, unread as it is, to keep within a budget. */
  async giveUpOldest(reason: string): Promise<void> {
    const bytes = await this.#files.unreadBytes(1)
    this.#lose(bytes, reason, await this.#finishOldest())
  }

  get #isReplaced(): boolean {
    return this.#files.count > 1 || this.#isDeleted
  }

  #chunk(file: Generation, bytes: Uint8Array, isFinal: boolean): Turn {
    this.#lastChunk = { file, bytes, offset: file.offset, isFinal }
    return { is: 'chunk', chunk: this.#lastChunk }
  }

  /** Undefined when the file turned out to be unreadable for good, and has been given up. */
  async #readFrom(file: Generation, buffer: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await file.read(buffer)
    } catch (error) {
      if (systemCode(error) !== 'DAMAGED_FILE') throw error
      this.#lose(undefined, 'damaged', await this.#finishOldest())
      return undefined
    }
  }

  async #atEnd(file: Generation, bytes: Uint8Array): Promise<Turn> {
    if (!this.#isReplaced) {
      const againInMs = await this.#look(file)
      if (this.#files.oldest !== file) return { is: 'idle', againInMs: 0 }
      if (!this.#isReplaced) return { is: 'idle', againInMs }
    }
    const waitMs = this.#quietUntilMs - this.#clock.monotonic()
    return waitMs > 0 ? { is: 'idle', againInMs: waitMs } : this.#chunk(file, bytes, true)
  }

  /** Finds out whether `live` is still what the path leads to. Returns when to look again if that is soon. */
  async #look(live: Generation): Promise<number | undefined> {
    this.#mustLook = false
    // Before anything else: a file that was emptied may have been rotated since.
    if (live instanceof TailedFile && live.isRewritten()) {
      await this.#reopenLive()
      // Without a copy, nobody knows what was written after the last look.
      if (this.#files.count < 2) this.#lose(undefined, 'truncated, perhaps before all was read')
      return undefined
    }
    const found = statIfThere(this.path)
    if (found === undefined) return this.#lookIntoGap(live)
    this.#gapSinceMs = undefined
    if (!isSameInode(live, found)) {
      if (this.#hasLeftPath) return this.#end()
      const before = this.#files.count
      await this.#reconcile()
      if (this.#files.count === before) return GAP_LOOK_MS
    }
    return undefined
  }

  /** Nothing will come to what is open, after a moment of quiet. */
  #end(): undefined {
    this.#isDeleted = true
    this.#quietUntilMs = this.#clock.monotonic() + QUIET_MS
  }

  /** Nothing is at the path: a rotation is half done, or the kubelet has deleted the log. */
  async #lookIntoGap(live: Generation): Promise<number | undefined> {
    const nowMs = this.#clock.monotonic()
    this.#gapSinceMs ??= nowMs
    const gapMs = nowMs - this.#gapSinceMs
    const isNameless = await live.isNameless()
    if ((!this.isLinked || this.#hasLeftPath) && (isNameless || gapMs > ABANDONED_MS)) return this.#end()
    // A deleted file with a link is left to the kubelet: it removes the link when the container is gone.
    if (isNameless) return undefined
    return gapMs < LONG_GAP_MS ? GAP_LOOK_MS : LONG_GAP_LOOK_MS
  }

  async #reconcile(): Promise<void> {
    const before = this.#files.count
    const { damaged, gapBefore } = await this.#files.reconcile()
    // At the first look too: the agent may have been started at the moment of a rotation.
    if (this.#files.count > Math.max(1, before)) this.#quietUntilMs = this.#clock.monotonic() + QUIET_MS
    for (const path of damaged) this.#losses.add({ path, bytes: undefined, reason: 'damaged', file: undefined })
    if (gapBefore === undefined) return
    const reason = 'rotated and deleted between two looks, perhaps more than was seen'
    this.#losses.add({ path: this.path, bytes: undefined, reason, file: undefined, isSuspected: true }, gapBefore)
  }

  async #reopenLive(): Promise<void> {
    if (this.#isReplaced) return
    await this.#files.reopenLive()
    this.#unfinishedBytes = 0
    this.#hasCaughtUp = false
    await this.#reconcile()
  }

  #lose(bytes: number | undefined, reason: string, file?: LogFile): void {
    this.#losses.add({ path: file?.path ?? this.#files.oldest?.path ?? this.path, bytes, reason, file })
  }

  #finishOldest(): Promise<LogFile | undefined> {
    this.#unfinishedBytes = 0
    this.#hasCaughtUp = false
    return this.#files.finishOldest()
  }
}

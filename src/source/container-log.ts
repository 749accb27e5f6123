import type { Clock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import type { Checkpoint, Settling } from '../model/checkpoint.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LeftLog } from '../model/left-log.ts'
import type { LogFile } from '../model/log-file.ts'
import { type Generation, isSameInode } from './generation.ts'
import { Generations } from './generations.ts'
import { atBeginning, type Place, type State } from './log-state.ts'
import { Losses } from './losses.ts'
import { isUnchanged, type ParkedFile, parkedFile } from './parked-file.ts'
import { statIfThere } from './rotation.ts'
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
  /** Told of a file, by its key, that was seen for the first time, with its place among the others. */
  onSeen(key: string, file: Pick<LogFile, 'order'>): void
  /** Told of a file beside the log that no rotation makes, and that is left out. */
  onForeign(path: string): void
}

/** The log of one container instance, read in the order in which it was written, over all its files. */
export class ContainerLog {
  readonly ref: ContainerRef
  readonly path: string
  readonly #options: ContainerLogOptions
  readonly #clock: Clock
  readonly #files: Generations
  readonly #losses = new Losses()
  #place: Place = 'linked'
  #state: State = { kind: 'closed', isFirst: true }
  #reading = atBeginning()
  #mustLook = false

  constructor(options: ContainerLogOptions, clock: Clock) {
    const { ref, path, identity } = options
    this.ref = ref
    this.path = path
    this.#options = options
    this.#clock = clock
    const keyOf = (fingerprint: string) => `${identity}/${fingerprint}`
    this.#files = new Generations(path, { ...options, keyOf, clock })
  }

  /** The link to it still exists; without it and without a path the log is over. */
  get isLinked(): boolean {
    return this.#place === 'linked'
  }

  link(): void {
    this.#place = 'linked'
  }

  unlink(): void {
    if (this.#place === 'linked') this.#place = 'unlinked'
  }

  /** Opens what is there and not read yet, so that its content stays readable whatever the kubelet does. */
  async open(): Promise<void> {
    const before = this.#state
    if (this.#isOpen || this.#place === 'left') return
    await this.#reconcile()
    if (before.kind === 'parked' && before.hasGrown && this.#isGone(before.file))
      this.#losePerhaps('written to and deleted while it was closed for want of descriptors')
    if (before.kind === 'closed' && before.missing !== undefined && this.#files.missing() > before.missing)
      this.#lose(undefined, 'deleted while it was closed for want of descriptors, perhaps before all was read')
    if (before.kind !== 'closed' || !before.isFirst || !this.#isOpen) return
    if (this.#options.startAt === 'end') await this.#skipToEnd()
    else if (this.#files.missing() > 0)
      this.#lose(undefined, 'deleted while the agent was away, perhaps before all was read')
  }

  /** Opens what has come since the last look without reading, while the destination takes nothing. */
  async hold(): Promise<void> {
    if (this.#state.kind === 'parked' && this.isAtRest) return
    if (!this.#isOpen) await this.open()
    else if (this.#files.live !== undefined && !this.#isDeleted) await this.#look(this.#files.live)
  }

  /** Reads the next bytes, oldest file first, into `buffer`, which must hold the longest line. */
  async read(buffer: Uint8Array): Promise<Turn> {
    if (this.#state.kind === 'parked' && this.isAtRest) return { kind: 'idle', againInMs: undefined }
    if (!this.#isOpen) await this.open()
    const loss = this.#losses.take(this.#files.oldest, (file) => this.#files.has(file))
    if (loss !== undefined) return loss
    const file = this.#files.oldest
    if (file === undefined) {
      if (this.#isOpen) this.#state = { kind: 'closed', isFirst: false }
      return this.isLinked ? { kind: 'idle', againInMs: undefined } : { kind: 'finished' }
    }
    const { unfinishedBytes, hasCaughtUp } = this.#reading
    this.#reading.askedBytes = Math.min(buffer.length, unfinishedBytes + (hasCaughtUp ? LOOK_BYTES : TURN_BYTES))
    const room = buffer.subarray(0, this.#reading.askedBytes)
    const bytes = (hasCaughtUp ? file.readCached(room) : undefined) ?? (await this.#readFrom(file, room))
    if (bytes === undefined) return this.read(buffer)
    if (bytes.length <= unfinishedBytes) return this.#atEnd(file, bytes)
    if (this.#state.kind === 'ending') this.#end(this.#state.why)
    return this.#chunk(file, bytes, false)
  }

  /** To be called for each chunk: how many of its bytes are done with. Returns whether there may be more to read at once. */
  async consume(byteCount: number, isBatchFull: boolean): Promise<boolean> {
    const { chunk, askedBytes } = this.#reading
    const file = this.#files.oldest
    if (chunk === undefined || file === undefined) return false
    file.advance(chunk.bytes.subarray(0, byteCount))
    this.#reading.unfinishedBytes = isBatchFull ? 0 : chunk.bytes.length - byteCount
    const wasFilled = chunk.bytes.length >= askedBytes - 1
    this.#reading.hasCaughtUp = !wasFilled && !isBatchFull
    if (chunk.isFinal && !isBatchFull) {
      await this.#finishOldest()
      return true
    }
    return isBatchFull || wasFilled || this.#state.kind === 'ending' || this.#mustLook
  }

  /** Something in its folder came or went: the path is to be looked at even if there are bytes to read. */
  noteRename(): void {
    this.#mustLook = true
  }

  /** Something was written to it, an event says. */
  noteGrowth(): void {
    if (this.#state.kind === 'parked') this.#state = { ...this.#state, hasGrown: true }
  }

  /** The path belongs to another log from now on: what is open is read to its end, and nothing else opened. */
  leavePath(): void {
    this.#place = 'left'
    this.#mustLook = true
  }

  /** Names the file that the path led to at the last look. */
  get liveInode(): string | undefined {
    const live = this.#state.kind === 'parked' ? this.#state.file : this.#files.live
    return live === undefined ? undefined : `${live.dev}:${live.ino}`
  }

  /** Names the files that are open. */
  inodes(): string[] {
    return this.#files.inodes()
  }

  /** Looks for the keys of files that had no whole line. */
  identify(): Promise<void> {
    return this.#files.identify()
  }

  /** Goes on in files that are open and not read yet where another log has left them. */
  adopt(history: ReadonlyMap<string, Checkpoint>): Promise<void> {
    return this.#files.adopt(history)
  }

  /** Whether that is its file still. One that is closed may be gone, and its inode another file's: it is used again within 20 ms. */
  isStillAt(inode: string | undefined): boolean {
    if (this.#state.kind !== 'parked') return true
    const found = statIfThere(this.path)
    return found !== undefined && inode === `${found.dev}:${found.ino}`
  }

  /** The file at the path is another log's to read, and those before it that it has too: what else is open is read to its end. */
  async yieldTo(other: Pick<LeftLog, 'canRead'>): Promise<void> {
    do await this.#files.reopenLive()
    while (this.#files.live !== undefined && other.canRead(this.#files.live))
    this.#reading = atBeginning()
    this.#place = 'left'
    if (this.#files.count > 0) this.#end('deleted')
    else this.#state = { kind: 'closed', isFirst: false }
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

  /** Its file is closed until it changes. */
  get isParked(): boolean {
    return this.#state.kind === 'parked'
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
    if (file === undefined) {
      const parked = this.#state.kind === 'parked' ? this.#state.file : undefined
      return { ...counts, reading: parked && { path: parked.path, offset: parked.offset }, unreadSinceMs: undefined }
    }
    const unreadSinceMs = lagBytes > 0 ? (file.unreadSinceMs ?? (await file.modifiedMs())) : undefined
    return { ...counts, reading: { path: file.path, offset: file.offset }, unreadSinceMs }
  }

  /** Bytes on disk that have not been read. */
  unreadBytes(): Promise<number> {
    return this.#files.unreadBytes(this.#files.count)
  }

  /** Nothing to be seen by a turn: its one file is what the path leads to, and has no byte that was not read. */
  get isAtRest(): boolean {
    if (this.#mustLook || !this.#losses.isEmpty) return false
    if (this.#state.kind === 'parked') return isUnchanged(this.#state.file, statIfThere(this.path))
    const live = this.#files.live
    if (this.#state.kind !== 'following' || live?.size !== (live?.offset ?? 0) + this.#reading.unfinishedBytes)
      return false
    const found = statIfThere(this.path)
    return live !== undefined && found !== undefined && isSameInode(live, found)
  }

  /** Closes its one file for as long as it does not change, if all of it has been read. Returns whether it did. */
  async park(): Promise<boolean> {
    const live = this.#files.live
    const stats = statIfThere(this.path)
    // An empty one too: most containers of many nodes write nothing, and theirs would keep all others closed.
    const canBeFound = live?.key !== undefined || live?.offset === 0
    if (this.#state.kind !== 'following' || !canBeFound || stats === undefined || !this.isAtRest) return false
    const { path, key, offset } = live
    const file = parkedFile({ path, key, offset }, stats)
    await this.#files.reopenLive()
    this.#reading = atBeginning()
    this.#state = { kind: 'parked', file, hasGrown: false }
    return true
  }

  /** Closes its files, unread as they are, if all are on disk, to open them again later. Returns whether it did. */
  async release(): Promise<boolean> {
    const mustStay = !this.#isOpen || this.#isDeleted || !this.isLinked || !this.#losses.isEmpty
    if (mustStay || !(await this.#files.areOnDisk())) return false
    const missing = this.#files.missing()
    await this.#files.release()
    this.#reading = atBeginning()
    this.#state = { kind: 'closed', isFirst: false, missing }
    return true
  }

  /** Where reading stands, if there are whole lines to read; undefined when it has caught up. */
  async behindAt(): Promise<string | undefined> {
    const file = this.#files.oldest
    if (file === undefined || (await this.unreadBytes()) <= this.#reading.unfinishedBytes) return undefined
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

  /** Whether a file that was closed is not among those that are open now. Without a key it can only be the oldest, or compressed by now. */
  #isGone(file: ParkedFile): boolean {
    const { oldest, count } = this.#files
    if (file.key !== undefined) return this.#files.missing() > 0
    return oldest === undefined || (count === 1 && !isSameInode(oldest, file))
  }

  get #isOpen(): boolean {
    return this.#state.kind === 'following' || this.#state.kind === 'ending'
  }

  get #isDeleted(): boolean {
    return this.#state.kind === 'ending' && this.#state.why === 'deleted'
  }

  get #isReplaced(): boolean {
    return this.#state.kind === 'ending' && this.#state.why !== 'copied'
  }

  #chunk(file: Generation, bytes: Uint8Array, isFinal: boolean): Turn {
    const chunk = { file, bytes, offset: file.offset, isFinal }
    this.#reading.chunk = chunk
    return { kind: 'chunk', chunk }
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
    const againInMs = this.#state.kind === 'ending' ? undefined : await this.#look(file)
    if (this.#files.oldest !== file) return { kind: 'idle', againInMs: 0 }
    const state = this.#state
    if (state.kind !== 'ending') return { kind: 'idle', againInMs }
    const waitMs = state.quietUntilMs - this.#clock.monotonic()
    if (waitMs > 0) return { kind: 'idle', againInMs: waitMs }
    if (state.why !== 'copied') return this.#chunk(file, bytes, true)
    await this.reopen()
    return { kind: 'idle', againInMs: 0 }
  }

  /** Finds out whether `live` is still what the path leads to. Returns when to look again if that is soon. */
  async #look(live: Generation): Promise<number | undefined> {
    this.#mustLook = false
    // Before anything else: a file that was emptied may have been rotated since.
    if (live.isRewritten()) {
      await this.#reopenLive()
      // Without a copy, nobody knows what was written after the last look.
      if (this.#files.count < 2) this.#lose(undefined, 'truncated, perhaps before all was read')
      return undefined
    }
    const found = statIfThere(this.path)
    if (found === undefined) return this.#lookIntoGap(live)
    if (this.#state.kind === 'following' && this.#state.gapSinceMs !== undefined)
      this.#state = { kind: 'following', gapSinceMs: undefined }
    if (isSameInode(live, found)) return undefined
    if (this.#place === 'left') return this.#end('deleted')
    const before = this.#files.count
    const isCopied = await this.#reconcile()
    if (this.#files.count !== before) return undefined
    if (isCopied && this.#state.kind === 'following') return this.#end('copied')
    return GAP_LOOK_MS
  }

  /** Nothing will come to what is open, after a moment of quiet. */
  #end(why: 'rotated' | 'copied' | 'deleted'): undefined {
    this.#state = { kind: 'ending', why, quietUntilMs: this.#clock.monotonic() + QUIET_MS }
  }

  /** Nothing is at the path: a rotation is half done, or the kubelet has deleted the log. */
  async #lookIntoGap(live: Generation): Promise<number | undefined> {
    const nowMs = this.#clock.monotonic()
    const gapSinceMs = (this.#state.kind === 'following' ? this.#state.gapSinceMs : undefined) ?? nowMs
    if (this.#state.kind === 'following') this.#state = { kind: 'following', gapSinceMs }
    const gapMs = nowMs - gapSinceMs
    const isNameless = await live.isNameless()
    if (!this.isLinked && (isNameless || gapMs > ABANDONED_MS)) return this.#end('deleted')
    // A deleted file with a link is left to the kubelet: it removes the link when the container is gone.
    if (isNameless) return undefined
    return gapMs < LONG_GAP_MS ? GAP_LOOK_MS : LONG_GAP_LOOK_MS
  }

  /** Returns whether the path leads to a copy of the live file. */
  async #reconcile(): Promise<boolean> {
    const before = this.#files.count
    const { damaged, foreign, gapBefore, doubtful, isReplaced } = await this.#files.reconcile()
    const { count } = this.#files
    // At the first look too: the agent may have been started at the moment of a rotation.
    if (count > Math.max(1, before)) this.#end('rotated')
    else if (count > 0 && !this.#isOpen) this.#state = { kind: 'following', gapSinceMs: undefined }
    else if (count === 0)
      this.#state = { kind: 'closed', isFirst: this.#state.kind === 'closed' && this.#state.isFirst }
    for (const path of foreign) this.#options.onForeign(path)
    for (const path of damaged) this.#losses.add({ path, bytes: undefined, reason: 'damaged', file: undefined })
    if (gapBefore !== undefined) this.#losePerhaps(GAP, gapBefore)
    // Not merely suspected: a line that is held may have its end in another file, and is not to be joined with what stands here.
    for (const file of doubtful)
      this.#losses.add({ path: file.path, bytes: undefined, reason: DISORDER, file: undefined }, file)
    return isReplaced
  }

  async #reopenLive(): Promise<void> {
    if (this.#isReplaced) return
    await this.#files.reopenLive()
    this.#reading = atBeginning()
    this.#state = { kind: 'closed', isFirst: false }
    await this.#reconcile()
  }

  async #skipToEnd(): Promise<void> {
    for (const file of await this.#files.skipToEnd()) {
      const before = { from: 0, to: file.offset }
      if (file.key !== undefined) this.#options.onSkipped(file.key, { stdout: before, stderr: before }, file)
    }
    this.#state = { kind: 'following', gapSinceMs: undefined }
  }

  #lose(bytes: number | undefined, reason: string, file?: LogFile): void {
    this.#losses.add({ path: file?.path ?? this.#files.oldest?.path ?? this.path, bytes, reason, file })
  }

  #losePerhaps(reason: string, before?: Generation): void {
    this.#losses.add({ path: this.path, bytes: undefined, reason, file: undefined, isSuspected: true }, before)
  }

  async #finishOldest(): Promise<LogFile | undefined> {
    this.#reading = atBeginning()
    const file = await this.#files.finishOldest()
    if (this.#isReplaced && !this.#isDeleted && this.#files.count === 1)
      this.#state = { kind: 'following', gapSinceMs: undefined }
    return file
  }
}

const GAP = 'rotated and deleted between two looks, perhaps more than was seen'
const DISORDER = 'the clock was set back: nobody can tell whether this file comes here in the order of writing'

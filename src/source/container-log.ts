import type { Clock } from '../lib/clock.ts'
import { systemCode } from '../lib/errors.ts'
import type { Checkpoint, Settling } from '../model/checkpoint.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LogFile } from '../model/log-file.ts'
import { type Generation, type Inode, isSameInode } from './generation.ts'
import { Generations } from './generations.ts'
import { atBeginning, type Place, type State } from './log-state.ts'
import { Losses } from './losses.ts'
import { isUnchanged, type ParkedFile, parkedFile } from './parked-file.ts'
import { isAtPath, statIfThere } from './rotation.ts'
import type { Turn } from './turn.ts'

/** Bytes to read at once, so that other files get their turn soon. With half of it, switching threads costs a tenth more CPU. */
const TURN_BYTES = 512 * 1024
/**
 * Bytes to read at once of a file that was read to its end: newer bytes are in the page cache, and are read without a thread. So many take 50 µs, and
 * are what a flood writes in two milliseconds: with a quarter of it, quiet logs beside one waited twice as long for threads to take turns.
 */
const LOOK_BYTES = 256 * 1024
/**
 * Milliseconds without new bytes until a replaced or deleted file is finished. The runtime writes to the old
 * file until it has reopened the log: 0.57 ms after the new file's first line was seen on a real node.
 */
const QUIET_MS = 100
/** Milliseconds until the next check while nothing is at the path: between rename and create, 0.3–1.5 ms on a real node. */
const GAP_LOOK_MS = 5
/** Milliseconds after which a missing file is not due to a rotation, and checks become rare. */
const LONG_GAP_MS = 1000
const LONG_GAP_LOOK_MS = 1000
/** Milliseconds after which a file that has neither its path nor a link is finished, even if it still has a name somewhere. */
const ABANDONED_MS = 60_000

export interface ContainerLogOptions {
  readonly ref: ContainerRef
  /** Path of the live file; may be a link. */
  readonly path: string
  /** Identifies the container instance for ever; the keys of its files start with it. */
  readonly identity: string
  /** What earlier runs have delivered, by file key. */
  readonly history: ReadonlyMap<string, Checkpoint>
  /** `end`: skip what was written before the log was opened. */
  readonly startAt: 'beginning' | 'end'
  /** Called with what is skipped for that reason, by file key. */
  onSkipped(key: string, settling: Settling, file: Pick<LogFile, 'end'>): void
  /** Called with the key of a file that was rewritten: nothing of it is settled any more. */
  onAnew(key: string): void
  /** Called with the key of a new file and its place in the order of files. */
  onSeen(key: string, file: Pick<LogFile, 'order'>): void
  /** Called with the path of an ignored file next to the log, whose name no rotation creates. */
  onForeign(path: string): void
}

/** The log of one container instance: all its files, read in the order in which they were written. */
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

  /** Whether the link to it still exists. Without a link and without a file at the path, the log is finished. */
  get isLinked(): boolean {
    return this.#place === 'linked'
  }

  link(): void {
    this.#place = 'linked'
  }

  unlink(): void {
    if (this.#place === 'linked') this.#place = 'unlinked'
  }

  /** Opens all unread files, so that they stay readable whatever the kubelet does. */
  async open(): Promise<void> {
    const before = this.#state
    if (this.isOpen || this.#place === 'left') return
    await this.#reconcile()
    if (before.kind === 'parked' && before.hasGrown && this.#isGone(before.file))
      this.#losePerhaps('written to and deleted while it was closed for lack of file descriptors')
    if (before.kind === 'closed' && before.missing !== undefined && this.#files.missing() > before.missing)
      this.#lose(undefined, 'deleted while it was closed for lack of file descriptors, perhaps before all was read')
    if (before.kind !== 'closed' || !before.isFirst || !this.isOpen) return
    if (this.#options.startAt === 'end') await this.#skipToEnd()
    else if (this.#files.missing() > 0)
      this.#lose(undefined, 'deleted while the agent was away, perhaps before all was read')
  }

  /** Opens new files without reading them, while the destination accepts nothing. */
  async hold(): Promise<void> {
    if (this.#state.kind === 'parked' && this.isAtRest) return
    if (!this.isOpen) await this.open()
    else if (this.#files.live !== undefined && !this.#isDeleted) await this.#look(this.#files.live)
  }

  /** Reads the next bytes, oldest file first, into `buffer`, which must have room for the longest line. `enough`: so many bytes will do. */
  async read(buffer: Uint8Array, enough = TURN_BYTES): Promise<Turn> {
    if (this.#state.kind === 'parked' && this.isAtRest) return { kind: 'idle', againInMs: undefined }
    if (!this.isOpen) await this.open()
    const loss = this.#losses.take(this.#files.oldest, (file) => this.#files.has(file))
    if (loss !== undefined) return loss
    const file = this.#files.oldest
    if (file === undefined) {
      if (this.isOpen) this.#state = { kind: 'closed', isFirst: false }
      return this.isLinked ? { kind: 'idle', againInMs: undefined } : { kind: 'finished' }
    }
    const { unfinishedBytes, hasCaughtUp } = this.#reading
    const turnBytes = hasCaughtUp ? LOOK_BYTES : Math.max(LOOK_BYTES, Math.min(TURN_BYTES, Math.ceil(enough)))
    const room = buffer.subarray(0, Math.min(buffer.length, unfinishedBytes + turnBytes))
    this.#reading.roomEnd = endOf(room)
    const bytes = (hasCaughtUp ? file.readCached(room) : undefined) ?? (await this.#readFrom(file, room))
    if (bytes === undefined) return this.read(buffer, enough)
    if (bytes.length <= unfinishedBytes) return this.#atEnd(file, bytes)
    if (this.#state.kind === 'ending') this.#end(this.#state.why)
    return this.#chunk(file, bytes, false)
  }

  /**
   * Call for each chunk with the number of bytes that are done. `isBatchFull`: the rest is read again. Returns whether there may be more to read at once.
   */
  async consume(byteCount: number, isBatchFull: boolean): Promise<boolean> {
    const { chunk, roomEnd } = this.#reading
    const file = this.#files.oldest
    if (chunk === undefined || file === undefined) return false
    file.advance(chunk.bytes.subarray(0, byteCount))
    this.#reading.unfinishedBytes = isBatchFull ? 0 : chunk.bytes.length - byteCount
    const wasFilled = endOf(chunk.bytes) === roomEnd
    this.#reading.hasCaughtUp = !wasFilled && !isBatchFull
    if (chunk.isFinal && !isBatchFull) {
      await this.#finishOldest()
      return true
    }
    return isBatchFull || wasFilled || this.#state.kind === 'ending' || this.#mustLook
  }

  /** A file in its folder was created, renamed or removed: the path must be checked even if there are bytes to read. */
  noteRename(): void {
    this.#mustLook = true
  }

  /** An event said that the file was written to; it may come late, for bytes that were read before the file was closed. */
  noteGrowth(): void {
    const state = this.#state
    if (state.kind !== 'parked' || isUnchanged(state.file, statIfThere(this.path))) return
    this.#state = { ...state, hasGrown: true }
  }

  /** Another log has the path from now on: open files are read to the end, and no new ones are opened. */
  leavePath(): void {
    this.#place = 'left'
    this.#mustLook = true
  }

  /** The file at the path at the last check. */
  get live(): (Inode & { readonly key: string | undefined }) | undefined {
    return this.#state.kind === 'parked' ? this.#state.file : this.#files.live
  }

  /** Whether it has that file open. */
  hasOpen(file: Inode): boolean {
    return this.#files.hasOpen(file)
  }

  /** Tries again to compute the keys of files that had no complete line. */
  identify(): Promise<void> {
    return this.#files.identify()
  }

  /** For files that are open but not read yet: continues where another log has left them. */
  adopt(history: ReadonlyMap<string, Checkpoint>): Promise<void> {
    return this.#files.adopt(history)
  }

  /** Whether that inode is its live file's. A closed file may be gone, and its inode reused within 20 ms: then it is not known. */
  isAt(file: Inode): boolean {
    const { live } = this
    if (live === undefined || !isSameInode(live, file)) return false
    if (this.#state.kind !== 'parked') return true
    return isAtPath(file, this.path)
  }

  /** Another log reads the file at the path, and the files before it that it can read too: this one only reads its other open files to the end. */
  async yieldTo(canRead: (file: Generation) => boolean): Promise<void> {
    const found = statIfThere(this.path)
    const isYielded = (file: Generation) => (found !== undefined && isSameInode(file, found)) || canRead(file)
    while (this.#files.live !== undefined && isYielded(this.#files.live)) await this.#files.reopenLive()
    this.#reading = atBeginning()
    this.#place = 'left'
    if (this.#files.count > 0) this.#end('deleted')
    else this.#state = { kind: 'closed', isFirst: false }
  }

  /** Closes all files. */
  close(): Promise<void> {
    return this.#files.close()
  }

  /** Keys of its files, also of finished ones that may still be on disk. */
  keys(): string[] {
    return this.#files.keys()
  }

  /** Keys of the files that it reads or has read. */
  keysAtHand(): string[] {
    const parked = this.#state.kind === 'parked' ? (this.#state.file.key ?? []) : []
    return this.#files.keysAtHand().concat(parked)
  }

  /** Whether the file with that key is open, or is its only one and at rest. */
  isReading(key: string): boolean {
    return this.#files.hasKey(key) || (this.#state.kind === 'parked' && this.#state.file.key === key)
  }

  /** No file is open: there was none, or all are finished. */
  get isEmpty(): boolean {
    return this.#files.count === 0
  }

  /** Whether one of its open files is on disk under no name any more. */
  hasDeleted(): Promise<boolean> {
    return this.#files.hasNameless()
  }

  /** Whether its file is closed until it changes. */
  get isParked(): boolean {
    return this.#state.kind === 'parked'
  }

  /** Number of open files. */
  get openCount(): number {
    return this.#files.count
  }

  /** Whether it has files open that the kubelet has rotated or deleted. */
  get isHolding(): boolean {
    return this.#isReplaced
  }

  /** Their number and their unread bytes. */
  async held(): Promise<{ readonly files: number; readonly bytes: number }> {
    const files = this.#isDeleted ? this.#files.count : Math.max(0, this.#files.count - 1)
    return { files, bytes: await this.#files.unreadBytes(files) }
  }

  /** How far it has been read, and since when there are unread bytes, in milliseconds since 1970. */
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

  /** Unread bytes on disk. */
  unreadBytes(): Promise<number> {
    return this.#files.unreadBytes(this.#files.count)
  }

  /** A turn would find nothing new: its only file is at the path and fully read. */
  get isAtRest(): boolean {
    if (this.#mustLook || !this.#losses.isEmpty) return false
    if (this.#state.kind === 'parked') return isUnchanged(this.#state.file, statIfThere(this.path))
    const live = this.#files.live
    if (this.#state.kind !== 'following' || live?.size !== (live?.offset ?? 0) + this.#reading.unfinishedBytes)
      return false
    return live !== undefined && isAtPath(live, this.path)
  }

  /** If its only file is fully read, closes it until it changes. Returns whether it did. */
  async park(): Promise<boolean> {
    const live = this.#files.live
    const stats = statIfThere(this.path)
    // Also if it is empty: most containers of many nodes write nothing, and without this all others would have to be closed.
    const canBeFound = live?.key !== undefined || live?.offset === 0
    if (this.#state.kind !== 'following' || !canBeFound || stats === undefined || !this.isAtRest) return false
    const { path, key, offset } = live
    const file = parkedFile({ path, key, offset }, stats)
    await this.#files.reopenLive()
    this.#reading = atBeginning()
    this.#state = { kind: 'parked', file, hasGrown: false }
    return true
  }

  /** If all its files are on disk, closes them without reading the rest, to be opened again later. Returns whether it did. */
  async release(): Promise<boolean> {
    const mustStay = !this.isOpen || this.#isDeleted || !this.isLinked || !this.#losses.isEmpty
    if (mustStay || !(await this.#files.areOnDisk())) return false
    const missing = this.#files.missing()
    await this.#files.release()
    this.#reading = atBeginning()
    this.#state = { kind: 'closed', isFirst: false, missing }
    return true
  }

  /** The read position, if there are complete unread lines; otherwise undefined. */
  async behindAt(): Promise<string | undefined> {
    const file = this.#files.oldest
    if (file === undefined || (await this.unreadBytes()) <= this.#reading.unfinishedBytes) return undefined
    return `${file.key}:${file.offset}:${this.#files.count}`
  }

  /** Opens the live file again, if the open one seems not to be the one that is written. */
  async reopen(): Promise<void> {
    const offset = this.#files.live?.offset
    await this.#reopenLive()
    if (this.#files.count === 1 && this.#files.live?.offset !== offset)
      this.#lose(undefined, 'rewritten, perhaps before all was read')
  }

  /** Drops the oldest file, unread as it is, to stay within a budget. */
  async dropOldest(reason: string): Promise<void> {
    const bytes = await this.#files.unreadBytes(1)
    this.#lose(bytes, reason, await this.#finishOldest())
  }

  /** Whether a closed file is not among the open ones. A file without a key can only be the oldest one, or compressed by now. */
  #isGone(file: ParkedFile): boolean {
    const { oldest, count } = this.#files
    if (file.key !== undefined) return this.#files.missing() > 0
    return oldest === undefined || (count === 1 && !isSameInode(oldest, file))
  }

  /** Whether its files are open, if there are any. */
  get isOpen(): boolean {
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

  /** Undefined if the file is permanently unreadable, and was dropped. */
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
    if (state.why !== 'copied' && (await this.#files.beginAnew())) {
      this.#reading = atBeginning()
      this.#lose(undefined, 'truncated, perhaps before all was read')
      return { kind: 'idle', againInMs: 0 }
    }
    const waitMs = state.quietUntilMs - this.#clock.monotonic()
    if (waitMs > 0) return { kind: 'idle', againInMs: waitMs }
    if (state.why !== 'copied') return this.#chunk(file, bytes, true)
    await this.reopen()
    return { kind: 'idle', againInMs: 0 }
  }

  /** Checks whether `live` is still the file at the path. Returns in how many milliseconds to check again, if soon. */
  async #look(live: Generation): Promise<number | undefined> {
    this.#mustLook = false
    // This comes first: a truncated file may have been rotated since.
    if (live.isRewritten()) {
      const isDeleted = await this.#reopenLive()
      // Without a copy, what was written after the last check is unknown.
      if (isDeleted || this.#files.count < 2) this.#lose(undefined, 'truncated, perhaps before all was read')
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

  /** Nothing more will be written to the open file, except within QUIET_MS. */
  #end(why: 'rotated' | 'copied' | 'deleted'): undefined {
    this.#state = { kind: 'ending', why, quietUntilMs: this.#clock.monotonic() + QUIET_MS }
  }

  /** Nothing is at the path: a rotation is in progress, or the kubelet has deleted the log. */
  async #lookIntoGap(live: Generation): Promise<number | undefined> {
    const nowMs = this.#clock.monotonic()
    const gapSinceMs = (this.#state.kind === 'following' ? this.#state.gapSinceMs : undefined) ?? nowMs
    if (this.#state.kind === 'following') this.#state = { kind: 'following', gapSinceMs }
    const gapMs = nowMs - gapSinceMs
    const isNameless = await live.isNameless()
    if (!this.isLinked && (isNameless || gapMs > ABANDONED_MS)) return this.#end('deleted')
    // If the link exists, the kubelet will remove it when the container is gone.
    if (isNameless) return undefined
    return gapMs < LONG_GAP_MS ? GAP_LOOK_MS : LONG_GAP_LOOK_MS
  }

  /** Returns whether a copy of the live file is at the path. */
  async #reconcile(): Promise<boolean> {
    const before = this.#files.count
    const { damaged, foreign, gapBefore, doubtful, isReplaced } = await this.#files.reconcile()
    const { count } = this.#files
    // Also at the first check: the agent may have started in the middle of a rotation.
    if (count > Math.max(1, before)) this.#end('rotated')
    else if (count > 0 && !this.isOpen) this.#state = { kind: 'following', gapSinceMs: undefined }
    else if (count === 0)
      this.#state = { kind: 'closed', isFirst: this.#state.kind === 'closed' && this.#state.isFirst }
    for (const path of foreign) this.#options.onForeign(path)
    for (const path of damaged) this.#losses.add({ path, bytes: undefined, reason: 'damaged', file: undefined })
    if (gapBefore !== undefined) this.#losePerhaps(GAP, gapBefore)
    // Not `isSuspected`: a buffered partial line may continue in another file, and must not be joined with this one's first line.
    for (const file of doubtful)
      this.#losses.add({ path: file.path, bytes: undefined, reason: DISORDER, file: undefined }, file)
    return isReplaced
  }

  /** Returns whether it was rewritten, and deleted before it could be found again. */
  async #reopenLive(): Promise<boolean> {
    if (this.#isReplaced) return false
    const { live } = this.#files
    const again = live?.isRewritten() === true ? live.openAgain() : undefined
    await this.#files.reopenLive()
    this.#reading = atBeginning()
    this.#state = { kind: 'closed', isFirst: false }
    try {
      await this.#reconcile()
    } catch (error) {
      await again?.close()
      throw error
    }
    if (again === undefined || !(await this.#files.takeIfMissing(again, live?.key))) return false
    if (this.#files.count > 1) this.#end('rotated')
    else this.#state = { kind: 'following', gapSinceMs: undefined }
    return true
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

const GAP = 'files may have been rotated and deleted before they were seen'
const DISORDER = 'the clock was set back: the place of this file in the order of writing is uncertain'

/** The address of the byte behind it. */
function endOf({ byteOffset, length }: Uint8Array): number {
  return byteOffset + length
}

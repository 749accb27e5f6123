import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Checkpoint, Settling } from '../model/checkpoint.ts'
import type { Log } from '../model/log.ts'
import type { LogFile } from '../model/log-file.ts'
import { type FileKey, isSameCheckpoint, settled } from './checkpoint.ts'
import { CheckpointFile, readUnlocked } from './checkpoint-file.ts'
import { faultKind, isDamage, isLocked, setAside } from './damage.ts'

const FILE_NAME = 'positions.db'
const LOCK_POLL_MS = 100

export interface CheckpointStoreOptions {
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds of uptime for which the checkpoint of a vanished file is kept. */
  readonly graceMs: number
  /** Milliseconds that a change may wait for others to be written with it. */
  readonly flushMs?: number
  /** Milliseconds that `open` waits for another agent to let go of the directory. */
  readonly lockWaitMs?: number
  /** Ends that wait. */
  readonly signal?: AbortSignal
}

interface KnownFile {
  readonly checkpoint: Checkpoint
  /** The file's length, once nothing can follow: acks of batches that were sent before that was known may still come. */
  readonly end: number | undefined
  /** Monotonic milliseconds of the first look at which the file was not there any more. */
  missingSinceMs: number | undefined
}

/**
 * The checkpoints of all files: in memory, and in `positions.db` of the state directory.
 *
 * - What `advance` was told is on disk `flushMs` and one transaction later, and then outlives the process, however it ends.
 * - A power cut may take back what was stored since the log was last moved into the database, a minute at most. Then lines are
 *   delivered again. None is lost, as long as the destination did not lose what it had acked.
 * - What is read back was stored for that very key: a row that does not match its checksum is damage.
 * - Damaged and foreign files are set aside, and the store starts empty: all files are read from their beginning.
 * - While the directory cannot be written the store works in memory and keeps trying. It never throws.
 * - One agent has the directory at a time. A second one starts from what it can read there, without its lock, works in memory, and
 *   takes over when the first has gone.
 */
export class CheckpointStore {
  readonly #directory: string
  readonly #path: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #graceMs: number
  readonly #flushMs: number
  readonly #backoff = new Backoff({ initialMs: 200, maximumMs: 10_000 })
  readonly #trouble: Trouble
  readonly #closing = new AbortController()
  readonly #rows = new Map<FileKey, KnownFile>()
  /** Keys by container, made when asked for; gone as soon as a key comes. */
  #byContainer: Map<string, FileKey[]> | undefined
  /** Keys whose row on disk is not, or may not be, the one in memory. */
  readonly #dirty = new Set<FileKey>()
  #file: CheckpointFile | undefined
  #isFirstStart = false
  #isFlushDue = false
  #flushes = 0
  #setAside = 0

  private constructor(directory: string, options: CheckpointStoreOptions) {
    const { clock, log, graceMs, flushMs = 100 } = options
    this.#directory = directory
    this.#path = join(directory, FILE_NAME)
    this.#clock = clock
    this.#trouble = new Trouble(clock)
    this.#log = log
    this.#graceMs = graceMs
    this.#flushMs = flushMs
  }

  /** Resolves with what the directory holds, which is made when there is none. Never rejects: faults are logged and counted. */
  static async open(directory: string, options: CheckpointStoreOptions): Promise<CheckpointStore> {
    const { clock, log, lockWaitMs = 10_000, signal } = options
    const store = new CheckpointStore(directory, options)
    store.#isFirstStart = !existsSync(store.#path)
    const deadlineMs = clock.monotonic() + lockWaitMs
    let fault = store.#tryConnect()
    if (isLocked(fault)) log.warn('another process has the state directory: waiting for it', { directory, lockWaitMs })
    while (isLocked(fault) && clock.monotonic() < deadlineMs && signal?.aborted !== true) {
      await clock.sleep(LOCK_POLL_MS, signal)
      fault = store.#tryConnect()
    }
    if (fault !== undefined) {
      store.#adoptUnlocked()
      store.#fail(fault)
    }
    log.info('checkpoints read', { path: store.#path, rows: store.#rows.size })
    return store
  }

  /** `rows` known; `flushes` done; `failures` to open or write; files `setAside`. */
  get counters() {
    return {
      rows: this.#rows.size,
      flushes: this.#flushes,
      failures: this.#trouble.failureCount,
      setAside: this.#setAside,
    }
  }

  get(key: FileKey): Checkpoint | undefined {
    return this.#rows.get(key)?.checkpoint
  }

  /** There was no state at all when it was opened; not so when there was one that could not be used. */
  get isFirstStart(): boolean {
    return this.#isFirstStart
  }

  /** The checkpoints whose keys begin with that identity and a slash. */
  ofContainer(identity: string): Map<FileKey, Checkpoint> {
    this.#byContainer ??= Map.groupBy(this.#rows.keys(), (key) => key.slice(0, key.lastIndexOf('/')))
    const keys = this.#byContainer.get(identity) ?? []
    return new Map(
      keys.flatMap((key) => (this.#rows.has(key) ? [[key, this.#rows.get(key)?.checkpoint as Checkpoint]] : [])),
    )
  }

  /**
   * Takes over what is settled of a file; a call for each ack, in any order. Returns at once: the disk follows.
   * `end`: the file's length, if nothing can follow; it is done when all of that is settled.
   */
  advance(key: FileKey, settling: Settling, { end, order }: Pick<LogFile, 'end' | 'order'> = {}): void {
    const before = this.#rows.get(key)
    if (before === undefined) this.#byContainer = undefined
    const known = end ?? before?.end
    const checkpoint = settled(before?.checkpoint, { settling, end: known, order })
    this.#rows.set(key, { checkpoint, end: known, missingSinceMs: undefined })
    this.#dirty.add(key)
    this.#flushSoon()
  }

  /** Nothing of the file is settled any more: it was written anew, and a union with what was settled before would hold too much. */
  forget(key: FileKey): void {
    this.#rows.delete(key)
    this.#dirty.add(key)
    this.#flushSoon()
  }

  /**
   * Takes over which files there are; to be called about once a minute. Files that are missing from it for `graceMs` are forgotten.
   * The time counts from the first look that misses them, so that no downtime makes the store forget.
   */
  seen(keys: Iterable<FileKey>): void {
    const present = new Set(keys)
    const nowMs = this.#clock.monotonic()
    for (const [key, row] of this.#rows) {
      row.missingSinceMs = present.has(key) ? undefined : (row.missingSinceMs ?? nowMs)
      if (row.missingSinceMs === undefined || nowMs - row.missingSinceMs < this.#graceMs) continue
      this.forget(key)
    }
    try {
      this.#file?.tidy()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Writes what has changed, before it returns. A failure is logged, counted, and tried again by itself. */
  flush(): void {
    const isIdle = this.#file !== undefined && this.#dirty.size === 0
    if (isIdle || this.#closing.signal.aborted) return
    try {
      if (this.#file?.isInPlace() === false) this.#disconnect()
      if (this.#file === undefined) this.#connect()
      if (this.#dirty.size > 0) this.#writeDirty()
      if (this.#trouble.end() > 0) this.#log.info('checkpoints are stored again', { path: this.#path })
      this.#backoff.reset()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Flushes and lets go of the directory. What is advanced later stays in memory. */
  close(): void {
    this.flush()
    this.#closing.abort()
    this.#disconnect()
  }

  #writeDirty(): void {
    const changes = [...this.#dirty].map((key) => [key, this.#rows.get(key)?.checkpoint] as const)
    this.#file?.write(changes)
    this.#dirty.clear()
    this.#flushes += 1
  }

  #tryConnect(): unknown {
    try {
      this.#connect()
    } catch (error) {
      return error
    }
    return undefined
  }

  /** Opens the file and takes over what it holds. */
  #connect(): void {
    try {
      mkdirSync(this.#directory, { recursive: true })
      this.#takeOver()
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#putAside(error)
      this.#takeOver()
    }
  }

  #takeOver(): void {
    const { file, stored } = CheckpointFile.open(this.#path)
    this.#file = file
    for (const [key, { checkpoint }] of this.#rows) {
      if (!isSameCheckpoint(checkpoint, stored.get(key))) this.#dirty.add(key)
    }
    for (const [key, checkpoint] of stored) this.#adopt(key, checkpoint)
  }

  /** Memory knows better: what it holds was acked after what was stored, and what it has forgotten is dirty. */
  #adopt(key: FileKey, checkpoint: Checkpoint): void {
    if (this.#rows.has(key) || this.#dirty.has(key)) return
    this.#rows.set(key, { checkpoint, end: undefined, missingSinceMs: undefined })
    this.#byContainer = undefined
  }

  #adoptUnlocked(): void {
    try {
      for (const [key, checkpoint] of readUnlocked(this.#path)) this.#adopt(key, checkpoint)
    } catch (error) {
      this.#log.debug('checkpoints could not be read', { path: this.#path, error: describeError(error) })
    }
  }

  #putAside(error: unknown): void {
    const target = setAside(this.#path, this.#clock.now())
    this.#setAside += 1
    const message = 'the checkpoint file is damaged or foreign: set aside'
    this.#log.error(message, { path: this.#path, setAside: target, rows: this.#rows.size, error: describeError(error) })
  }

  /** The connection is given up, whatever the fault: the next try opens the file anew, and memory has all that belongs in it. */
  #fail(error: unknown): void {
    this.#disconnect()
    const fields = { path: this.#path, error: describeError(error) }
    if (this.#trouble.note(faultKind(error))) {
      this.#log.error('checkpoints cannot be stored: kept in memory, retrying', fields)
    }
    this.#flushSoon()
  }

  #disconnect(): void {
    try {
      this.#file?.close()
    } catch (error) {
      this.#log.warn('cannot close the checkpoint file', { path: this.#path, error: describeError(error) })
    }
    this.#file = undefined
  }

  #flushSoon(): void {
    if (this.#isFlushDue || this.#closing.signal.aborted) return
    this.#isFlushDue = true
    void this.#flushLater()
  }

  async #flushLater(): Promise<void> {
    const waitMs = this.#trouble.fault === undefined ? this.#flushMs : this.#backoff.next()
    await this.#clock.sleep(waitMs, this.#closing.signal)
    this.#isFlushDue = false
    this.flush()
  }
}

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { Timer } from '../lib/timer.ts'
import { Trouble } from '../lib/trouble.ts'
import type { Checkpoint, Settling } from '../model/checkpoint.ts'
import type { Log } from '../model/log.ts'
import type { LogFile } from '../model/log-file.ts'
import { type FileKey, isSameCheckpoint, settled } from './checkpoint.ts'
import { CheckpointFile, readUnlocked } from './checkpoint-file.ts'
import { faultKind, isDamage, isLocked, setAside } from './damage.ts'

const FILE_NAME = 'positions.db'
const LOCK_POLL_MS = 100
const NONE: ReadonlyMap<FileKey, Checkpoint> = new Map()

export interface CheckpointStoreOptions {
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds of uptime to keep the checkpoint of a file that has disappeared. */
  readonly graceMs: number
  /** Maximum delay of a change in milliseconds, so that several are written together. */
  readonly flushMs?: number
  /** Milliseconds that `open` waits for another agent to release the directory. */
  readonly lockWaitMs?: number
  /** Ends that wait early. */
  readonly signal?: AbortSignal
}

interface KnownFile {
  readonly checkpoint: Checkpoint
  /** The file's length, known once nothing more can be written to it. Batches sent before may still be acked later. */
  readonly end: number | undefined
  /** Monotonic milliseconds of the first scan that did not find the file. */
  missingSinceMs: number | undefined
}

/**
 * The checkpoints of all files: in memory, and in `positions.db` in the state directory.
 *
 * - `flushMs` and one transaction after a call of `advance`, its data is on disk and survives the end of the process, however that ends.
 * - A power cut may undo what was stored since the write-ahead log was last moved into the database, at most a minute. Then lines are
 *   delivered again. None is lost, unless the destination lost entries that it had acked.
 * - Each row has a checksum over its key and values; a row that does not match it is treated as damage.
 * - A damaged file, or one of another program, is set aside. The store then starts empty, and all files are read from the beginning.
 * - While the directory cannot be written, the store works in memory and retries. It never throws.
 * - Only one agent can use the directory. A second one reads what it can without the lock, works in memory, and takes over when the
 *   first one is gone.
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
  readonly #timer: Timer
  readonly #rows = new Map<FileKey, KnownFile>()
  /** By what the keys of all instances of a container begin with. */
  readonly #keys = new Map<string, Set<FileKey>>()
  /** Keys whose row on disk may differ from the one in memory. */
  readonly #dirty = new Set<FileKey>()
  #file: CheckpointFile | undefined
  #isFirstStart = false
  #isClosed = false
  #flushes = 0
  #setAside = 0

  private constructor(directory: string, options: CheckpointStoreOptions) {
    const { clock, log, graceMs, flushMs = 100 } = options
    this.#directory = directory
    this.#path = join(directory, FILE_NAME)
    this.#clock = clock
    this.#timer = new Timer(clock)
    this.#trouble = new Trouble(clock)
    this.#log = log
    this.#graceMs = graceMs
    this.#flushMs = flushMs
  }

  /** Creates the directory if needed and resolves with its contents. Never rejects: faults are logged and counted. */
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
    log.info('positions read', { path: store.#path, rows: store.#rows.size })
    return store
  }

  /** `rows` in memory, `flushes` done, `failures` to open or write, files `setAside`. */
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

  /** Whether there was no state at all when the store was opened. False if there was a file that could not be used. */
  get isFirstStart(): boolean {
    return this.#isFirstStart
  }

  /** The checkpoints whose keys start with that: a container, perhaps one instance of it, and a slash. */
  ofContainer(prefix: string): ReadonlyMap<FileKey, Checkpoint> {
    const keys = [...(this.#keys.get(containerOf(prefix)) ?? [])].filter((key) => key.startsWith(prefix))
    if (keys.length === 0) return NONE
    return new Map(keys.map((key) => [key, this.#rows.get(key)?.checkpoint as Checkpoint]))
  }

  /**
   * Stores what an ack settles of a file. Acks may come in any order. Returns at once; the disk is written later.
   * `end`: the file's length, if nothing more can be written to it. The file is done when all of it is settled.
   */
  advance(key: FileKey, settling: Settling, { end, order }: Pick<LogFile, 'end' | 'order'> = {}): void {
    const before = this.#rows.get(key)
    const known = end ?? before?.end
    const checkpoint = settled(before?.checkpoint, { settling, end: known, order })
    this.#set(key, { checkpoint, end: known, missingSinceMs: undefined })
    this.#dirty.add(key)
    this.#flushSoon()
  }

  /** For a file that was truncated and rewritten: nothing of it is settled any more. */
  forget(key: FileKey): void {
    this.#rows.delete(key)
    const container = containerOf(key)
    const keys = this.#keys.get(container)
    if (keys?.delete(key) && keys.size === 0) this.#keys.delete(container)
    this.#dirty.add(key)
    this.#flushSoon()
  }

  /**
   * Reports which files exist; call about once a minute. Files that are missing for `graceMs` are forgotten.
   * The time counts from the first call that misses them, so that downtime does not count.
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

  /** Writes all changes before it returns. A failure is logged, counted and retried automatically. */
  flush(): void {
    const isIdle = this.#file !== undefined && this.#dirty.size === 0
    if (isIdle || this.#isClosed) return
    try {
      if (this.#file?.isInPlace() === false) this.#disconnect()
      if (this.#file === undefined) this.#connect()
      if (this.#dirty.size > 0) this.#writeDirty()
      if (this.#trouble.end() > 0) this.#log.info('positions are stored again', { path: this.#path })
      this.#backoff.reset()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Flushes and releases the directory. Later changes stay in memory. */
  close(): void {
    this.flush()
    this.#isClosed = true
    this.#timer.clear()
    this.#disconnect()
  }

  #set(key: FileKey, row: KnownFile): void {
    const isNew = !this.#rows.has(key)
    this.#rows.set(key, row)
    if (!isNew) return
    const container = containerOf(key)
    const keys = this.#keys.get(container) ?? new Set()
    this.#keys.set(container, keys.add(key))
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

  /** Opens the file and loads its rows. */
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

  /** Rows in memory take precedence: they were acked after the stored ones. Keys deleted from memory are dirty. */
  #adopt(key: FileKey, checkpoint: Checkpoint): void {
    if (this.#rows.has(key) || this.#dirty.has(key)) return
    this.#set(key, { checkpoint, end: undefined, missingSinceMs: undefined })
  }

  #adoptUnlocked(): void {
    try {
      for (const [key, checkpoint] of readUnlocked(this.#path)) this.#adopt(key, checkpoint)
    } catch (error) {
      this.#log.debug('positions could not be read', { path: this.#path, error: describeError(error) })
    }
  }

  #putAside(error: unknown): void {
    const target = setAside(this.#path, this.#clock.now())
    this.#setAside += 1
    const message = 'the file of positions is damaged or not one of Loggy: set aside'
    this.#log.error(message, { path: this.#path, setAside: target, rows: this.#rows.size, error: describeError(error) })
  }

  /** Closes the file whatever the fault was. The next try opens it again; memory has everything that must be written. */
  #fail(error: unknown): void {
    this.#disconnect()
    const fields = { path: this.#path, error: describeError(error) }
    if (this.#trouble.note(faultKind(error))) {
      this.#log.error('positions cannot be stored: kept in memory; retrying', fields)
    }
    this.#flushSoon()
  }

  #disconnect(): void {
    try {
      this.#file?.close()
    } catch (error) {
      this.#log.warn('cannot close the file of positions', { path: this.#path, error: describeError(error) })
    }
    this.#file = undefined
  }

  #flushSoon(): void {
    if (this.#timer.isSet || this.#isClosed) return
    this.#timer.set(this.#trouble.fault === undefined ? this.#flushMs : this.#backoff.next(), () => this.flush())
  }
}

/** Its first two parts: the pod and the container. */
function containerOf(key: FileKey): string {
  return key.slice(0, key.indexOf('/', key.indexOf('/') + 1))
}

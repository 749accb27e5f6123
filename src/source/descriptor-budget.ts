import type { Log } from '../model/log.ts'
import type { Tracked } from './tracked-logs.ts'

/** Descriptors that are never used for logs: the API server's connections, probes, positions, the destination, listing folders. */
const RESERVED = 32
/** Of the files that may be open, how many may be rotated or deleted ones: half as many as there are logs being read. */
const HELD_SHARE = 1 / 2
/** With less nothing can be read at all. */
const LEAST_FILES = 4
/** Share of the open logs that are closed at a time, so that not each log that grows needs another closed first. */
const CLOSED_AT_ONCE = 1 / 16
/** How much is given back when a descriptor was refused all the same, and taken again at each sweep. */
const STEP = 8

/** How the open files stand against the limit. */
export interface DescriptorFigures {
  /** What the process may have open. */
  readonly limit: number
  /** Logs that are closed while they are at rest, because there are more logs than may be open. */
  readonly parked: number
  /** Logs that wait to be opened, because all that are open are being read. */
  readonly unopened: number
}

/**
 * Keeps the files of logs below what the process may have open, so that it can always list folders, connect and answer. Beyond, logs at
 * rest are closed, the one first that has been silent longest: the folder's watch tells when it changes, and it is opened again.
 */
export class DescriptorBudget {
  /** Of rotated and deleted files that are held. */
  readonly maxHeldFiles: number
  readonly #limit: number
  readonly #log: Log
  readonly #most: number
  #files: number
  readonly #unopened = new Set<Tracked>()
  #isShort = false

  /** `limit`: how many files the process may have open. */
  constructor(limit: number, log: Log) {
    this.#limit = limit
    this.#log = log
    this.#most = Math.max(LEAST_FILES, Math.floor((limit - RESERVED) / (1 + HELD_SHARE)))
    this.#files = this.#most
    this.maxHeldFiles = Math.max(1, Math.floor(this.#most * HELD_SHARE))
  }

  /** Whether a log's file may be opened now; makes room where that is possible. */
  admits(tracked: Tracked, opened: readonly Tracked[]): true | Promise<boolean> {
    if (opened.length * 2 < this.#files) return true
    const open = tracked.open?.log
    const isOpen = open !== undefined && (open.openCount > 0 || (open.isParked && open.isAtRest))
    return isOpen || this.#makeRoom(tracked, opened)
  }

  async #makeRoom(tracked: Tracked, opened: readonly Tracked[]): Promise<boolean> {
    await this.keep(opened, 1)
    const isAdmitted = openCount(opened) < this.#files
    if (isAdmitted) this.#unopened.delete(tracked)
    else this.#unopened.add(tracked)
    return isAdmitted
  }

  /** Closes logs at rest until so many more can be opened, or none is left to close. */
  async keep(opened: readonly Tracked[], more = 0): Promise<void> {
    if (openCount(opened) + more <= this.#files) return
    this.#tell(opened.length)
    const target = Math.floor(this.#files * (1 - CLOSED_AT_ONCE)) - more
    const byActivity = opened.filter(({ open }) => open?.wake.isWatching).toSorted((a, b) => a.activeMs - b.activeMs)
    for (const { open } of byActivity) {
      if (openCount(opened) <= target) return
      await open?.log.park()
    }
  }

  /** Whether so many rotated files are open besides the logs that what is kept for everything else is in use. */
  isExceeded(opened: readonly Tracked[]): boolean {
    return openCount(opened) > this.#files + this.maxHeldFiles
  }

  /** Closes logs of which all is on disk, unread as they are, until that is no more so. Returns those logs. */
  async release(opened: readonly Tracked[]): Promise<Tracked[]> {
    const released: Tracked[] = []
    const openOf = ({ open }: Tracked) => open?.log.openCount ?? 0
    for (const tracked of opened.toSorted((a, b) => openOf(b) - openOf(a))) {
      if (!this.isExceeded(opened)) break
      if (await tracked.open?.log.release()) released.push(tracked)
    }
    return released
  }

  /** A descriptor was refused although there should have been one: something else has it. */
  async shrink(opened: readonly Tracked[]): Promise<void> {
    this.#files = Math.max(LEAST_FILES, Math.min(this.#files, openCount(opened)) - STEP)
    await this.keep(opened)
  }

  /** To be called now and then: takes back what was given away, and forgets what is gone. */
  grow(opened: readonly Tracked[]): void {
    this.#files = Math.min(this.#most, this.#files + STEP)
    const there = new Set(opened)
    for (const tracked of this.#unopened) if (!there.has(tracked)) this.#unopened.delete(tracked)
    const { parked, unopened } = this.figures(opened)
    if (parked + unopened === 0) this.#isShort = false
  }

  forget(tracked: Tracked): void {
    this.#unopened.delete(tracked)
  }

  figures(opened: readonly Tracked[]): DescriptorFigures {
    const parked = opened.filter(({ open }) => open?.log.isParked).length
    return { limit: this.#limit, parked, unopened: this.#unopened.size }
  }

  #tell(logs: number): void {
    if (this.#isShort) return
    this.#isShort = true
    this.#log.warn(
      'too few files may be open for all logs of this node: logs at rest are closed, and opened again when they grow; raise the limit (RLIMIT_NOFILE)',
      { limit: this.#limit, forLogs: this.#files, logs },
    )
  }
}

function openCount(opened: readonly Tracked[]): number {
  return opened.reduce((sum, { open }) => sum + (open?.log.openCount ?? 0), 0)
}

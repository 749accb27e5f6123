import type { Log } from '../model/log.ts'
import type { Tracked } from './tracked-logs.ts'

/** Descriptors reserved for everything but logs: API server, probes, positions, destination, listing folders. */
export const RESERVED = 32
/** Rotated or deleted files that may be open, as a share of all files: half as many as logs that are read. */
const HELD_SHARE = 1 / 2
/** Minimum number of files; with fewer, nothing could be read. */
const LEAST_FILES = 4
/** Share of the open logs to close at once, so that not every log that grows needs another one closed first. */
const CLOSED_AT_ONCE = 1 / 16
/** By how much the limit is lowered if a descriptor is refused anyway, and raised again at each sweep. */
const STEP = 8

/** The descriptor limit and its effects. */
export interface DescriptorFigures {
  /** How many files the process may have open. */
  readonly limit: number
  /** Idle logs that are closed, because there are more logs than may be open. */
  readonly parked: number
  /** Logs that cannot be opened, because all open ones are being read. */
  readonly unopened: number
}

/**
 * Keeps the number of open log files below the process's limit, so that it can always list folders, connect and answer. If there are too
 * many logs, idle ones are closed, longest idle first. A watch on the folder reports when one changes; then it is reopened.
 */
export class DescriptorBudget {
  /** Maximum number of rotated and deleted files that are kept open. */
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

  /** Whether a log's file may be opened now; closes others if possible. */
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

  /** Closes idle logs until so many more can be opened, or no idle one is left. */
  async keep(opened: readonly Tracked[], more = 0): Promise<void> {
    if (openCount(opened) + more <= this.#files) return
    this.#reportShortage(opened.length)
    const target = Math.floor(this.#files * (1 - CLOSED_AT_ONCE)) - more
    const byActivity = opened.filter(({ open }) => open?.wake.isWatching).toSorted((a, b) => a.activeMs - b.activeMs)
    for (const { open } of byActivity) {
      if (openCount(opened) <= target) return
      await open?.log.park()
    }
  }

  /** Whether so many rotated files are open, besides the logs, that reserved descriptors are in use. */
  isExceeded(opened: readonly Tracked[]): boolean {
    return openCount(opened) > this.#files + this.maxHeldFiles
  }

  /** Closes logs whose files are all on disk, without reading the rest, until that is over. Returns those logs. */
  async release(opened: readonly Tracked[]): Promise<Tracked[]> {
    if (!this.isExceeded(opened)) return []
    const released: Tracked[] = []
    for (const tracked of opened.toSorted((a, b) => openCountOf(b) - openCountOf(a))) {
      if (!this.isExceeded(opened)) break
      if (await tracked.open?.log.release()) released.push(tracked)
    }
    return released
  }

  /** A descriptor was refused although one should have been free: something else uses more than is reserved. */
  async shrink(opened: readonly Tracked[]): Promise<void> {
    this.#files = Math.max(LEAST_FILES, Math.min(this.#files, openCount(opened)) - STEP)
    await this.keep(opened)
  }

  /** Call now and then: raises the limit again after `shrink`, and forgets logs that are gone. */
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

  #reportShortage(logs: number): void {
    if (this.#isShort) return
    this.#isShort = true
    this.#log.warn(
      'the file descriptor limit is too low for all logs of this node: idle logs are closed, and reopened when they grow; raise it (RLIMIT_NOFILE)',
      { limit: this.#limit, forLogs: this.#files, logs },
    )
  }
}

function openCount(opened: readonly Tracked[]): number {
  return opened.reduce((sum, tracked) => sum + openCountOf(tracked), 0)
}

function openCountOf({ open }: Tracked): number {
  return open?.log.openCount ?? 0
}

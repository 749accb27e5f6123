import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import { Timer } from '../lib/timer.ts'
import type { Log } from '../model/log.ts'

/** Milliseconds between two checks whether the folder has changed, until chokidar is ready. */
const EARLY_CHECK_MS = 20
/** Milliseconds after the start until chokidar begins: it checks each link four times, and the first lines must not wait for that. */
const WATCH_AFTER_MS = 1000
/** Milliseconds between two scans that read all links again, whatever the folder's mtime is. */
const FULL_SCAN_MS = 30_000

export interface DiscoveryEvents {
  /** `target` is where the link points to, absolute, or undefined for a plain file. */
  onFound(name: string, target: string | undefined): void
  onGone(name: string): void
  /** The folder could not be read; it is tried again. */
  onFault(error: unknown): void
}

/**
 * Finds the files in the directory of container logs. chokidar reports that something has changed, and a scan finds out what. So lost or
 * duplicate events do no harm. A link with a new target is reported as gone and found.
 * Scans are synchronous: 500 links take 4 ms, and would take 50 ms through the thread pool and promises.
 */
export class Discovery {
  readonly #directory: string
  readonly #events: DiscoveryEvents
  readonly #clock: Clock
  readonly #log: Log
  readonly #targets = new Map<string, string | undefined>()
  /** Links that may have a new target. */
  readonly #suspects = new Set<string>()
  #watcher: FSWatcher | undefined
  readonly #timer: Timer
  #isReady = false
  #due: NodeJS.Immediate | undefined
  #startMs = 0
  /** The folder's mtime at the last scan. */
  #changedMs: number | undefined
  #fullScanMs = Number.NEGATIVE_INFINITY
  #lastFault: string | undefined

  constructor(directory: string, events: DiscoveryEvents, parts: { clock: Clock; log: Log }) {
    this.#directory = directory
    this.#events = events
    this.#clock = parts.clock
    this.#log = parts.log
    this.#timer = new Timer(parts.clock)
  }

  /** Resolves after the first scan. */
  async start(): Promise<void> {
    this.#startMs = this.#clock.monotonic()
    this.#checkOften()
  }

  async close(): Promise<void> {
    this.#timer.clear()
    clearImmediate(this.#due)
    await this.#watcher?.close()
  }

  /** Looks whether the folder has changed, since events can get lost; call about once a second. */
  check(): void {
    if (this.#clock.monotonic() - this.#startMs >= WATCH_AFTER_MS) this.#watcher ??= this.#watch()
    const changedMs = this.#changeTime()
    if (changedMs === this.#changedMs && !this.#isFullScanDue) return
    if (this.#scan()) this.#changedMs = changedMs
  }

  /** Until chokidar is ready. */
  #checkOften(): void {
    this.check()
    if (!this.#isReady) this.#timer.set(EARLY_CHECK_MS, () => this.#checkOften())
  }

  #watch(): FSWatcher {
    const watcher = watch(this.#directory, {
      depth: 0,
      followSymlinks: false,
      ignoreInitial: true,
      ignorePermissionErrors: true,
    })
    watcher.on('all', (event, path) => this.#onEvent(event, basename(path)))
    watcher.on('ready', () => {
      this.#scanSoon() // for changes between the last check and the start of the watch
      this.#isReady = true
    })
    watcher.on('error', (error) => this.#report(error))
    return watcher
  }

  #onEvent(event: string, name: string): void {
    // A plain file changes when it grows, which does not matter here.
    if (event === 'change' && this.#targets.has(name) && this.#targets.get(name) === undefined) return
    this.#suspects.add(name)
    this.#scanSoon()
  }

  #changeTime(): number | undefined {
    try {
      return statSync(this.#directory).mtimeMs
    } catch {
      return undefined // the scan gets the same error and reports it
    }
  }

  /** Events come in bursts; one scan serves all of them. */
  #scanSoon(): void {
    this.#due ??= setImmediate(() => {
      this.#due = undefined
      this.#scan()
    })
  }

  /** Returns whether the scan succeeded. */
  #scan(): boolean {
    try {
      this.#scanOnce()
      this.#lastFault = undefined
      return true
    } catch (error) {
      this.#report(error)
      return false
    }
  }

  #scanOnce(): void {
    const isFull = this.#isFullScanDue
    const names = new Set(readdirSync(this.#directory))
    const suspects = new Set(this.#suspects)
    this.#suspects.clear()
    for (const name of this.#targets.keys()) if (!names.has(name)) this.#forget(name)
    for (const name of names) {
      if (this.#targets.has(name) && !isFull && !suspects.has(name)) continue
      const found = this.#look(name)
      if (found === undefined) continue
      const { target } = found
      if (this.#targets.has(name) && this.#targets.get(name) === target) continue
      if (this.#targets.has(name)) this.#forget(name)
      this.#targets.set(name, target)
      this.#events.onFound(name, target)
    }
    if (isFull) this.#fullScanMs = this.#clock.monotonic()
  }

  get #isFullScanDue(): boolean {
    return this.#clock.monotonic() - this.#fullScanMs >= FULL_SCAN_MS
  }

  #forget(name: string): void {
    this.#targets.delete(name)
    this.#events.onGone(name)
  }

  /** The link's target, none for a plain file. Undefined if it cannot be read now; then a later scan tries again. */
  #look(name: string): { readonly target: string | undefined } | undefined {
    try {
      return { target: resolve(this.#directory, readlinkSync(join(this.#directory, name))) }
    } catch (error) {
      if (systemCode(error) === 'EINVAL') return { target: undefined } // not a link
      if (systemCode(error) !== 'ENOENT') this.#report(error) // ENOENT: gone since the listing
      return undefined
    }
  }

  #report(error: unknown): void {
    this.#events.onFault(error)
    const fault = describeError(error)
    if (fault === this.#lastFault) return
    this.#lastFault = fault
    this.#log.error('cannot read the directory of container logs; retrying', {
      directory: this.#directory,
      error: fault,
    })
  }
}

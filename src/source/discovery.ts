import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import { Timer } from '../lib/timer.ts'
import type { Log } from '../model/log.ts'

/** Milliseconds between two checks of whether the folder has changed; events get lost, and before chokidar is ready there are none. */
const CHECK_MS = { early: 20, later: 1000 }
/** Milliseconds after the start at which chokidar begins: it looks at each link four times, and the first lines do not wait for that. */
const WATCH_AFTER_MS = 1000
/** Milliseconds between two scans that read every link again, whatever the folder's time of change says. */
const FULL_SCAN_MS = 30_000

export interface DiscoveryEvents {
  /** `target` is where the link points to, absolute, or undefined for a plain file. */
  onFound(name: string, target: string | undefined): void
  onGone(name: string): void
  /** The folder could not be read, for this reason; it is tried again. */
  onFault(error: unknown): void
}

/**
 * Which files the directory of container logs holds. chokidar says when to look, a scan says what is there, so a lost or
 * doubled event changes nothing. A link that points to another target than before is gone and found.
 * Scans are synchronous: 500 links take 4 ms so, and 50 through the thread pool and promises.
 */
export class Discovery {
  readonly #directory: string
  readonly #events: DiscoveryEvents
  readonly #clock: Clock
  readonly #log: Log
  readonly #targets = new Map<string, string | undefined>()
  /** Links that may point elsewhere now. */
  readonly #suspects = new Set<string>()
  #watcher: FSWatcher | undefined
  readonly #timer: Timer
  #checkEveryMs = CHECK_MS.early
  #due: NodeJS.Immediate | undefined
  #startMs = 0
  /** Of the folder, at the last scan. */
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
    this.#check()
    this.#checkLater()
  }

  async close(): Promise<void> {
    this.#timer.clear()
    clearImmediate(this.#due)
    await this.#watcher?.close()
  }

  #checkLater(): void {
    this.#timer.set(this.#checkEveryMs, () => {
      this.#checkLater()
      this.#check()
    })
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
      this.#scanSoon() // what came between the last check and the watch is no event
      this.#checkEveryMs = CHECK_MS.later
    })
    watcher.on('error', (error) => this.#report(error))
    return watcher
  }

  #onEvent(event: string, name: string): void {
    // A plain file's changes are its growth, which is not for discovery.
    if (event === 'change' && this.#targets.has(name) && this.#targets.get(name) === undefined) return
    this.#suspects.add(name)
    this.#scanSoon()
  }

  #check(): void {
    if (this.#clock.monotonic() - this.#startMs >= WATCH_AFTER_MS) this.#watcher ??= this.#watch()
    const changedMs = this.#changeTime()
    if (changedMs === this.#changedMs && !this.#isFullScanDue) return
    if (this.#scan()) this.#changedMs = changedMs
  }

  #changeTime(): number | undefined {
    try {
      return statSync(this.#directory).mtimeMs
    } catch {
      return undefined // the scan meets the same error and reports it
    }
  }

  /** Events come in swarms; one scan answers all that are there. */
  #scanSoon(): void {
    this.#due ??= setImmediate(() => {
      this.#due = undefined
      this.#scan()
    })
  }

  /** Returns whether it was done. */
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

  /** Where the link points, or no target for a plain file; undefined when it cannot be told now, which a later scan does again. */
  #look(name: string): { readonly target: string | undefined } | undefined {
    try {
      return { target: resolve(this.#directory, readlinkSync(join(this.#directory, name))) }
    } catch (error) {
      if (systemCode(error) === 'EINVAL') return { target: undefined } // no link
      if (systemCode(error) !== 'ENOENT') this.#report(error) // else gone since the listing
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

import { readdir, readlink, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Log } from '../model.ts'

/** Milliseconds between two checks of whether the folder has changed; events get lost. */
const CHECK_MS = 1000
/** Milliseconds between two scans that read every link again, whatever the folder's time of change says. */
const FULL_SCAN_MS = 30_000

export interface DiscoveryEvents {
  /** `target` is where the link points to, absolute, or undefined for a plain file. */
  onFound(name: string, target: string | undefined): void
  onGone(name: string): void
}

/**
 * Which files the directory of container logs holds. chokidar says when to look, a scan says what is there, so a lost or
 * doubled event changes nothing. A link that points to another target than before is gone and found.
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
  #timer: NodeJS.Timeout | undefined
  #scan: Promise<void> | undefined
  #isScanDue = false
  #changedMs = 0
  #fullScanMs = Number.NEGATIVE_INFINITY
  #lastFault: string | undefined

  constructor(directory: string, events: DiscoveryEvents, parts: { clock: Clock; log: Log }) {
    this.#directory = directory
    this.#events = events
    this.#clock = parts.clock
    this.#log = parts.log
  }

  /** Resolves after the first scan. */
  async start(): Promise<void> {
    this.#watcher = watch(this.#directory, {
      depth: 0,
      followSymlinks: false,
      ignoreInitial: true,
      ignorePermissionErrors: true,
    })
    this.#watcher.on('all', (event, path) => this.#onEvent(event, basename(path)))
    // What came between the first scan and the watch is no event.
    this.#watcher.on('ready', () => void this.#requestScan())
    this.#watcher.on('error', (error) => this.#report(error))
    this.#timer = setInterval(() => void this.#check(), CHECK_MS)
    await this.#requestScan()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#watcher?.close()
    await this.#scan
  }

  #onEvent(event: string, name: string): void {
    // A plain file's changes are its growth, which is not for discovery.
    if (event === 'change' && this.#targets.has(name) && this.#targets.get(name) === undefined) return
    this.#suspects.add(name)
    void this.#requestScan()
  }

  async #check(): Promise<void> {
    const changedMs = await stat(this.#directory).then(
      (stats) => stats.mtimeMs,
      () => undefined, // the scan meets the same error and reports it
    )
    if (changedMs !== this.#changedMs || this.#isFullScanDue) await this.#requestScan()
    this.#changedMs = changedMs ?? 0
  }

  /** One scan at a time; what is asked for during one leads to one more. */
  #requestScan(): Promise<void> {
    this.#isScanDue = true
    this.#scan ??= this.#scanWhileDue()
    return this.#scan
  }

  async #scanWhileDue(): Promise<void> {
    while (this.#isScanDue) {
      this.#isScanDue = false
      try {
        await this.#scanOnce()
        this.#lastFault = undefined
      } catch (error) {
        this.#report(error)
      }
    }
    // In the same breath as the last look at `#isScanDue`, or a request in between would be taken for part of this scan.
    this.#scan = undefined
  }

  async #scanOnce(): Promise<void> {
    const isFull = this.#isFullScanDue
    const suspects = new Set(this.#suspects)
    this.#suspects.clear()
    const names = new Set(await readdir(this.#directory))
    for (const name of this.#targets.keys()) if (!names.has(name)) this.#forget(name)
    for (const name of names) {
      if (this.#targets.has(name) && !isFull && !suspects.has(name)) continue
      const found = await this.#look(name)
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
  async #look(name: string): Promise<{ readonly target: string | undefined } | undefined> {
    try {
      return { target: resolve(this.#directory, await readlink(join(this.#directory, name))) }
    } catch (error) {
      if (systemCode(error) === 'EINVAL') return { target: undefined } // no link
      if (systemCode(error) !== 'ENOENT') this.#report(error) // else gone since the listing
      return undefined
    }
  }

  #report(error: unknown): void {
    const fault = describeError(error)
    if (fault === this.#lastFault) return
    this.#lastFault = fault
    this.#log.error('cannot read the directory of container logs; trying on', {
      directory: this.#directory,
      error: fault,
    })
  }
}

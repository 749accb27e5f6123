import { realpath } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { DirectoryWatches, FileListener } from './directory-watches.ts'

/** Milliseconds between two looks at a busy file. Each write is an inotify event, and each event costs as much as a look. */
const BUSY_POLL_MS = 5
/** A file is busy when it has more events than this within BUSY_WINDOW_MS. */
const BUSY_EVENTS = 10
const BUSY_WINDOW_MS = 100
/** Milliseconds without a byte after which a busy file is watched again. */
const IDLE_AFTER_MS = 1000
/** Milliseconds between two looks at a file that cannot be watched (yet). */
const UNWATCHED_POLL_MS = 250

type State =
  | { is: 'closed' }
  | { is: 'watching'; directory: string; name: string }
  | { is: 'polling'; lastDataMs: number }

/** Says when to look at one file: an idle one is watched, a busy one polled. `wake` hears whether the file may be another now. */
export class FileWake {
  readonly #path: string
  readonly #watches: DirectoryWatches
  readonly #wake: (isRename: boolean) => void
  #state: State = { is: 'polling', lastDataMs: Number.NEGATIVE_INFINITY }
  #timer: NodeJS.Timeout | undefined
  #windowStartMs = 0
  #eventsInWindow = 0

  constructor(path: string, watches: DirectoryWatches, wake: (isRename: boolean) => void) {
    this.#path = path
    this.#watches = watches
    this.#wake = wake
  }

  /** To be called each time the file has been read to its end; `hadData` tells whether this look was worth it. */
  async rest(hadData: boolean, nowMs: number): Promise<void> {
    const state = this.#state
    if (state.is !== 'polling') return
    if (hadData) state.lastDataMs = nowMs
    const isIdle = nowMs - state.lastDataMs >= IDLE_AFTER_MS
    // One look after the watch is in place, for what was written before.
    if (isIdle && (await this.#watch())) return this.#wake(true)
    clearTimeout(this.#timer)
    if (this.#state.is !== 'polling') return
    this.#timer = setTimeout(() => this.#wake(true), isIdle ? UNWATCHED_POLL_MS : BUSY_POLL_MS)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#unwatch()
    this.#state = { is: 'closed' }
  }

  /** Returns false when the file cannot be watched now: its folder is missing, or the system has no watch left. */
  async #watch(): Promise<boolean> {
    try {
      const path = await realpath(this.#path)
      if (this.#state.is !== 'polling') return false
      const [directory, name] = [dirname(path), basename(path)]
      this.#watches.add(directory, name, this.#onEvent)
      this.#state = { is: 'watching', directory, name }
      return true
    } catch {
      return false // whatever the reason: it is polled, and this is tried again
    }
  }

  #unwatch(): void {
    if (this.#state.is === 'watching') this.#watches.remove(this.#state.directory, this.#state.name, this.#onEvent)
  }

  readonly #onEvent: FileListener = (isRename) => {
    const nowMs = performance.now()
    if (nowMs - this.#windowStartMs > BUSY_WINDOW_MS) {
      this.#windowStartMs = nowMs
      this.#eventsInWindow = 0
    }
    this.#eventsInWindow += 1
    if (this.#eventsInWindow > BUSY_EVENTS) {
      this.#unwatch()
      this.#state = { is: 'polling', lastDataMs: nowMs }
    }
    this.#wake(isRename)
  }
}

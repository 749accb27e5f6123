import { realpathSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { Timer } from '../lib/timer.ts'
import type { DirectoryWatches, FileEvent, FileListener } from './directory-watches.ts'

/** Minimum and maximum milliseconds between two checks of a busy file. Each write is an event, and an event costs as much as a check. */
const BUSY_POLL_MS = { least: 5, most: 20 }
/** Bytes that make a check worth its cost; while checks find less, they become rarer. */
const WORTHWHILE_BYTES = 16 * 1024
/**
 * Bytes from which on they become more frequent than that, every millisecond at most: quiet logs wait behind what a flood's look finds, first for their turn and
 * then in the pipe. At 100 MB/s the looks are as many as the turns of 512 KiB that they save.
 */
const MUCH_BYTES = 128 * 1024
const FLOOD_POLL_MS = 1
/** A file is busy if it has more events than this within BUSY_WINDOW_MS. */
const BUSY_EVENTS = 10
const BUSY_WINDOW_MS = 100
/** Checks without new bytes until a file is watched instead: an event reports the next byte sooner and at less cost. */
const IDLE_LOOKS = 3
/** First and last interval in milliseconds between two checks of a file that cannot be watched. */
const UNWATCHED_POLL_MS = { least: 50, most: 1000 }

type State =
  | { kind: 'closed' }
  | { kind: 'watching'; directory: string; name: string }
  | { kind: 'polling'; everyMs: number; emptyLooks: number }

export interface FileWakeParts {
  readonly watches: DirectoryWatches
  readonly clock: Clock
  /** Called when there may be something new. `isRename`: another file may be at the path. */
  wake(isRename: boolean): void
}

/** Decides when to check a file: an idle one is watched, a busy one is polled. */
export class FileWake {
  readonly #path: string
  readonly #watches: DirectoryWatches
  readonly #wake: (isRename: boolean) => void
  #state: State = { kind: 'polling', everyMs: UNWATCHED_POLL_MS.least, emptyLooks: IDLE_LOOKS }
  readonly #clock: Clock
  readonly #timer: Timer
  #windowStartMs = 0
  #eventsInWindow = 0

  constructor(path: string, parts: FileWakeParts) {
    this.#path = path
    this.#watches = parts.watches
    this.#clock = parts.clock
    this.#timer = new Timer(parts.clock)
    this.#wake = parts.wake
  }

  /** Call each time the file was read to its end, with the number of bytes since the last call. */
  rest(bytes: number): void {
    const state = this.#state
    if (state.kind !== 'polling') return
    state.emptyLooks = bytes > 0 ? 0 : state.emptyLooks + 1
    const isIdle = state.emptyLooks >= IDLE_LOOKS
    // One check after the watch is in place, for bytes that were written before.
    if (isIdle && this.#watch()) {
      this.#wake(true)
      return
    }
    state.everyMs = isIdle ? rarer(state.everyMs, UNWATCHED_POLL_MS) : nextPollMs(state.everyMs, bytes)
    this.#timer.set(state.everyMs, () => this.#wake(false))
  }

  /** Whether a change of the file is reported by an event, without polling. */
  get isWatching(): boolean {
    return this.#state.kind === 'watching'
  }

  close(): void {
    this.#timer.clear()
    this.#unwatch()
    this.#state = { kind: 'closed' }
  }

  /** Returns false if the file cannot be watched now: its folder is missing, or the system has no watches left. */
  #watch(): boolean {
    try {
      const path = realpathSync.native(this.#path)
      const [directory, name] = [dirname(path), basename(path)]
      this.#watches.add(directory, name, this.#onEvent)
      this.#state = { kind: 'watching', directory, name }
      return true
    } catch {
      return false // for any reason: the file is polled, and the watch is tried again later
    }
  }

  #unwatch(): void {
    if (this.#state.kind === 'watching') this.#watches.remove(this.#state.directory, this.#state.name, this.#onEvent)
  }

  readonly #onEvent: FileListener = (event: FileEvent) => {
    const nowMs = this.#clock.monotonic()
    if (event === 'unwatched') {
      this.#state = { kind: 'polling', everyMs: UNWATCHED_POLL_MS.least, emptyLooks: IDLE_LOOKS }
      return this.#wake(true)
    }
    if (nowMs - this.#windowStartMs > BUSY_WINDOW_MS) {
      this.#windowStartMs = nowMs
      this.#eventsInWindow = 0
    }
    this.#eventsInWindow += 1
    if (this.#eventsInWindow > BUSY_EVENTS) {
      this.#unwatch()
      this.#state = { kind: 'polling', everyMs: BUSY_POLL_MS.least, emptyLooks: 0 }
    }
    this.#wake(event === 'rename')
  }
}

/** Milliseconds until the next check of a busy file, the last of which came after `everyMs` and found so many bytes. */
function nextPollMs(everyMs: number, bytes: number): number {
  const { least, most } = BUSY_POLL_MS
  // Of a flood's file from its last interval on: its writer may only have been late.
  if (bytes < WORTHWHILE_BYTES) return rarer(everyMs, { least: FLOOD_POLL_MS, most })
  return Math.max(FLOOD_POLL_MS, Math.min(Math.round((everyMs * MUCH_BYTES) / bytes), least))
}

function rarer(everyMs: number, { least, most }: { readonly least: number; readonly most: number }): number {
  return Math.max(least, Math.min(everyMs * 2, most))
}

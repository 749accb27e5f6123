import { Tail } from 'tail'
import type { Clock } from '../lib/clock.ts'
import { FollowedFile } from './followed-file.ts'

/** Milliseconds between two checks whether the file was replaced or truncated, since no event is reliable for this. Too short to notice. */
const lookIntervalMs = 250
/** Bytes to buffer while the consumer is busy; more stay in the file. */
const maxPendingBytes = 1024 * 1024

export interface FollowOptions {
  readonly clock: Clock
  /** Stops following, without an error. */
  readonly signal: AbortSignal
  /** Called with a short message if the file was truncated, replaced or removed. */
  readonly notify: (message: string) => void
}

/**
 * The bytes of a file from its start, and those appended later, until the signal aborts. If another file replaces it, that one is read
 * from its start, after the rest of this one. A truncated file is read again from its start. Rejects if there is no file at the beginning.
 *
 * The package `tail` reports appended bytes quickly. But it keeps no file open, does not wait for its consumer, stops when the file is
 * renamed, and misses what is written right after a truncation. So its bytes are used only if they are certainly the next ones of the
 * file that is open here. If in doubt, the rest is read from that file at our own position, and `tail` is restarted.
 */
export async function* followFile(path: string, options: FollowOptions): AsyncGenerator<Buffer> {
  const { clock, signal, notify } = options
  let file = await FollowedFile.open(path)
  let missingLooks = 0
  try {
    while (!signal.aborted) {
      const found = file.look(path)
      missingLooks = found === 'missing' ? missingLooks + 1 : 0
      if (found === 'truncated') {
        notify(`${path} was truncated; reading it from its start`)
        yield* file.restart()
      }
      yield* file.rest(signal)
      if (found === 'same') yield* appendedBytes(file, path, options)
      if (found === 'missing') {
        // Once is normal: between a rename and the creation of the new file there is none.
        if (missingLooks === 2) notify(`${path} was removed or renamed; waiting for a new one`)
        await clock.sleep(lookIntervalMs, signal)
      }
      if (found === 'replaced') {
        // The writer may need a moment to switch to the new file.
        await clock.sleep(lookIntervalMs, signal)
        yield* file.rest(signal)
        const next = await FollowedFile.openIfThere(path)
        if (next !== undefined) {
          notify(`${path} was replaced; reading the new one`)
          const lineEnd = file.restart()
          await file.close()
          file = next
          yield* lineEnd
        }
      }
    }
  } finally {
    await file.close()
  }
}

/** The bytes from `tail`, as long as they are certainly the next ones of our file. */
async function* appendedBytes(
  file: FollowedFile,
  path: string,
  { clock, signal }: FollowOptions,
): AsyncGenerator<Buffer> {
  const arrivals = new Arrivals(file, path)
  const tail = startTail(path, arrivals)
  if (tail === undefined) return await clock.sleep(lookIntervalMs, signal)
  try {
    // `tail` starts at the size it finds. If that is not our position, the bytes in between would be missing.
    if (file.unread() !== 0) return
    while (!signal.aborted) {
      yield* arrivals.take()
      if (arrivals.areOver) return
      await arrivals.wait(clock, signal)
      // No bytes arrived, but the file has changed: an event was lost, or another file is there.
      if (arrivals.isEmpty && (file.unread() !== 0 || file.look(path) !== 'same')) return
    }
  } finally {
    arrivals.end()
    tail.unwatch()
  }
}

/** Undefined if the path cannot be watched: it is gone, or the system has no watches left. */
function startTail(path: string, arrivals: Arrivals): Tail | undefined {
  try {
    // Blocks of bytes, not lines: `tail` decodes each block separately, which breaks characters, and scans a long line again with each
    // block. Latin 1 maps each byte to one character and back.
    const tail = new Tail(path, { separator: null, encoding: 'latin1', follow: false })
    tail.on('line', (block: string) => arrivals.add(Buffer.from(block, 'latin1')))
    tail.on('error', () => arrivals.end())
    return tail
  } catch {
    // Its constructor throws the errors of its parts. The caller then checks the file from time to time.
    return undefined
  }
}

/** Buffers the bytes from `tail`. */
class Arrivals {
  readonly #file: FollowedFile
  readonly #path: string
  #pending: Buffer[] = []
  #pendingBytes = 0
  #hasEnded = false
  #wake: () => void = () => {}

  constructor(file: FollowedFile, path: string) {
    this.#file = file
    this.#path = path
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0
  }

  /** The buffer is empty and accepts no more: later bytes are read from the file. */
  get areOver(): boolean {
    return this.#hasEnded && this.isEmpty
  }

  add(bytes: Buffer): void {
    if (this.#hasEnded) return
    const total = this.#pendingBytes + bytes.length
    // Checked after the bytes were read: if the path had been another file by then, it would still be.
    const isNext = this.#file.unread() >= total && this.#file.look(this.#path) === 'same'
    if (!isNext || total > maxPendingBytes) {
      this.end()
      return
    }
    this.#pending.push(bytes)
    this.#pendingBytes = total
    this.#wake()
  }

  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  /** The buffered bytes; each chunk counts as read when it is yielded. */
  *take(): Generator<Buffer> {
    for (let bytes = this.#pending.shift(); bytes !== undefined; bytes = this.#pending.shift()) {
      this.#pendingBytes -= bytes.length
      this.#file.advance(bytes)
      yield bytes
    }
  }

  /** Resolves when there are bytes to take or the end has come, and at the latest when the file must be checked. */
  async wait(clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.isEmpty || this.#hasEnded) return
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await clock.sleep(lookIntervalMs, AbortSignal.any([signal, woken.signal]))
  }
}

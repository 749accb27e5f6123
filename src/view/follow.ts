import { Tail } from 'tail'
import type { Clock } from '../lib/clock.ts'
import { FollowedFile } from './followed-file.ts'

/** How often to look whether the file was replaced or truncated: no event tells that for certain. A person does not notice the wait. */
const lookIntervalMs = 250
/** Bytes. What may arrive while the reader of the chunks is busy; past it the file itself is the queue. */
const maxPendingBytes = 1024 * 1024

export interface FollowOptions {
  readonly clock: Clock
  /** Ends the following, without an error. */
  readonly signal: AbortSignal
  /** Told, in a few words, when the file was truncated, replaced or removed. */
  readonly notify: (message: string) => void
}

/**
 * The bytes of a file from its start, and those appended later, until the signal aborts. A file that takes the place of this one is read
 * from its start once this one is read to its end; a truncated file is read again from its start. Rejects if there is no such file at first.
 *
 * The package `tail` brings what is appended, as soon as it is. It keeps no file open, does not wait for its reader, gives up when the
 * file is renamed, and leaves out what is written right after a truncation. So its bytes count only while they must be the next ones of
 * the file held open here; in any doubt the rest is read from that file, at our own position, and `tail` starts afresh.
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
        // Once is normal: between a rename and the creation of the successor there is no file.
        if (missingLooks === 2) notify(`${path} was removed or renamed; waiting for a new one`)
        await clock.sleep(lookIntervalMs, signal)
      }
      if (found === 'replaced') {
        // Whoever wrote to the old file may need a moment to open the new one.
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

/** What `tail` brings, until its bytes may not be the next ones of our file. */
async function* appendedBytes(
  file: FollowedFile,
  path: string,
  { clock, signal }: FollowOptions,
): AsyncGenerator<Buffer> {
  const arrivals = new Arrivals(file, path)
  const tail = startTail(path, arrivals)
  if (tail === undefined) return await clock.sleep(lookIntervalMs, signal)
  try {
    // It begins at the size it found; if that is not our position, the bytes between would be missing.
    if (file.unread() !== 0) return
    while (!signal.aborted) {
      yield* arrivals.take()
      if (arrivals.areOver) return
      await arrivals.wait(clock, signal)
      // Nothing came, but something happened: an event was lost, or the file is another one.
      if (arrivals.isEmpty && (file.unread() !== 0 || file.look(path) !== 'same')) return
    }
  } finally {
    arrivals.end()
    tail.unwatch()
  }
}

/** Undefined when the path cannot be watched: it is gone, or the system has no watches left. */
function startTail(path: string, arrivals: Arrivals): Tail | undefined {
  try {
    // Blocks of bytes, not lines: `tail` decodes each block by itself, which breaks characters, and searches a long line again with each
    // block. Latin 1 maps each byte to one character and back.
    const tail = new Tail(path, { separator: null, encoding: 'latin1', follow: false })
    tail.on('line', (block: string) => arrivals.add(Buffer.from(block, 'latin1')))
    tail.on('error', () => arrivals.end())
    return tail
  } catch {
    // Its constructor throws whatever its parts throw. The caller goes on by looking at the file from time to time.
    return undefined
  }
}

/** Bytes that `tail` brought, until they are taken. */
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

  /** Nothing is left to take and nothing more is let in: what comes is read from the file later. */
  get areOver(): boolean {
    return this.#hasEnded && this.isEmpty
  }

  add(bytes: Buffer): void {
    if (this.#hasEnded) return
    const total = this.#pendingBytes + bytes.length
    // Looked at after the bytes were read: had the path been another file by then, it still would be.
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

  /** What came, each counted as read when it is handed over. */
  *take(): Generator<Buffer> {
    for (let bytes = this.#pending.shift(); bytes !== undefined; bytes = this.#pending.shift()) {
      this.#pendingBytes -= bytes.length
      this.#file.advance(bytes)
      yield bytes
    }
  }

  /** Resolves when there is something to take or to end, and at the latest when it is time to look at the file. */
  async wait(clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.isEmpty || this.#hasEnded) return
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await clock.sleep(lookIntervalMs, AbortSignal.any([signal, woken.signal]))
  }
}

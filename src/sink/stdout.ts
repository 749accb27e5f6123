import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { systemClock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Batch, Sink } from '../model.ts'
import { closedError, SinkError } from './sink-error.ts'
import { untilAborted } from './until-aborted.ts'

const writeOnce = promisify(write)

/** Milliseconds until a full non-blocking pipe is tried again. */
const FULL_PIPE_MS = 1

/** Entries to an open descriptor, the process's standard output by default, where the container runtime takes them. */
export class StdoutSink implements Sink {
  /** One is written while the next is filled. */
  readonly slots = 2
  readonly #descriptor: number
  /** The same pipe, opened anew so that a write never waits; undefined where that cannot be. */
  readonly #impatient: number | undefined
  readonly #closing = new AbortController()
  #pending = 0
  #last: Promise<void> = Promise.resolve()

  constructor(descriptor = 1) {
    this.#descriptor = descriptor
    this.#impatient = openImpatient(descriptor)
  }

  /** Resolves when the kernel has taken all the bytes; a full pipe is waited for, which is the back-pressure. */
  write({ bytes }: Batch): Promise<void> {
    const written = this.#pending === 0 ? this.#writeNow(bytes) : 0
    if (written === bytes.length) return Promise.resolve()
    // One after the other: a pipe takes a long write in pieces, and two at once would tear each other's lines. After a
    // failure nothing is written any more, since a line may have been left half way.
    this.#pending += 1
    this.#last = this.#last.then(() => this.#writeRest(bytes, written))
    return untilAborted(this.#last, this.#closing.signal)
  }

  /** The descriptor is the process's and stays open. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(closedError())
    if (this.#impatient !== undefined) closeSync(this.#impatient)
  }

  /**
   * What a pipe has room for is put there at once: a few lines take 5 µs so, and 60 by way of another thread. Measured with a line
   * each second in each of 500 files. Returns how many bytes that were; what kept others from it, the patient write will meet.
   */
  #writeNow(bytes: Uint8Array): number {
    if (this.#impatient === undefined || this.#closing.signal.aborted) return 0
    try {
      return writeSync(this.#impatient, bytes)
    } catch {
      return 0
    }
  }

  async #writeRest(bytes: Uint8Array, from: number): Promise<void> {
    for (let written = from; written < bytes.length; ) {
      this.#closing.signal.throwIfAborted()
      try {
        const { bytesWritten } = await writeOnce(this.#descriptor, bytes, written, bytes.length - written, null)
        written += bytesWritten
      } catch (cause) {
        if (systemCode(cause) !== 'EAGAIN') {
          throw new SinkError('STDOUT_FAILED', `cannot write to standard output: ${describeError(cause)}`, { cause })
        }
        // Whoever shares the pipe may have made it non-blocking.
        await systemClock.sleep(FULL_PIPE_MS)
      }
    }
    this.#pending -= 1
  }
}

/** Of a pipe only: a file's writes may wait for its disk whatever is asked, and a socket cannot be opened anew. */
function openImpatient(descriptor: number): number | undefined {
  if (!fstatSync(descriptor).isFIFO()) return undefined
  try {
    return openSync(`/dev/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return undefined // no such folder, or no right: it is written to by way of a thread
  }
}

import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { systemClock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import { SinkError } from '../lib/sink-error.ts'
import { untilAborted } from '../lib/until-aborted.ts'
import type { Answer, Request, Transport } from '../model/sink.ts'

const writeOnce = promisify(write)

/** Milliseconds until a full non-blocking pipe is tried again. */
const FULL_PIPE_MS = 1

const TAKEN: Answer = { kind: 'taken' }

/** Requests to an open descriptor, the process's standard output by default, where the container runtime takes them. */
export class StdoutTransport implements Transport {
  readonly name = 'standard output'
  readonly maxInFlight = 1
  /** One is written while the next is filled. */
  readonly slots = 2
  readonly #descriptor: number
  /** The same pipe, opened anew so that a write never waits; undefined where that cannot be. */
  #impatient: number | undefined

  constructor(descriptor = 1) {
    this.#descriptor = descriptor
    this.#impatient = openImpatient(descriptor)
  }

  /**
   * Resolves when the kernel has taken all the bytes; a full pipe is waited for, which is the back-pressure. A fault is for good: a line may
   * have been left half way.
   */
  async send({ body }: Request, signal: AbortSignal): Promise<Answer> {
    const written = this.#writeNow(body)
    if (written < body.length) await untilAborted(this.#writeRest(body, written, signal), signal)
    return TAKEN
  }

  /** The descriptor is the process's and stays open. */
  async close(): Promise<void> {
    if (this.#impatient !== undefined) closeSync(this.#impatient)
    this.#impatient = undefined
  }

  /**
   * What a pipe has room for is put there at once: a few lines take 5 µs so, and 60 by way of another thread. Measured with a line
   * each second in each of 500 files. Returns how many bytes that were; what kept others from it, the patient write will meet.
   */
  #writeNow(bytes: Uint8Array): number {
    if (this.#impatient === undefined) return 0
    try {
      return writeSync(this.#impatient, bytes)
    } catch {
      return 0
    }
  }

  async #writeRest(bytes: Uint8Array, from: number, signal: AbortSignal): Promise<void> {
    for (let written = from; written < bytes.length; ) {
      signal.throwIfAborted()
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

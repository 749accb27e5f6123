import { write } from 'node:fs'
import { promisify } from 'node:util'
import { systemClock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Batch, Sink } from '../model.ts'
import { closedError, SinkError } from './sink-error.ts'
import { untilAborted } from './until-aborted.ts'

const writeOnce = promisify(write)

/** Milliseconds until a full non-blocking pipe is tried again. */
const FULL_PIPE_MS = 5

/** Entries to an open descriptor, the process's standard output by default, where the container runtime takes them. */
export class StdoutSink implements Sink {
  /** One is written while the next is filled. */
  readonly slots = 2
  readonly #descriptor: number
  readonly #closing = new AbortController()
  #last: Promise<void> = Promise.resolve()

  constructor(descriptor = 1) {
    this.#descriptor = descriptor
  }

  /** Resolves when the kernel has taken all the bytes; a full pipe is waited for, which is the back-pressure. */
  write({ bytes }: Batch): Promise<void> {
    // One after the other: a pipe takes a long write in pieces, and two at once would tear each other's lines. After a
    // failure nothing is written any more, since a line may have been left half way.
    this.#last = this.#last.then(() => this.#writeAll(bytes))
    return untilAborted(this.#last, this.#closing.signal)
  }

  /** The descriptor is the process's and stays open. */
  async close(): Promise<void> {
    this.#closing.abort(closedError())
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
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
  }
}

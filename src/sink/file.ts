import { close, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { Batch, Log, Sink } from '../model.ts'
import { writeAll } from './descriptor.ts'
import { SinkError } from './sink-error.ts'

/** Entries appended to a file. A full or failing disk is reported and tried again for as long as it takes. */
export class FileSink implements Sink {
  readonly #path: string
  readonly #descriptor: number
  readonly #clock: Clock
  readonly #log: Log
  readonly #closing = new AbortController()

  /** Opens the file, and makes its folder when there is none. Throws a SinkError when that fails. */
  constructor(path: string, parts: { readonly clock: Clock; readonly log: Log }) {
    this.#path = path
    this.#clock = parts.clock
    this.#log = parts.log
    try {
      mkdirSync(dirname(path), { recursive: true })
      this.#descriptor = openSync(path, 'a', 0o640)
    } catch (cause) {
      throw new SinkError('FILE_FAILED', `cannot open ${path}: ${describeError(cause)}`, { cause })
    }
  }

  write(batch: Batch): Promise<void> {
    const backoff = new Backoff({ initialMs: 100, maximumMs: 10_000 })
    let reported: string | undefined
    return writeAll(this.#descriptor, batch.bytes, async (cause) => {
      const error = describeError(cause)
      if (error !== reported) this.#log.error('cannot write entries; trying on', { path: this.#path, error })
      reported = error
      await this.#clock.sleep(backoff.next(), this.#closing.signal)
      if (this.#closing.signal.aborted) throw new SinkError('FILE_FAILED', `${this.#path}: ${error}`, { cause })
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await promisify(close)(this.#descriptor)
  }
}

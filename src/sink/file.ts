import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { Batch, Log, Sink, SinkFault } from '../model.ts'
import { AppendFile, type AppendOptions } from './append-file.ts'
import { closedError, SinkError } from './sink-error.ts'

/** Entries appended to a file. A full or failing disk is reported and tried again for as long as it takes. */
export class FileSink implements Sink {
  /** One is written while the next is filled. */
  readonly slots = 2
  readonly #file: AppendFile
  readonly #closing = new AbortController()

  /** Opens the file, and makes its folder when there is none. Throws a SinkError when that fails. */
  constructor(path: string, options: AppendOptions, parts: { readonly clock: Clock; readonly log: Log }) {
    this.#file = new AppendFile(path, options, { ...parts, signal: this.#closing.signal })
    try {
      this.#file.open()
    } catch (cause) {
      throw new SinkError('FILE_FAILED', `cannot open ${path}: ${describeError(cause)}`, { cause })
    }
  }

  get counters() {
    return { retries: this.#file.retryCount }
  }

  get fault(): SinkFault | undefined {
    return this.#file.fault
  }

  write({ bytes }: Batch): Promise<void> {
    return this.#file.append(bytes)
  }

  close(): Promise<void> {
    this.#closing.abort(closedError())
    return this.#file.close()
  }
}

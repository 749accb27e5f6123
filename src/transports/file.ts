import { AppendFile, type AppendOptions } from '../lib/append-file.ts'
import { describeError } from '../lib/errors.ts'
import { SinkError } from '../lib/sink-error.ts'
import { untilAborted } from '../lib/until-aborted.ts'
import type { Answer, Request, Transport } from '../model/sink.ts'
import { LOCAL_BATCH_BYTES } from './local-batch.ts'

/** Appends requests to a file, one after the other. */
export class FileTransport implements Transport {
  readonly name: string
  readonly maxInFlight = 1
  /** One batch is written while the next one is filled. */
  readonly slots = 2
  readonly batchBytes = LOCAL_BATCH_BYTES
  readonly #file: AppendFile
  #writing: Promise<unknown> = Promise.resolve()

  /** Opens the file and creates it and its folder if needed. Throws a SinkError if that fails. */
  constructor(path: string, options: AppendOptions) {
    this.name = path
    this.#file = new AppendFile(path, options)
    try {
      this.#file.open()
    } catch (cause) {
      throw new SinkError('FILE_FAILED', `cannot open ${path}: ${describeError(cause)}`, { cause })
    }
  }

  /** Rejects when the signal aborts; the write continues. */
  send({ body }: Request, signal: AbortSignal): Promise<Answer> {
    const writing = this.#append(body)
    this.#writing = writing
    return untilAborted(writing, signal)
  }

  async close(): Promise<void> {
    // Only after the write: another file could get the same descriptor number.
    await this.#writing
    this.#file.close()
  }

  async #append(body: Uint8Array): Promise<Answer> {
    try {
      await this.#file.append(body)
      return { kind: 'taken' }
    } catch (error) {
      return { kind: 'fault', error, isTimeout: false }
    }
  }
}

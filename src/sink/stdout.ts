import { describeError } from '../lib/errors.ts'
import type { Batch, Sink } from '../model.ts'
import { writeAll } from './descriptor.ts'
import { SinkError } from './sink-error.ts'

/** Entries to an open descriptor, the process's standard output by default, where the container runtime takes them. */
export class StdoutSink implements Sink {
  readonly #descriptor: number

  constructor(descriptor = 1) {
    this.#descriptor = descriptor
  }

  write(batch: Batch): Promise<void> {
    return writeAll(this.#descriptor, batch.bytes, async (cause) => {
      throw new SinkError('STDOUT_FAILED', `cannot write to standard output: ${describeError(cause)}`, { cause })
    })
  }

  async close(): Promise<void> {} // the descriptor is the process's
}

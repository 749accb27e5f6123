import { countLines } from '../lib/count-lines.ts'
import type { SinkFault } from '../model.ts'
import { AppendFile, type AppendParts } from './append-file.ts'

/** Where refused entries are kept. */
export interface DeadLetterOptions {
  readonly path: string
  /** At which the file is set aside as `.1`, in place of the one before. */
  readonly maxBytes: number
}

/**
 * Entries that the destination refuses for good, on the disk before they count as settled. Each refusal is one line that starts
 * with `{"deadLetter":` and tells why; the entries follow as they are. So `grep -v '^{"deadLetter":'` gives what can be sent again.
 */
export class DeadLetter {
  readonly counters = { entries: 0, bytes: 0, deletedBytes: 0 }
  readonly #file: AppendFile
  readonly #parts: AppendParts

  /** The file is opened with the first refusal. */
  constructor({ path, maxBytes }: DeadLetterOptions, parts: AppendParts) {
    const onDelete = (bytes: number) => {
      this.counters.deletedBytes += bytes
      parts.log.error('the dead letter file is full: its older half is deleted', { path, bytes })
    }
    this.#file = new AppendFile(path, { rotate: { maxBytes, keep: 1, onDelete }, fsync: true }, parts)
    this.#parts = parts
  }

  /** Resolves when the disk has the entries. */
  async put(entries: Uint8Array, reason: string): Promise<void> {
    const entryCount = countLines(entries)
    const time = new Date(this.#parts.clock.now()).toISOString()
    const why = JSON.stringify({ deadLetter: { time, reason, entries: entryCount, bytes: entries.length } })
    await this.#file.append(Buffer.concat([Buffer.from(`${why}\n`), entries]))
    this.counters.entries += entryCount
    this.counters.bytes += entries.length
  }

  get fault(): SinkFault | undefined {
    return this.#file.fault
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

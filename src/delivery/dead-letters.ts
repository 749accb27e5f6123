import { AppendFile } from '../lib/append-file.ts'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import { Trouble } from '../lib/trouble.ts'
import { untilAborted } from '../lib/until-aborted.ts'
import type { Log } from '../model/log.ts'
import type { Refusal, SinkFault } from '../model/sink.ts'
import { writeDeadLetter } from './dead-letter.ts'

/** Where refused entries are kept. */
export interface DeadLetterOptions {
  readonly path: string
  /** Size at which the file is renamed to `.1`, replacing the one before. */
  readonly maxBytes: number
}

/** A refused entry, and its container's head: see Program. */
interface DeadEntry {
  readonly bytes: Uint8Array
  readonly head: Uint8Array
}

export interface DeadLettersParts {
  /** Name of the sink that refused the entries. */
  readonly sink: string
  /** The entry as one JSON object in schema `loggy`. */
  record(entry: Uint8Array, head: Uint8Array): Uint8Array
  readonly clock: Clock
  readonly log: Log
  /** Ends all waits; they reject with its reason. */
  readonly signal: AbortSignal
}

const BACKOFF = { initialMs: 100, maximumMs: 10_000 }

/**
 * Stores entries that the destination refuses permanently. They are on disk before they count as settled. Each is one line: a JSON object
 * in schema `loggy`, whose last member says why: `"deadLetter":{"sink":…,"status":…,"reason":…,"at":…}`. `loggy replay` sends them again.
 */
export class DeadLetters {
  readonly counters = { deadLetterEntries: 0, deadLetterBytes: 0, deadLetterDeletedBytes: 0 }
  readonly #file: AppendFile
  readonly #parts: DeadLettersParts
  readonly #path: string
  readonly #trouble: Trouble
  #last: Promise<void> = Promise.resolve()

  /** The file is opened at the first refusal. */
  constructor({ path, maxBytes }: DeadLetterOptions, parts: DeadLettersParts) {
    const onDelete = (bytes: number) => {
      this.counters.deadLetterDeletedBytes += bytes
      parts.log.error('the dead letter file is full: the rotated file was deleted', { path, bytes })
    }
    this.#file = new AppendFile(path, { rotate: { maxBytes, keep: 1, onDelete }, fsync: true })
    this.#path = path
    this.#trouble = new Trouble(parts.clock)
    this.#parts = parts
  }

  /** Resolves when the entries are on disk. A failure to write is logged, and retried as long as it takes. */
  async put(entries: Iterable<DeadEntry>, refusal: Refusal & { readonly tenant: string }): Promise<void> {
    const { sink, clock, record } = this.#parts
    const why = { ...refusal, sink, at: new Date(clock.now()).toISOString() }
    const lines = Array.from(entries, ({ bytes, head }) => writeDeadLetter(record(bytes, head), why))
    const bytes = Buffer.concat(lines)
    this.#last = this.#last.then(() => this.#append(bytes))
    await untilAborted(this.#last, this.#parts.signal)
    this.counters.deadLetterEntries += lines.length
    this.counters.deadLetterBytes += bytes.length
  }

  get fault(): SinkFault | undefined {
    return this.#trouble.fault
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#last])
    this.#file.close()
  }

  async #append(lines: Uint8Array): Promise<void> {
    const { signal, clock, log } = this.#parts
    const backoff = new Backoff(BACKOFF)
    for (;;) {
      signal.throwIfAborted()
      try {
        await this.#file.append(lines)
        this.#trouble.end()
        return
      } catch (error) {
        const isNews = this.#trouble.note(systemCode(error) ?? 'other')
        const fields = { path: this.#path, error: describeError(error) }
        if (isNews) log.error('cannot write dead letters; retrying', fields)
        await clock.sleep(backoff.next(), signal)
      }
    }
  }
}

import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Batch, Log, Sink, SinkFault } from '../model.ts'
import { type Compression, compress } from './compression.ts'
import { DeadLetter, type DeadLetterOptions } from './dead-letter.ts'
import { Endpoint, type EndpointOptions } from './endpoint.ts'
import { halve } from './halves.ts'
import { closedError } from './sink-error.ts'
import { Trouble } from './trouble.ts'
import type { Retry, Verdict } from './verdict.ts'

/** Where and how entries are posted. */
export interface HttpOptions extends EndpointOptions {
  readonly compression: Compression
  /** Milliseconds that a batch is offered until it becomes a dead letter; 0: for ever. */
  readonly retryFor: number
  readonly deadLetter: DeadLetterOptions
}

/**
 * Milliseconds, the first and the longest wait between two tries. One batch that waits soon stops all (see Outbox). Measured
 * with a fifth of the requests failing, one MiB each, four at a time: 62 MB/s from 100 ms on, 21 MB/s from 500 ms on; a busy node
 * writes 40. It doubles, so a destination that is down is asked ten times in its first half minute.
 */
const BACKOFF = { initialMs: 20, maximumMs: 30_000 }

/**
 * Batches of NDJSON posted to a URL; a whole 2xx answer is the ack. What may be taken later is offered again for as long as it
 * takes; what the destination refuses goes to the dead letter file.
 */
export class HttpSink implements Sink {
  readonly slots: number
  readonly #options: HttpOptions
  readonly #clock: Clock
  readonly #endpoint: Endpoint
  readonly #deadLetter: DeadLetter
  readonly #trouble: Trouble
  readonly #closing = new AbortController()
  #retries = 0
  /** Bytes of entries from which on the destination has refused, and is likely to refuse again. */
  #tooLargeBytes = Number.POSITIVE_INFINITY

  constructor(options: HttpOptions, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.slots = options.maxInFlight
    this.#options = options
    this.#clock = clock
    this.#endpoint = new Endpoint(options, clock)
    this.#deadLetter = new DeadLetter(options.deadLetter, { clock, log, signal: this.#closing.signal })
    this.#trouble = new Trouble({ clock, log })
    if (options.tls.insecureSkipVerify) log.warn('the certificate of the destination is not verified')
  }

  get counters() {
    const { entries, bytes, deletedBytes } = this.#deadLetter.counters
    return {
      requests: this.#endpoint.requestCount,
      retries: this.#retries,
      deadLetterEntries: entries,
      deadLetterBytes: bytes,
      deadLetterDeletedBytes: deletedBytes,
    }
  }

  /** Of the destination, or of the file that takes what it refuses. */
  get fault(): SinkFault | undefined {
    return this.#deadLetter.fault ?? this.#trouble.fault
  }

  write({ bytes, bury }: Batch): Promise<void> {
    return this.#deliver(bytes, bury)
  }

  async close(): Promise<void> {
    this.#closing.abort(closedError())
    this.#endpoint.close()
    await this.#deadLetter.close()
  }

  async #deliver(lines: Uint8Array, bury: Batch['bury']): Promise<void> {
    const halves = halve(lines)
    if (halves !== undefined && lines.length >= this.#tooLargeBytes) return this.#deliverBoth(halves, bury)
    const verdict = await this.#offer(lines)
    if (verdict.is === 'too-large' && halves !== undefined) {
      // Well below what was refused, or batches of nearly that size would be refused one after the other.
      this.#tooLargeBytes = Math.min(this.#tooLargeBytes, lines.length * 0.75)
      return this.#deliverBoth(halves, bury)
    }
    if (verdict.is === 'accepted') return
    await this.#bury(lines, verdict)
    bury(lines)
  }

  async #deliverBoth([first, second]: [Uint8Array, Uint8Array], bury: Batch['bury']): Promise<void> {
    await this.#deliver(first, bury)
    await this.#deliver(second, bury)
  }

  /** Offers the lines until there is a final verdict. Rejects once the sink is closed. */
  async #offer(lines: Uint8Array): Promise<Exclude<Verdict, Retry>> {
    const { signal } = this.#closing
    const { compression, retryFor } = this.#options
    const startMs = this.#clock.monotonic()
    const backoff = new Backoff(BACKOFF)
    const body = await compress(lines, compression)
    for (;;) {
      signal.throwIfAborted()
      const verdict = await this.#endpoint.offer({ bytes: body, compression }, signal)
      if (verdict.is === 'accepted') this.#trouble.end({ url: this.#endpoint.name })
      if (verdict.is !== 'retry') return verdict
      signal.throwIfAborted()
      this.#report(verdict, 'the destination does not take entries; trying on')
      const { kind, reason } = verdict
      const triedForMs = this.#clock.monotonic() - startMs
      if (retryFor > 0 && triedForMs >= retryFor) return { is: 'rejected', kind, reason }
      this.#retries += 1
      await this.#clock.sleep(Math.max(backoff.next(), verdict.afterMs), signal)
    }
  }

  async #bury(lines: Uint8Array, { kind, reason }: { readonly kind: string; readonly reason: string }): Promise<void> {
    const level = 'error'
    this.#report({ kind: `refused, ${kind}`, reason, level }, 'entries were refused: they are in the dead letter file')
    await this.#deadLetter.put(lines, reason)
  }

  #report(what: Pick<Retry, 'kind' | 'reason' | 'level'>, message: string): void {
    const fields = { url: this.#endpoint.name, error: what.reason }
    this.#trouble.report(what.kind, what.level, { message, fields })
  }
}

import type { Clock } from '../lib/clock.ts'
import { untilAborted } from '../lib/until-aborted.ts'

/** Bytes by which requests grow after each one that was accepted in time. */
const GROWTH_BYTES = 64 * 1024
/** Minimum size of requests in bytes: a link that needs the whole timeout for less is as good as down. */
const LEAST_BYTES = 4096
/** Milliseconds after a refused size until larger requests are tried again: the limit may be raised by then. If not, it costs one request. */
const REFUSED_MS = 600_000

export interface SendWindowOptions {
  readonly maxInFlight: number
  /** The destination's limit for a request in bytes, uncompressed; Infinity for none. */
  readonly maxBytes: number
  readonly clock: Clock
}

/** How a request ended. `busy`: the destination takes fewer at a time. */
export type Ending = 'taken' | 'timeout' | 'busy' | 'failed'

/**
 * How many requests are in flight, and how large they are. A timeout halves both, a busy destination the first; each accepted request lets them grow a little (additive
 * increase, multiplicative decrease, as in TCP). Otherwise four bodies of 1 MiB could never be sent over 250 KB/s with a timeout of 8 s.
 * After an outage a single request is sent first.
 */
export class SendWindow {
  readonly #options: SendWindowOptions
  /** Callers that wait for their turn, in order; each function lets one through. */
  readonly #waiting = new Set<() => void>()
  #window: number
  #inFlight = 0
  #maxBytes: number
  /** The size up to which requests grow again. */
  #fullBytes: number
  #failuresInRow = 0
  #refusedMs = 0
  #shrunkMs = Number.NEGATIVE_INFINITY
  /** Duration of the last request that timed out. */
  #timeoutMs = Number.POSITIVE_INFINITY

  constructor(options: SendWindowOptions) {
    this.#options = options
    this.#window = options.maxInFlight
    this.#maxBytes = options.maxBytes
    this.#fullBytes = options.maxBytes
  }

  /** Maximum size of the next request in bytes, uncompressed. */
  get maxBytes(): number {
    return this.#maxBytes
  }

  /** How many requests may be in flight. */
  get limit(): number {
    return Math.floor(this.#window)
  }

  /** Requests in flight. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Resolves in the order of the calls when a request may be sent; undefined if at once. Rejects on abort. `leave` must follow. */
  enter(signal: AbortSignal): Promise<void> | undefined {
    if (!this.#hasRoom() || this.#waiting.size > 0) return this.#wait(signal)
    this.#inFlight += 1
    return undefined
  }

  /** `sentMs`: monotonic send time. `byteCount`: size of the request's entries. */
  leave(ending: Ending, { sentMs, byteCount }: { readonly sentMs: number; readonly byteCount: number }): void {
    this.#inFlight -= 1
    const tookMs = this.#options.clock.monotonic() - sentMs
    if (ending === 'taken') this.#grow(byteCount, tookMs)
    else this.#failuresInRow += 1
    // Requests that were in flight together fail together: they count once.
    if (ending === 'timeout' && sentMs >= this.#shrunkMs) this.#shrink(byteCount, tookMs)
    if (ending === 'busy' && sentMs >= this.#shrunkMs) this.#halve()
    // As many failures in a row as can be in flight, and one more. With a fifth of the requests failing, this happens once in 3,000.
    if (this.#failuresInRow > this.#options.maxInFlight) this.#window = 1
    for (const letThrough of this.#waiting) {
      if (!this.#hasRoom()) break
      this.#waiting.delete(letThrough)
      this.#inFlight += 1
      letThrough()
    }
  }

  /** The destination refuses requests of that size, and probably always will. */
  refuseBytes(byteCount: number): void {
    this.#refusedMs = this.#options.clock.monotonic()
    // Well below the refused size: otherwise requests of almost that size would be refused one after the other.
    this.#fullBytes = Math.min(this.#fullBytes, Math.max(1, byteCount * 0.75))
    this.avoidBytes(byteCount)
  }

  /** Requests of that size were refused, perhaps because of it: makes them smaller for a while. Infinity has no effect. */
  avoidBytes(byteCount: number): void {
    this.#maxBytes = Math.min(this.#maxBytes, Math.max(1, byteCount * 0.75))
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    try {
      await untilAborted(promise, signal)
    } finally {
      this.#waiting.delete(resolve)
    }
  }

  #hasRoom(): boolean {
    return this.#inFlight < this.limit
  }

  #halve(): void {
    this.#shrunkMs = this.#options.clock.monotonic()
    this.#window = Math.max(1, this.#window / 2)
  }

  #shrink(byteCount: number, tookMs: number): void {
    this.#halve()
    this.#timeoutMs = tookMs
    this.#maxBytes = Math.min(this.#maxBytes, Math.max(LEAST_BYTES, byteCount / 2))
  }

  /** A request that took half of the allowed time shows that one of twice the size would be too large. */
  #grow(byteCount: number, tookMs: number): void {
    this.#failuresInRow = 0
    if (tookMs * 2 > this.#timeoutMs) return
    const { clock, maxBytes, maxInFlight } = this.#options
    if (clock.monotonic() - this.#refusedMs >= REFUSED_MS) this.#fullBytes = maxBytes
    this.#window = Math.min(maxInFlight, this.#window + 1 / Math.floor(this.#window))
    if (byteCount * 2 >= this.#maxBytes) this.#maxBytes = Math.min(this.#fullBytes, this.#maxBytes + GROWTH_BYTES)
  }
}

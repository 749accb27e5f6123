import type { Clock } from '../lib/clock.ts'
import { untilAborted } from '../lib/until-aborted.ts'

/** Bytes by which requests grow again after each one that was taken in time. */
const GROWTH_BYTES = 64 * 1024
/** Bytes below which requests are not made smaller: a link that takes less in the time of a request is as good as down. */
const LEAST_BYTES = 4096
/** Milliseconds after which larger requests than were refused are tried again: who set a limit that was too low has mended it, or it costs one request. */
const REFUSED_MS = 600_000

export interface SendWindowOptions {
  readonly maxInFlight: number
  /** Bytes of a request, before it is packed, that the destination takes; Infinity where it says nothing. */
  readonly maxBytes: number
  readonly clock: Clock
}

/** How a request ended. */
export type Ending = 'taken' | 'timeout' | 'failed'

/**
 * How many requests are on the way at a time, and how large they are. After a time-out both are halved, and they grow again a little with
 * each request that is taken (additive increase, multiplicative decrease, as TCP does it): four bodies of 1 MiB over 250 KB/s with a
 * time-out of 8 s would never get through otherwise. After an outage one request goes first.
 */
export class SendWindow {
  readonly #options: SendWindowOptions
  /** What lets each through, in the order of asking. */
  readonly #waiting = new Set<() => void>()
  #window: number
  #inFlight = 0
  #maxBytes: number
  /** What requests grow to again. */
  #fullBytes: number
  #failuresInRow = 0
  #refusedMs = 0
  #shrunkMs = Number.NEGATIVE_INFINITY
  /** How long the last request took that was given up. */
  #timeoutMs = Number.POSITIVE_INFINITY

  constructor(options: SendWindowOptions) {
    this.#options = options
    this.#window = options.maxInFlight
    this.#maxBytes = options.maxBytes
    this.#fullBytes = options.maxBytes
  }

  /** Bytes that the next request may have, before it is packed. */
  get maxBytes(): number {
    return this.#maxBytes
  }

  /** Requests on the way. */
  get inFlight(): number {
    return this.#inFlight
  }

  /**
   * Resolves when a request may be sent, in the order of asking; undefined if it may be at once. `leave` must follow. Rejects when the signal aborts.
   */
  enter(signal: AbortSignal): Promise<void> | undefined {
    if (!this.#hasRoom() || this.#waiting.size > 0) return this.#wait(signal)
    this.#inFlight += 1
    return undefined
  }

  /** `sentMs`: when it was sent, monotonic. `byteCount`: of its entries. */
  leave(ending: Ending, { sentMs, byteCount }: { readonly sentMs: number; readonly byteCount: number }): void {
    this.#inFlight -= 1
    const tookMs = this.#options.clock.monotonic() - sentMs
    if (ending === 'taken') this.#grow(byteCount, tookMs)
    else this.#failuresInRow += 1
    // Those that were on the way together are slow together: they count once.
    if (ending === 'timeout' && sentMs >= this.#shrunkMs) this.#shrink(byteCount, tookMs)
    // Each that may be on the way has failed, and none was taken between: with a fifth of the requests failing, one time in 3,000.
    if (this.#failuresInRow > this.#options.maxInFlight) this.#window = 1
    for (const letThrough of this.#waiting) {
      if (!this.#hasRoom()) break
      this.#waiting.delete(letThrough)
      this.#inFlight += 1
      letThrough()
    }
  }

  /** The destination refuses requests of so many bytes, and is likely to do so again. */
  refuseBytes(byteCount: number): void {
    this.#refusedMs = this.#options.clock.monotonic()
    // Well below what was refused, or requests of nearly that size would be refused one after the other.
    this.#fullBytes = Math.min(this.#fullBytes, Math.max(1, byteCount * 0.75))
    this.avoidBytes(byteCount)
  }

  /** Requests of so many bytes were refused, perhaps for their size: smaller ones for a while. Infinity says nothing. */
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
    return this.#inFlight < Math.floor(this.#window)
  }

  #shrink(byteCount: number, tookMs: number): void {
    this.#shrunkMs = this.#options.clock.monotonic()
    this.#timeoutMs = tookMs
    this.#window = Math.max(1, this.#window / 2)
    this.#maxBytes = Math.min(this.#maxBytes, Math.max(LEAST_BYTES, byteCount / 2))
  }

  /** One that took half the time that is allowed says that twice as much would be too much. */
  #grow(byteCount: number, tookMs: number): void {
    this.#failuresInRow = 0
    if (tookMs * 2 > this.#timeoutMs) return
    const { clock, maxBytes, maxInFlight } = this.#options
    if (clock.monotonic() - this.#refusedMs >= REFUSED_MS) this.#fullBytes = maxBytes
    this.#window = Math.min(maxInFlight, this.#window + 1 / Math.floor(this.#window))
    if (byteCount * 2 >= this.#maxBytes) this.#maxBytes = Math.min(this.#fullBytes, this.#maxBytes + GROWTH_BYTES)
  }
}

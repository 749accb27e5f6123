import type { Clock } from '../lib/clock.ts'
import { untilAborted } from '../lib/until-aborted.ts'

/** Bytes by which requests grow after each one that was accepted in time. */
const GROWTH_BYTES = 64 * 1024
/** Minimum size of requests in bytes: a link that needs the whole timeout for less is as good as down. */
const LEAST_BYTES = 4096
/** Bytes of the first request after an outage; each one that is accepted doubles that. */
const FIRST_BYTES = 64 * 1024
/**
 * Milliseconds: the first and the longest pause between two requests after an outage, or for a destination that is busy. It doubles with each failure, and each
 * accepted request takes three tenths of it. So at a destination that cannot take all of a fleet a third of the requests are in vain: see docs/measurements.md.
 */
const PAUSE = { firstMs: 20, longestMs: 30_000, decay: 0.7 }
/** A destination that says when to come again is not asked by all at the same time: up to so many times as long. */
const RETRY_AFTER_SPREAD = 1.5
/** Milliseconds after a refused size until larger requests are tried again: the limit may be raised by then. If not, it costs one request. */
const REFUSED_MS = 600_000

export interface SendWindowOptions {
  readonly maxInFlight: number
  /** The destination's limit for a request in bytes, uncompressed; Infinity for none. */
  readonly maxBytes: number
  readonly clock: Clock
  /** From 0 to 1; Math.random, if absent. */
  readonly random?: () => number
}

/** A request that has ended. */
export interface Sent {
  /** Monotonic milliseconds. */
  readonly sentMs: number
  /** Size of its entries. */
  readonly byteCount: number
  /** Milliseconds that the destination asked for. */
  readonly afterMs?: number
}

/** How a request ended. `busy`: the destination takes fewer at a time. */
export type Ending = 'taken' | 'timeout' | 'busy' | 'failed'

/**
 * How many requests are in flight, and how large they are. A timeout halves both, a busy destination the first; each accepted request lets them grow a little (additive
 * increase, multiplicative decrease, as in TCP). Otherwise four bodies of 1 MiB could never be sent over 250 KB/s with a timeout of 8 s.
 * After an outage a single small request is sent first, and all of them pause between requests, as they do while the destination is busy: thousands of agents
 * with a backlog would knock it down again.
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
  /** Between two requests; 0 unless there was an outage or the destination was busy. */
  #pauseMs = 0
  #closedUntilMs = Number.NEGATIVE_INFINITY
  #failedMs = Number.NEGATIVE_INFINITY
  /** Of those who wait, who have all the same. */
  #signal: AbortSignal | undefined
  /** Somebody sleeps until the end of a pause. */
  #isOpening = false
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

  /** How many requests may be in flight; one at a time where there are pauses between them. */
  get limit(): number {
    return this.#pauseMs > 0 ? 1 : Math.floor(this.#window)
  }

  /** Requests in flight. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** The same as `enter` if a request may be sent at once. Otherwise returns false. */
  enterNow(): boolean {
    if (this.#waiting.size > 0 || !this.#hasRoom()) return false
    this.#inFlight += 1
    return true
  }

  /** Resolves in the order of the calls when a request may be sent; undefined if at once. Rejects on abort. `leave` must follow. */
  enter(signal: AbortSignal): Promise<void> | undefined {
    return this.enterNow() ? undefined : this.#wait(signal)
  }

  leave(ending: Ending, { sentMs, byteCount, afterMs = 0 }: Sent): void {
    this.#inFlight -= 1
    if (ending === 'taken' && this.#isUntroubled) return // usual
    const tookMs = this.#options.clock.monotonic() - sentMs
    if (ending === 'taken') this.#grow(byteCount, tookMs)
    else this.#failuresInRow += 1
    // Requests that were in flight together fail together: they count once.
    if (ending === 'timeout' && sentMs >= this.#shrunkMs) this.#shrink(byteCount, tookMs)
    if (ending === 'busy' && sentMs >= this.#shrunkMs) this.#halve()
    // As many failures in a row as can be in flight, and one more. With a fifth of the requests failing, this happens once in 3,000.
    const isOutage = this.#failuresInRow > this.#options.maxInFlight
    if (isOutage) {
      this.#window = 1
      this.#maxBytes = Math.min(this.#maxBytes, FIRST_BYTES)
    }
    this.#pause(ending, { isSlow: isOutage || ending === 'busy', sentMs, afterMs })
    this.#letThrough()
    if (this.#signal !== undefined && this.#waiting.size > 0) void this.#open(this.#signal)
  }

  /** Milliseconds until the end of the pause, if there is one. */
  get pausedMs(): number {
    return Math.max(0, this.#closedUntilMs - this.#options.clock.monotonic())
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

  /** It is as wide as it can be, and nobody waits: a request that was taken changes nothing. */
  get #isUntroubled(): boolean {
    const { maxInFlight, maxBytes } = this.#options
    const isWide = this.#window === maxInFlight && this.#maxBytes === maxBytes && this.#fullBytes === maxBytes
    return isWide && this.#failuresInRow === 0 && this.#pauseMs === 0 && this.#waiting.size === 0
  }

  #letThrough(): void {
    for (const letThrough of this.#waiting) {
      if (!this.#hasRoom()) break
      this.#waiting.delete(letThrough)
      this.#inFlight += 1
      letThrough()
    }
  }

  /** Closes the window until the next request may be sent. */
  #pause(
    ending: Ending,
    { isSlow, sentMs, afterMs }: { readonly isSlow: boolean; readonly sentMs: number; readonly afterMs: number },
  ): void {
    const nowMs = this.#options.clock.monotonic()
    if (ending === 'taken') this.#pauseMs *= PAUSE.decay
    else if ((isSlow || this.#pauseMs > 0) && sentMs >= this.#failedMs) {
      this.#failedMs = nowMs
      this.#pauseMs = Math.min(PAUSE.longestMs, this.#pauseMs * 2 || PAUSE.firstMs)
    }
    if (this.#pauseMs < PAUSE.firstMs) this.#pauseMs = 0
    const chance = this.#options.random?.() ?? Math.random()
    const waitMs = Math.max(this.#pauseMs * (0.5 + chance / 2), afterMs * (1 + (RETRY_AFTER_SPREAD - 1) * chance))
    if (nowMs + waitMs <= this.#closedUntilMs || waitMs === 0) return
    this.#closedUntilMs = nowMs + waitMs
  }

  /** Lets those through that wait for the end of a pause. One sleeps for all. */
  async #open(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    if (this.#isOpening) return
    this.#isOpening = true
    while (this.#waiting.size > 0 && !signal.aborted && clock.monotonic() < this.#closedUntilMs)
      await clock.sleep(this.#closedUntilMs - clock.monotonic(), signal)
    this.#isOpening = false
    if (!signal.aborted) this.#letThrough()
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    this.#signal = signal
    void this.#open(signal)
    try {
      await untilAborted(promise, signal)
    } finally {
      this.#waiting.delete(resolve)
    }
  }

  #hasRoom(): boolean {
    if (this.#inFlight >= this.limit) return false
    return this.#closedUntilMs < 0 || this.#options.clock.monotonic() >= this.#closedUntilMs
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
    if (byteCount * 2 < this.#maxBytes) return
    const growth = this.#pauseMs > 0 ? Math.max(this.#maxBytes, GROWTH_BYTES) : GROWTH_BYTES
    this.#maxBytes = Math.min(this.#fullBytes, this.#maxBytes + growth)
  }
}

/** How much per second; Infinity: any number. */
export interface Rate {
  readonly linesPerSecond: number
  readonly bytesPerSecond: number
}

export interface Amount {
  readonly lines: number
  readonly bytes: number
}

export const UNLIMITED: Rate = { linesPerSecond: Number.POSITIVE_INFINITY, bytesPerSecond: Number.POSITIVE_INFINITY }

/** The lower one of both. */
export function lower(one: Rate, other: Rate): Rate {
  return {
    linesPerSecond: Math.min(one.linesPerSecond, other.linesPerSecond),
    bytesPerSecond: Math.min(one.bytesPerSecond, other.bytesPerSecond),
  }
}

/** Whether it allows less in any way. */
export function isLower(one: Rate, other: Rate): boolean {
  return one.linesPerSecond < other.linesPerSecond || one.bytesPerSecond < other.bytesPerSecond
}

/** Milliseconds over which what is asked for is measured, at least and, after a quiet time, at most. */
const MEASURED_MS = { least: 500, most: 1000 }

/** A line may say a time far ahead, and a clock may be set back: so many milliseconds back, time begins anew. */
const SET_BACK_MS = 60_000

/**
 * A budget of lines and bytes that fills with time, up to what comes in `burstMs`. It is full at first, and may be in debt. Whose time it is, is the
 * caller's to say: milliseconds that may stand still or go back.
 */
export class Bucket {
  rate: Rate
  burstMs: number
  /** Somebody waits until there is more. */
  isWanting = false
  /** When it was empty last, at the present rate. */
  #lines = Number.NEGATIVE_INFINITY
  #bytes = Number.NEGATIVE_INFINITY
  #latestMs = Number.NEGATIVE_INFINITY
  /** What was spent or refused, since when. */
  #asked = { lines: 0, bytes: 0, sinceMs: Number.NEGATIVE_INFINITY }
  #demand: Rate = { linesPerSecond: 0, bytesPerSecond: 0 }

  constructor(rate: Rate, burstMs: number) {
    this.rate = rate
    this.burstMs = burstMs
  }

  /** For so many milliseconds the rate would be used up by what is left; negative in debt. */
  leftMs(nowMs: number): number {
    this.#pass(nowMs)
    return this.#latestMs - Math.max(this.#lines, this.#bytes)
  }

  /** What is left; nothing or less in debt. */
  left(nowMs: number): Amount {
    this.#pass(nowMs)
    const { linesPerSecond, bytesPerSecond } = this.rate
    return {
      lines: ((this.#latestMs - this.#lines) / 1000) * linesPerSecond,
      bytes: ((this.#latestMs - this.#bytes) / 1000) * bytesPerSecond,
    }
  }

  spend({ lines, bytes }: Amount, nowMs: number): void {
    this.refuse({ lines, bytes }, nowMs)
    this.#lines += (lines / this.rate.linesPerSecond) * 1000
    this.#bytes += (bytes / this.rate.bytesPerSecond) * 1000
  }

  /** Call for what would have been spent if there were enough; infinite if that is not known. */
  refuse({ lines, bytes }: Amount, nowMs: number): void {
    this.#pass(nowMs)
    if (this.#asked.lines === 0) this.#asked.sinceMs = Math.max(this.#asked.sinceMs, this.#latestMs - MEASURED_MS.most)
    this.#asked.lines += lines
    this.#asked.bytes += bytes
  }

  /** What was asked for since the last report, per second of the bucket's time. */
  demand(): Rate {
    const { lines, bytes, sinceMs } = this.#asked
    const seconds = (this.#latestMs - sinceMs) / 1000
    if (this.isWanting || lines === Number.POSITIVE_INFINITY) this.#demand = UNLIMITED
    else if (lines === 0) this.#demand = { linesPerSecond: 0, bytesPerSecond: 0 }
    else if (seconds * 1000 < MEASURED_MS.least) return this.#demand
    else this.#demand = { linesPerSecond: lines / seconds, bytesPerSecond: bytes / seconds }
    this.#asked = { lines: 0, bytes: 0, sinceMs: this.#latestMs }
    return this.#demand
  }

  /** A copy, to try something with. */
  copy(): Bucket {
    const copy = new Bucket(this.rate, this.burstMs)
    copy.#lines = this.#lines
    copy.#bytes = this.#bytes
    copy.#latestMs = this.#latestMs
    return copy
  }

  #pass(nowMs: number): void {
    const backMs = this.#latestMs - nowMs
    if (backMs > SET_BACK_MS) {
      this.#lines -= backMs
      this.#bytes -= backMs
    }
    if (backMs < 0 || backMs > SET_BACK_MS) this.#latestMs = nowMs
    const fullMs = this.#latestMs - this.burstMs
    this.#lines = Math.max(this.#lines, fullMs)
    this.#bytes = Math.max(this.#bytes, fullMs)
  }
}

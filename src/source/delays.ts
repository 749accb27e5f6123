import type { Bucket } from '../lib/bucket.ts'
import type { Clock } from '../lib/clock.ts'
import { countLines } from '../lib/count-lines.ts'
import { Timer } from '../lib/timer.ts'
import type { Chunk } from '../model/chunk.ts'
import type { ContainerRef } from '../model/container-ref.ts'

/** Milliseconds' worth of a budget that a log waits for, once it has used it up: so it has a turn each second, not hundreds. */
const RESUME_MS = 1000
/** Logs that may be read at nearly the same time are woken together. */
const TOGETHER_MS = 100
/** Bytes to read for a line, if only lines are limited. */
const LINE_BYTES = 1024
const NEWLINE = 0x0a
const UNKNOWN = { lines: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }

export interface DelaysParts<T> {
  readonly clock: Clock
  /** The budget whose excess is read later; undefined for none. */
  bucketOf(ref: ContainerRef): Bucket | undefined
  /** Called when a log may be read again. */
  wake(one: T): void
}

/** A log that may have a budget. `yields`: it is read whatever that is. */
export interface Budgeted {
  readonly ref: ContainerRef
  yields: boolean
}

/** The logs that have used their budgets up. Their files are the queue: they are not read until there is enough for a second again. One timer serves all. */
export class Delays<T extends Budgeted> {
  readonly #parts: DelaysParts<T>
  readonly #waiting = new Map<T, { readonly sinceMs: number; readonly dueMs: number }>()
  readonly #timer: Timer
  #timerDueMs = Number.POSITIVE_INFINITY
  #waitedMs = 0
  /** Of the log whose turn it is: its budget, and the chunk that it was given of what was read. */
  #current: { readonly one: T; readonly bucket: Bucket; chunk?: Chunk; isCut: boolean } | undefined

  constructor(parts: DelaysParts<T>) {
    this.#parts = parts
    this.#timer = new Timer(parts.clock)
  }

  has(one: T): boolean {
    return this.#waiting.has(one)
  }

  get size(): number {
    return this.#waiting.size
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#waiting.keys()
  }

  /** For how long logs have waited, all together, in seconds. */
  get waitedSeconds(): number {
    const nowMs = this.#parts.clock.monotonic()
    let waitedMs = this.#waitedMs
    for (const { sinceMs } of this.#waiting.values()) waitedMs += nowMs - sinceMs
    return waitedMs / 1000
  }

  /** Whether the log must wait. Then it is woken when it may be read. */
  holdsBack(one: T): boolean {
    const bucket = one.yields ? undefined : this.#parts.bucketOf(one.ref)
    this.#current = bucket && { one, bucket, isCut: false }
    if (bucket === undefined || this.#hasEnough(one, bucket)) {
      this.remove(one)
      return false
    }
    const nowMs = this.#parts.clock.monotonic()
    const leftMs = bucket.leftMs(nowMs)
    bucket.refuse(UNKNOWN, nowMs)
    bucket.isWanting = true
    const dueMs = Math.ceil((nowMs + this.#resumeMs(bucket) - leftMs) / TOGETHER_MS) * TOGETHER_MS
    this.#waiting.set(one, { sinceMs: this.#waiting.get(one)?.sinceMs ?? nowMs, dueMs })
    this.#setTimer()
    return true
  }

  /** Its budget may be a larger one by now: if it has enough, the log is woken. */
  lookAgain(one: T): void {
    const bucket = this.#waiting.has(one) ? this.#parts.bucketOf(one.ref) : undefined
    if (this.#waiting.has(one) && (bucket === undefined || this.#hasEnough(one, bucket))) this.#parts.wake(one)
  }

  /** The log waits no more. */
  remove(one: T): void {
    const known = this.#waiting.get(one)
    if (known === undefined) return
    this.#waitedMs += this.#parts.clock.monotonic() - known.sinceMs
    this.#waiting.delete(one)
    const bucket = this.#parts.bucketOf(one.ref)
    if (bucket !== undefined) bucket.isWanting = false
    if (this.#waiting.size === 0) this.#clearTimer()
  }

  /** How many bytes are worth reading of the log. */
  bytesFor(one: T): number {
    if (this.#current?.one !== one) return Number.POSITIVE_INFINITY
    const { lines, bytes } = this.#current.bucket.left(this.#parts.clock.monotonic())
    return Math.min(bytes, lines * LINE_BYTES)
  }

  /** The lines of the chunk that the log's budget has room for: one at least. */
  limit(one: T, chunk: Chunk): Chunk {
    const current = this.#current
    if (current?.one !== one) return chunk
    const end = endOf(chunk.bytes, current.bucket.left(this.#parts.clock.monotonic()))
    current.isCut = end < chunk.bytes.length
    current.chunk = current.isCut ? { ...chunk, bytes: chunk.bytes.subarray(0, end), isFinal: false } : chunk
    return current.chunk
  }

  /** So many bytes of that chunk are done. Returns whether there is more of it than was given. */
  spend(one: T, byteCount: number): boolean {
    const current = this.#current
    this.#current = undefined
    if (current?.one !== one || current.chunk === undefined) return false
    const done = current.chunk.bytes.subarray(0, byteCount)
    current.bucket.spend({ lines: countLines(done), bytes: byteCount }, this.#parts.clock.monotonic())
    return current.isCut
  }

  close(): void {
    this.#waiting.clear()
    this.#clearTimer()
  }

  #hasEnough(one: T, bucket: Bucket): boolean {
    const leftMs = bucket.leftMs(this.#parts.clock.monotonic())
    return leftMs > 0 && (!this.#waiting.has(one) || leftMs >= this.#resumeMs(bucket))
  }

  #resumeMs({ burstMs }: Bucket): number {
    return Math.min(RESUME_MS, burstMs)
  }

  #setTimer(): void {
    const nextMs = Math.min(...[...this.#waiting.values()].map(({ dueMs }) => dueMs))
    if (nextMs >= this.#timerDueMs) return
    this.#timerDueMs = nextMs
    this.#timer.set(nextMs - this.#parts.clock.monotonic(), () => this.#wakeDue())
  }

  #clearTimer(): void {
    this.#timer.clear()
    this.#timerDueMs = Number.POSITIVE_INFINITY
  }

  #wakeDue(): void {
    this.#timerDueMs = Number.POSITIVE_INFINITY
    const nowMs = this.#parts.clock.monotonic()
    for (const [one, { sinceMs, dueMs }] of this.#waiting) {
      if (dueMs > nowMs) continue
      this.#waiting.set(one, { sinceMs, dueMs: Number.POSITIVE_INFINITY })
      this.#parts.wake(one)
    }
    this.#setTimer()
  }
}

/** The end of the line that uses the budget up. */
function endOf(bytes: Uint8Array, left: { readonly lines: number; readonly bytes: number }): number {
  const enough = left.bytes < bytes.length ? bytes.indexOf(NEWLINE, Math.max(0, Math.ceil(left.bytes) - 1)) : -1
  const end = enough < 0 ? bytes.length : enough + 1
  if (left.lines >= end) return end
  let at = -1
  for (let lines = 0; lines < left.lines; lines += 1) {
    at = bytes.indexOf(NEWLINE, at + 1)
    if (at < 0 || at >= end) return end
  }
  return at + 1
}

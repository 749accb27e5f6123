import * as layout from '../kernel/layout.ts'
import type { Table } from '../kernel/table.ts'
import type { Amount, Bucket } from '../lib/bucket.ts'
import { LEVELS } from '../model/level.ts'

/** What is not eligible: told already, left out for another reason, no line, or not whole. */
const EXEMPT = layout.DROPPED | layout.REPEATED | layout.LOST | layout.PARTIAL
/** From here on a level is grave. */
const WARN = LEVELS.indexOf('warn') + 1
/** Characters of a time up to its seconds, and where its fraction begins: 2026-11-29T07:00:00.123. */
const SECOND_LENGTH = 19
const FRACTION = 20
const DIGIT_ZERO = 0x30
/** A record's way through a window. */
const EXEMPTED = 0
const KEPT = 1
const LEFT_OUT = 2
/** More than a table has. */
const MOST_ROWS = 256

/** Records that were left out, of so many lines. */
export interface Sampled {
  records: number
  lines: number
  bytes: number
}

/**
 * Leaves out what is over a budget, by the times when records were written: so it is the same however fast they are read, also after an outage. Once a budget is
 * used up, records are kept as it fills, evenly in time. Warnings and worse may use it up in advance, for as long as a burst. A record of several lines is
 * kept or left out as one.
 */
export class Sampler {
  readonly bucket: Bucket
  readonly #ways = new Uint8Array(MOST_ROWS)
  /** Of these rows, which are not done. */
  #from = 0
  #to = 0
  /** The second that was read last. */
  readonly #second = new Uint8Array(SECOND_LENGTH)
  #secondMs = 0

  constructor(bucket: Bucket) {
    this.bucket = bucket
  }

  /** No row of the table is annotated: it is a new one. */
  begin(): void {
    this.#to = 0
  }

  /** Drops rows of [from, to). They may come again, so nothing is spent yet. */
  annotate(table: Table, from: number, to: number): void {
    const bucket = this.bucket.copy()
    this.#from = from
    this.#to = to
    for (let index = from; index < to; index += 1) {
      const way = this.#wayOf(table, index, bucket)
      this.#ways[index] = way
      if (way === LEFT_OUT) table.drop(index)
    }
  }

  /** The rows before `next` are done: what was kept of them is spent. Between windows, rows without an end pass without being annotated. */
  commit(table: Table, next: number): Sampled {
    const sampled = { records: 0, lines: 0, bytes: 0 }
    const from = this.#from
    const to = Math.min(next, this.#to)
    this.#from = Math.max(from, to)
    for (let index = from; index < to; index += 1) {
      const way = this.#ways[index]
      if (way === EXEMPTED) continue
      const amount = this.#offer(table, index, { bucket: this.bucket, isKept: way === KEPT })
      if (way === KEPT) continue
      sampled.records += 1
      sampled.lines += amount.lines
      sampled.bytes += amount.bytes
    }
    return sampled
  }

  #wayOf(table: Table, index: number, bucket: Bucket): number {
    if ((table.flagsOf(index) & EXEMPT) !== 0) return EXEMPTED
    const leftMs = bucket.leftMs(this.#millisecondsOf(table.timeOf(index)))
    const isKept = leftMs > 0 || (table.levelOf(index) >= WARN && leftMs > -bucket.burstMs)
    this.#offer(table, index, { bucket, isKept })
    return isKept ? KEPT : LEFT_OUT
  }

  #offer(
    table: Table,
    index: number,
    { bucket, isKept }: { readonly bucket: Bucket; readonly isKept: boolean },
  ): Amount {
    const timeMs = this.#millisecondsOf(table.timeOf(index))
    const amount = table.amountOf(index)
    if (isKept) bucket.spend(amount, timeMs)
    else bucket.refuse(amount, timeMs)
    return amount
  }

  /** As if it were UTC: only differences matter. */
  #millisecondsOf(time: Uint8Array): number {
    let isSame = true
    for (let at = 0; at < SECOND_LENGTH; at += 1) isSame &&= time[at] === this.#second[at]
    if (!isSame) {
      const parsed = Date.parse(`${Buffer.from(time.subarray(0, SECOND_LENGTH)).toString('latin1')}Z`)
      this.#second.set(time.subarray(0, SECOND_LENGTH))
      this.#secondMs = Number.isNaN(parsed) ? this.#secondMs : parsed
    }
    let fraction = 0
    for (let at = FRACTION; at < FRACTION + 3; at += 1) {
      const digit = (time[at] ?? DIGIT_ZERO) - DIGIT_ZERO
      fraction = fraction * 10 + (digit >= 0 && digit <= 9 ? digit : 0)
    }
    return this.#secondMs + fraction
  }
}

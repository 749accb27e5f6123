import { lineEnds } from '../lib/line-ends.ts'
import type { Batch } from '../model/batch.ts'
import type { Settling } from '../model/checkpoint.ts'
import type { LogFile } from '../model/log-file.ts'
import type { Lane } from './lane.ts'

/** Bytes. Enough that a write's fixed cost does not show, little enough that a few in flight fit into the memory promised. */
export const BATCH_BYTES = 1 << 20

/** Collects encoded entries in one buffer, which is used again after `clear`. */
export class BatchBuilder {
  bytes: Uint8Array
  /** Bytes of `bytes` in use; the encoder moves it. */
  used = 0
  entryCount = 0
  /** Of the batch; see Batch. To be set while it is empty. */
  partition = ''
  readonly positions = new Map<LogFile, Settling>()
  /** Entries by the lane they came through, less those that were buried. */
  readonly #counts = new Map<Lane, number>()
  /** Which lane wrote the bytes up to `end`, and the entries up to `endPlace`, in order. */
  readonly #segments: { readonly lane: Lane; readonly end: number; readonly endPlace: number }[] = []
  readonly #buffer: Uint8Array

  /** `buffer`: BATCH_BYTES, the builder's own from now on; the kernel's, so that it can write there. */
  constructor(buffer: Uint8Array) {
    this.#buffer = buffer
    this.bytes = buffer
  }

  /** Whether that many bytes can be written now. An empty batch takes a larger buffer for what is larger than any batch. */
  reserve(byteCount: number): boolean {
    if (this.used + byteCount <= this.bytes.length) return true
    if (this.used > 0) return false
    this.bytes = new Uint8Array(byteCount)
    return true
  }

  /** To be called after each write of a lane, with how many entries it was. */
  count(lane: Lane, entries: number): void {
    if (entries === 0) return
    this.#counts.set(lane, (this.#counts.get(lane) ?? 0) + entries)
    this.#segments.push({ lane, end: this.used, endPlace: this.entryCount })
  }

  /** To be called when the batch is acked, before `clear`. */
  countDelivered(): void {
    for (const [lane, entries] of this.#counts) lane.counters.delivered += entries
  }

  get isEmpty(): boolean {
    return this.entryCount === 0 && this.positions.size === 0
  }

  seal(): Batch {
    const { entryCount, positions, partition } = this
    const bytes = this.bytes.subarray(0, this.used)
    let ends: Uint32Array | undefined
    const makeEnds = () => {
      ends ??= lineEnds(bytes, entryCount)
      return ends
    }
    return { partition, bytes, entryCount, ends: makeEnds, positions, bury: this.#bury.bind(this) }
  }

  /** `places` ascend. */
  #bury(places: Iterable<number>): void {
    let index = 0
    for (const place of places) {
      while ((this.#segments[index]?.endPlace ?? Infinity) <= place) index += 1
      const lane = this.#segments[index]?.lane
      if (lane === undefined) return
      lane.counters.deadLettered += 1
      this.#counts.set(lane, (this.#counts.get(lane) ?? 0) - 1)
    }
  }

  /** The entries by lane, in the order in which they were written. */
  *parts(): Generator<{ readonly lane: Lane; readonly bytes: Uint8Array }> {
    let start = 0
    for (const { lane, end } of this.#segments) {
      yield { lane, bytes: this.bytes.subarray(start, end) }
      start = end
    }
  }

  clear(): void {
    this.bytes = this.#buffer
    this.used = 0
    this.entryCount = 0
    this.positions.clear()
    this.#counts.clear()
    this.#segments.length = 0
  }
}

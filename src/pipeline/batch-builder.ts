import type { Batch, LogFile, Positions } from '../model.ts'
import type { Lane } from './lane.ts'

/** Bytes. Enough that a write's fixed cost does not show, little enough that a few in flight fit into the memory promised. */
export const BATCH_BYTES = 1 << 20

/** Collects encoded entries in one buffer of its own, which is used again after `clear`. */
export class BatchBuilder {
  bytes = new Uint8Array(BATCH_BYTES)
  /** Bytes of `bytes` in use; the encoder moves it. */
  used = 0
  entryCount = 0
  readonly positions = new Map<LogFile, Positions>()
  /** Entries by the lane they came through. */
  readonly #counts = new Map<Lane, number>()

  /** Whether that many bytes can be written now. An empty batch grows to take what is larger than any batch. */
  reserve(byteCount: number): boolean {
    if (this.used + byteCount <= this.bytes.length) return true
    if (this.used > 0) return false
    this.bytes = new Uint8Array(byteCount)
    return true
  }

  count(lane: Lane, entries: number): void {
    if (entries > 0) this.#counts.set(lane, (this.#counts.get(lane) ?? 0) + entries)
  }

  /** To be called when the batch is acked, before `clear`. */
  countDelivered(): void {
    for (const [lane, entries] of this.#counts) lane.counters.delivered += entries
  }

  get isEmpty(): boolean {
    return this.entryCount === 0 && this.positions.size === 0
  }

  seal(): Batch {
    return { bytes: this.bytes.subarray(0, this.used), entryCount: this.entryCount, positions: this.positions }
  }

  clear(): void {
    if (this.bytes.length > BATCH_BYTES) this.bytes = new Uint8Array(BATCH_BYTES)
    this.used = 0
    this.entryCount = 0
    this.positions.clear()
    this.#counts.clear()
  }
}

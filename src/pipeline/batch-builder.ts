import type { Output } from '../kernel/kernel.ts'
import type { Batch } from '../model/batch.ts'
import type { Settling } from '../model/checkpoint.ts'
import type { LogFile } from '../model/log-file.ts'
import type { Lane } from './lane.ts'

/** Bytes. Enough that a write's fixed cost does not show, little enough that a few in flight fit into the memory promised. */
export const BATCH_BYTES = 1 << 20

/** Collects encoded entries in one buffer, which is used again after `clear`. */
export class BatchBuilder {
  /** The kernel's buffer, and where in it each entry ends. */
  readonly output: Output
  /** Bytes in use; the renderer moves it. */
  used = 0
  entryCount = 0
  /** Of the batch; see Batch. To be set while it is empty. */
  partition = ''
  readonly positions = new Map<LogFile, Settling>()
  /** Of the one entry, if it is larger than the buffer: what was moved out of it. */
  readonly #pieces: Uint8Array[] = []
  #large: Uint8Array | undefined
  /** Entries by the lane they came through, less those that were buried. */
  readonly #counts = new Map<Lane, number>()
  /** Which lane wrote the entries up to `endPlace`, in order. */
  readonly #segments: { readonly lane: Lane; readonly endPlace: number }[] = []
  #heads: { readonly head: Uint8Array; to: number }[] = []

  /** `output`: the builder's own from now on. */
  constructor(output: Output) {
    this.output = output
  }

  get bytes(): Uint8Array {
    return this.#large ?? this.output.bytes
  }

  /** Whether it has one entry that is larger than the buffer, or the beginning of it, and takes no other. */
  get isLarge(): boolean {
    return this.#pieces.length > 0
  }

  /** Moves what there is of the first entry out of the buffer, so that there is room for more of it. */
  makeRoom(): void {
    this.append(new Uint8Array(this.output.bytes.subarray(0, this.used))) // slice() would not copy a Buffer
    this.used = 0
  }

  /** Adds to the first entry, behind what was moved out. */
  append(bytes: Uint8Array): void {
    this.#pieces.push(bytes)
  }

  /** To be called when there may be a whole entry that is larger than the buffer. */
  joinPieces(): void {
    if (!this.isLarge || this.entryCount === 0 || this.#large !== undefined) return
    this.#large = Buffer.concat([...this.#pieces, this.output.bytes.subarray(0, this.used)])
    this.used = this.#large.length
    this.output.ends[0] = this.used
  }

  /** To be called after each write of a lane, with how many entries it was. */
  count(lane: Lane, entries: number): void {
    if (entries === 0) return
    this.#counts.set(lane, (this.#counts.get(lane) ?? 0) + entries)
    this.#segments.push({ lane, endPlace: this.entryCount })
    const { head } = lane.program
    const last = this.#heads.at(-1)
    if (last?.head === head) last.to = this.entryCount
    else this.#heads.push({ head, to: this.entryCount })
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
    const ends = this.output.ends.subarray(0, entryCount)
    return { partition, bytes, entryCount, ends, heads: this.#heads, positions, bury: this.#bury.bind(this) }
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

  clear(): void {
    this.used = 0
    this.entryCount = 0
    this.positions.clear()
    this.#pieces.length = 0
    this.#large = undefined
    this.#counts.clear()
    this.#segments.length = 0
    this.#heads = []
  }
}

import type { Output } from '../kernel/kernel.ts'
import type { Batch } from '../model/batch.ts'
import type { Settling } from '../model/checkpoint.ts'
import type { LogFile } from '../model/log-file.ts'
import type { Lane } from './lane.ts'
import type { LeftOut } from './left-out.ts'

/** Maximum size of a batch in bytes, unless its transport says otherwise. */
export const BATCH_BYTES = 1 << 20

/** `builder`: free again once the batch is acked. */
export interface BuiltBatch extends Batch {
  readonly builder: BatchBuilder
}

/** Collects entries in one buffer, which is reused after `clear`. */
export class BatchBuilder {
  /** A buffer of the kernel, and the end of each entry in it. */
  readonly output: Output
  /** Bytes in use; set by the renderer. */
  used = 0
  entryCount = 0
  /** See Batch. Set it while the batch is empty. */
  partition = ''
  positions = new Map<LogFile, Settling>()
  /** Files of which lines were left out that another batch tells of: what this one settles there is to be stored after that. */
  readonly untold = new Map<LogFile, LeftOut>()
  /** What this batch tells of. */
  readonly told: LeftOut[] = []
  /** The parts of a single entry that is larger than the buffer, as far as they were moved out of it. */
  readonly #pieces: Uint8Array[] = []
  #large: Uint8Array | undefined
  /** Which lane wrote the entries before `endPlace`, in order, and how many of them became dead letters. */
  #segments: { readonly lane: Lane; readonly endPlace: number; buried: number }[] = []
  #heads: { readonly head: Uint8Array; to: number }[] = []

  /** `output`: used by nobody else from now on. */
  constructor(output: Output) {
    this.output = output
  }

  get bytes(): Uint8Array {
    return this.#large ?? this.output.bytes
  }

  /** Whether it has a single entry, or a part of one, that is larger than the buffer. Then it takes no other. */
  get isLarge(): boolean {
    return this.#pieces.length > 0
  }

  /** Moves the written part of the single entry out of the buffer, to make room for the rest. */
  makeRoom(): void {
    this.append(new Uint8Array(this.output.bytes.subarray(0, this.used))) // slice() would not copy a Buffer
    this.used = 0
  }

  /** Adds bytes to the single entry, after the parts that were moved out. */
  append(bytes: Uint8Array): void {
    this.#pieces.push(bytes)
  }

  /** Call after each write: joins the parts of a large entry once it is complete. */
  joinPieces(): void {
    if (!this.isLarge || this.entryCount === 0 || this.#large !== undefined) return
    this.#large = Buffer.concat([...this.#pieces, this.output.bytes.subarray(0, this.used)])
    this.used = this.#large.length
    this.output.ends[0] = this.used
  }

  /** Call after each write of a lane. `entries`: their number. */
  count(lane: Lane, entries: number): void {
    if (entries === 0) return
    this.#segments.push({ lane, endPlace: this.entryCount, buried: 0 })
    const { head } = lane.program
    const last = this.#heads.at(-1)
    if (last?.head === head) last.to = this.entryCount
    else this.#heads.push({ head, to: this.entryCount })
  }

  /** Call when the batch is acked, before `clear`. */
  countDelivered(): void {
    let begin = 0
    for (const { lane, endPlace, buried } of this.#segments) {
      lane.counters.delivered += endPlace - begin - buried
      begin = endPlace
    }
  }

  get isEmpty(): boolean {
    return this.entryCount === 0 && this.positions.size === 0
  }

  seal(): BuiltBatch {
    const { entryCount, positions, partition } = this
    const bytes = this.bytes.subarray(0, this.used)
    const ends = this.output.ends.subarray(0, entryCount)
    return { builder: this, partition, bytes, entryCount, ends, heads: this.#heads, positions, bury: this.#bury }
  }

  /** `places` are in ascending order. */
  readonly #bury = (places: Iterable<number>): void => {
    let index = 0
    for (const place of places) {
      while ((this.#segments[index]?.endPlace ?? Infinity) <= place) index += 1
      const segment = this.#segments[index]
      if (segment === undefined) return
      segment.lane.counters.deadLettered += 1
      segment.buried += 1
    }
  }

  clear(): void {
    this.used = 0
    this.entryCount = 0
    // A new one lives as long as a batch; one that is emptied gets new memory, which its age makes V8 keep until a full collection.
    this.positions = new Map()
    this.#segments = []
    this.#heads = []
    this.#large = undefined
    // Seldom used: emptying what is empty takes a microsecond each.
    if (this.untold.size > 0) this.untold.clear()
    if (this.told.length > 0) this.told.length = 0
    if (this.#pieces.length > 0) this.#pieces.length = 0
  }
}

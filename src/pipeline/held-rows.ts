import type { Kernel } from '../kernel/kernel.ts'
import * as layout from '../kernel/layout.ts'
import type { Chunk } from '../model/chunk.ts'
import { STREAM_NAMES, type StreamName } from '../model/stream-name.ts'
import { HeldLine } from './held-line.ts'
import type { Lane } from './lane.ts'
import type { RecordIds } from './record-id.ts'

/** A part of a line that has a row but is not in the chunk. */
export interface KeptPart {
  readonly stream: StreamName
  /** Address of the row. */
  readonly row: number
  /** Its offset in its file. */
  readonly offset: number
  /** Address of the chunk's first byte. */
  readonly start: number
}

/** Moves a lane's unfinished lines into the kernel before its rows are rendered, and back into the lane afterwards. */
export class HeldRows {
  readonly #kernel: Kernel
  readonly #ids: RecordIds
  /** Address of HELD: see layout.ts. */
  readonly #held: number
  /** Per stream, the unfinished line whose bytes the kernel has. The same object as the lane's if they have not changed. */
  readonly #known: (HeldLine | undefined)[] = [undefined, undefined]

  constructor(kernel: Kernel, ids: RecordIds) {
    this.#kernel = kernel
    this.#ids = ids
    this.#held = kernel.assembly.HELD.value
  }

  load(lane: Lane): void {
    const { isTorn, held } = lane
    this.#kernel.tornStreams = Number(isTorn.stdout) | (Number(isTorn.stderr) << 1)
    if (held.stdout !== undefined || this.#known[0] !== undefined) this.#loadStream(0, lane)
    if (held.stderr !== undefined || this.#known[1] !== undefined) this.#loadStream(1, lane)
  }

  #loadStream(number: number, lane: Lane): void {
    const stream = STREAM_NAMES[number] as StreamName
    const kernel = this.#kernel
    const at = this.#at(number)
    const held = lane.held[stream]
    const known = this.#known[number]
    this.#known[number] = held
    kernel.put(at + layout.ROW_TIME, held === undefined ? 0 : at + layout.HELD_TIME)
    if (held === undefined) return
    kernel.memory.set(held.time, at + layout.HELD_TIME)
    kernel.put(at + layout.ROW_BODY_BYTES, held.body.length)
    kernel.put(at + layout.ROW_TRUE_BYTES, held.trueBytes)
    kernel.put(at + layout.ROW_FLAGS, number | (held.time.length << 16))
    kernel.put(at + layout.HELD_FIRST, 0)
    kernel.put(at + layout.HELD_IS_NEW, 0)
    const record = at + layout.HELD_RECORD
    kernel.put(record + layout.RECORD_BYTES, held.sourceBytes)
    // It began in another chunk, so its offset cannot be computed from an address.
    kernel.memory.write(this.#ids.prefix(held.source, lane.ref, stream), record, 'latin1')
    if (known !== held) kernel.memory.set(held.body, kernel.get(at + layout.ROW_BODY))
  }

  /** `chunk`: the rows came from it; undefined for none. `start`: the address of its first byte. */
  save(lane: Lane, chunk: Chunk | undefined, start: number): void {
    const torn = this.#kernel.tornStreams
    lane.isTorn.stdout = (torn & 1) !== 0
    lane.isTorn.stderr = (torn & 2) !== 0
    for (let number = 0; number < STREAM_NAMES.length; number += 1) {
      if (this.#known[number] !== undefined || this.isOpen(number)) this.#saveStream(number, lane, chunk, start)
    }
  }

  /** The same if the last part is not in the chunk. */
  saveKept(lane: Lane, chunk: Chunk, { stream, row, offset, start }: KeptPart): void {
    const first = this.#at(STREAM_NAMES.indexOf(stream)) + layout.HELD_FIRST
    if (this.#kernel.get(first) === this.#kernel.get(row + layout.ROW_START)) this.#kernel.put(first, 0)
    this.save(lane, chunk, start)
    lane.held[stream]?.begins(chunk.file, offset)
  }

  /** Whether the kernel has an unfinished line of that stream. */
  isOpen(number: number): boolean {
    return this.#kernel.get(this.#at(number) + layout.ROW_TIME) !== 0
  }

  #saveStream(number: number, lane: Lane, chunk: Chunk | undefined, start: number): void {
    const kernel = this.#kernel
    const stream = STREAM_NAMES[number] as StreamName
    const at = this.#at(number)
    let held = this.#known[number]
    if (!this.isOpen(number)) held = undefined
    else if (held === undefined || kernel.get(at + layout.HELD_IS_NEW) !== 0) {
      const time = at + layout.HELD_TIME
      const timeBytes = kernel.memory.readUInt8(at + layout.ROW_TIME_BYTES)
      held = new HeldLine(kernel.memory.subarray(time, time + timeBytes), kernel.maximumBody + 1)
      kernel.put(at + layout.HELD_IS_NEW, 0)
    }
    if (held !== undefined) {
      const body = kernel.get(at + layout.ROW_BODY)
      held.append(kernel.memory.subarray(body + held.body.length, body + kernel.get(at + layout.ROW_BODY_BYTES)))
      held.trueBytes = kernel.get(at + layout.ROW_TRUE_BYTES)
      held.sourceBytes = kernel.get(at + layout.HELD_RECORD + layout.RECORD_BYTES)
      const first = kernel.get(at + layout.HELD_FIRST)
      if (chunk !== undefined && first !== 0) held.begins(chunk.file, chunk.offset + first - start)
    }
    this.#known[number] = held
    lane.held[stream] = held
  }

  #at(number: number): number {
    return this.#held + number * layout.HELD_SIZE
  }
}

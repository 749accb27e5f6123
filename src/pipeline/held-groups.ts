import type { Kernel } from '../kernel/kernel.ts'
import * as layout from '../kernel/layout.ts'
import type { Clock } from '../lib/clock.ts'
import type { Chunk } from '../model/chunk.ts'
import { STREAM_NAMES, type StreamName } from '../model/stream-name.ts'
import { HeldGroup } from './held-group.ts'
import { HeldLine } from './held-line.ts'
import type { Lane } from './lane.ts'
import type { RecordIds } from './record-id.ts'

const SLOTS = Array.from({ length: layout.SLOT_COUNT }, (_, index) => index)
const JOINS = { off: layout.JOINS_NONE, auto: layout.JOINS_KNOWN, indented: layout.JOINS_INDENTED } as const
const NO_BYTES = new Uint8Array(0)

/** Moves a lane's lines that wait for their followers into the kernel before its rows are rendered, and back into the lane afterwards. */
export class HeldGroups {
  readonly #kernel: Kernel
  readonly #ids: RecordIds
  readonly #clock: Clock
  /** Per stream, the lines that the kernel has: the same object as the lane's. */
  readonly #known: (HeldGroup | undefined)[] = [undefined, undefined]
  /** Per stream, where the words stand that are 0 while no line waits, but for GROUP_FLAGS. */
  readonly #times: readonly (readonly number[])[]

  constructor(kernel: Kernel, ids: RecordIds, clock: Clock) {
    this.#kernel = kernel
    this.#ids = ids
    this.#clock = clock
    const timeAt = (stream: number, index: number) =>
      (kernel.slotAt(stream, index) + layout.ROW_TIME) >>> layout.WORD_SHIFT
    this.#times = [0, 1].map((stream) => SLOTS.map((index) => timeAt(stream, index)))
  }

  load({ groups, multiline }: Lane): void {
    this.#kernel.joinsLines = typeof multiline === 'string' ? JOINS[multiline] : layout.JOINS_BY_START
    for (let stream = 0; stream < STREAM_NAMES.length; stream += 1) {
      const group = groups[STREAM_NAMES[stream] as StreamName]
      if (group !== this.#known[stream]) this.#loadStream(stream, group)
    }
  }

  #loadStream(stream: number, group: HeldGroup | undefined): void {
    this.#known[stream] = group
    const { memory } = this.#kernel
    const at = this.#kernel.groupAt(stream)
    if (group === undefined) {
      this.#kernel.put(at + layout.GROUP_FLAGS, 0)
      for (const index of SLOTS) this.#kernel.put(this.#kernel.slotAt(stream, index) + layout.ROW_TIME, 0)
      return
    }
    memory.set(group.struct, at)
    for (const [index, slot] of group.slots.entries())
      if (slot !== undefined)
        memory.set(slot.body, this.#kernel.get(this.#kernel.slotAt(stream, index) + layout.ROW_BODY))
  }

  /** `chunk`: the rows came from it; undefined for none. `start`: the address of its first byte. Call before unfinished lines are saved. */
  save(lane: Lane, chunk: Chunk | undefined, start: number): void {
    for (let stream = 0; stream < STREAM_NAMES.length; stream += 1) {
      const isOpen = this.#isOpen(stream)
      if (isOpen) this.#saveStream(stream, lane, chunk, start)
      else if (this.#known[stream] !== undefined) {
        this.#known[stream] = undefined
        lane.groups[STREAM_NAMES[stream] as StreamName] = undefined
      }
    }
  }

  #isOpen(stream: number): boolean {
    const kernel = this.#kernel
    const { words } = kernel
    for (const at of this.#times[stream] as readonly number[]) if (words[at] !== 0) return true
    return (kernel.get(kernel.groupAt(stream) + layout.GROUP_FLAGS) & layout.GOES_ON) !== 0
  }

  #saveStream(number: number, lane: Lane, chunk: Chunk | undefined, start: number): void {
    const stream = STREAM_NAMES[number] as StreamName
    const before = this.#known[number]
    const group = before ?? new HeldGroup()
    const hasGrown = SLOTS.some((index) => this.#hasGrown(number, index))
    if (hasGrown) group.changedMs = this.#clock.monotonic()
    group.slots = SLOTS.map((index) => this.#slot(number, index, { before, chunk, start, lane }))
    const at = this.#kernel.groupAt(number)
    group.struct = new Uint8Array(this.#kernel.memory.subarray(at, at + layout.GROUP_SIZE))
    this.#known[number] = group
    lane.groups[stream] = group
  }

  /** Whether the slot has a line of this chunk. */
  #hasGrown(stream: number, index: number): boolean {
    const at = this.#kernel.slotAt(stream, index)
    return this.#kernel.get(at + layout.ROW_TIME) !== 0 && this.#kernel.get(at + layout.SLOT_FIRST) !== 0
  }

  #slot(number: number, index: number, { before, chunk, start, lane }: Saving): HeldLine | undefined {
    const kernel = this.#kernel
    const at = kernel.slotAt(number, index)
    if (kernel.get(at + layout.ROW_TIME) === 0) return undefined
    const stream = STREAM_NAMES[number] as StreamName
    const was = kernel.get(at + layout.SLOT_WAS)
    const own = (was & (1 << index)) === 0 ? undefined : before?.slots[index]
    const slot = own ?? new HeldLine(NO_BYTES, kernel.groupBytes)
    const body = kernel.get(at + layout.ROW_BODY)
    slot.append(kernel.memory.subarray(body + slot.body.length, body + kernel.get(at + layout.ROW_BODY_BYTES)))
    const merged = SLOTS.filter((other) => other !== index && (was & (1 << other)) !== 0)
    const parts = [
      ...merged.map((other) => before?.slots[other]),
      (was & layout.WAS_HELD) === 0 ? undefined : lane.held[stream],
    ]
    for (const part of parts) for (const [file, offset] of part?.starts ?? []) slot.begins(file, offset)
    const first = kernel.get(at + layout.SLOT_FIRST)
    if (chunk !== undefined && first !== 0) slot.begins(chunk.file, chunk.offset + first - start)
    this.#nameRecord(at + layout.SLOT_RECORD, slot, { lane, stream })
    kernel.put(at + layout.SLOT_FIRST, 0)
    kernel.put(at + layout.SLOT_WAS, 1 << index)
    return slot
  }

  /** Its offset can be computed from an address only while the chunk is there. */
  #nameRecord(record: number, slot: HeldLine, { lane, stream }: { lane: Lane; stream: StreamName }): void {
    const { memory } = this.#kernel
    if (memory[record + layout.RECORD_PREFIX] !== 0) return
    memory.write(this.#ids.prefix(slot.source, lane.ref, stream), record + layout.RECORD_PREFIX, 'latin1')
  }
}

interface Saving {
  readonly before: HeldGroup | undefined
  readonly chunk: Chunk | undefined
  readonly start: number
  readonly lane: Lane
}

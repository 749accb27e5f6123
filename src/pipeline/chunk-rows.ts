import type { Kernel } from '../kernel/kernel.ts'
import * as layout from '../kernel/layout.ts'
import type { RecordNotes, Table } from '../kernel/table.ts'
import { endOfNuls, NUL } from '../lib/end-of-nuls.ts'
import type { Chunk } from '../model/chunk.ts'
import { STREAM_NAMES, type StreamName } from '../model/stream-name.ts'
import type { BatchBuilder } from './batch-builder.ts'
import type { HeldGroups } from './held-groups.ts'
import { HeldLine } from './held-line.ts'
import type { HeldRows } from './held-rows.ts'
import type { Lane } from './lane.ts'
import type { RecordIds, RecordSource } from './record-id.ts'
import type { Renderer } from './renderer.ts'
import { isSettled, settledUntil } from './settled.ts'

// Hot file: guarded by test/bench. The kernel handles usual lines; this file fills tables and adds rows for all other lines.

const NEWLINE = 0x0a
const UNKNOWN_STREAM = 2
const NO_BYTES = new Uint8Array(0)

export interface ChunkRowsParts {
  readonly kernel: Kernel
  readonly table: Table
  readonly held: HeldRows
  readonly groups: HeldGroups
  readonly ids: RecordIds
  readonly renderer: Renderer
  /** Bytes. A longer line is not kept until its end comes. */
  readonly longestLineBytes: number
}

/** Fills the table from one chunk, and knows how far it is rendered. */
export class ChunkRows {
  readonly #parts: ChunkRowsParts
  /** The chunk that the table's rows come from; undefined if they come from none. */
  #chunk: Chunk | undefined
  /** The chunk's bytes in the kernel's memory. */
  bytes: Uint8Array = NO_BYTES
  /** Number of bytes that are done. */
  at = 0
  /** Called once all rows of the table are rendered. */
  #then: (() => void) | undefined

  constructor(parts: ChunkRowsParts) {
    this.#parts = parts
  }

  /** Starts with this chunk, unless it is the current one. */
  open(chunk: Chunk): void {
    if (chunk === this.#chunk) return
    const { input } = this.#parts.kernel
    this.bytes = chunk.bytes
    if (chunk.bytes.buffer !== input.buffer) {
      this.bytes = input.subarray(0, chunk.bytes.length)
      this.bytes.set(chunk.bytes.subarray(0, input.length))
    }
    this.at = 0
    this.#chunk = chunk
    this.#then = undefined
    this.#parts.table.clear()
  }

  /** Empties the table. The next rows come from this chunk, or from none. */
  begin(chunk: Chunk | undefined): void {
    this.#chunk = chunk
    this.#then = undefined
    this.#parts.table.begin(this.bytes.byteOffset + this.at)
  }

  /** Renders all rows of the table. Returns false if the batch is full before. */
  render(lane: Lane, batch: BatchBuilder): boolean {
    const { table, renderer } = this.#parts
    if (table.hasMore) {
      const isDone = renderer.render(lane, batch)
      if (this.#chunk !== undefined) this.at = table.at - this.bytes.byteOffset
      if (!isDone) return false
    }
    this.#then?.()
    this.#then = undefined
    return true
  }

  /** Fills the table with lines that the kernel recognises. Returns false if the next line is not one of them. */
  scan(chunk: Chunk, lane: Lane): boolean {
    if (lane.overlong !== undefined) return false
    const { table } = this.#parts
    const start = this.bytes.byteOffset
    const goesOn = chunk.offset + this.at >= settledUntil(chunk.file)
    table.scan(start + this.at, start + this.bytes.length, { goesOn })
    this.#markSettled(chunk, undefined)
    return table.hasMore
  }

  /** Marks rows that an earlier run has delivered, so that they are skipped. `lineOffset`: the line's offset in the file, if the row does not have it. */
  #markSettled({ file, offset }: Chunk, lineOffset: number | undefined): void {
    if (offset + this.at >= settledUntil(file)) return
    const { table } = this.#parts
    for (let index = layout.ROW_FIRST; index < table.count; index += 1) {
      const flags = table.flagsOf(index)
      const stream = flags & layout.STREAM
      const at = lineOffset ?? offset + table.startOf(index) - this.bytes.byteOffset
      if (!isSettled(file, STREAM_NAMES[stream] ?? 'unknown', at)) continue
      const dropped = stream === UNKNOWN_STREAM ? layout.DROPPED | layout.ODD : 0
      table.setFlags(index, flags | layout.REPEATED | dropped)
    }
  }

  /** Adds the next line, of any format. Returns false if its end has not been read yet. */
  addLine(chunk: Chunk, isFinal: boolean, lane: Lane): boolean {
    const newline = this.bytes.indexOf(NEWLINE, this.at)
    if (newline < 0 && !isFinal) {
      this.#keepOverlong(chunk, lane)
      return false
    }
    const lineEnd = newline < 0 ? this.bytes.length : newline
    this.begin(chunk)
    if (lane.overlong === undefined) {
      const start = this.bytes.byteOffset
      const end = this.#endOfTorn(this.at, lineEnd)
      this.#parts.table.add(start + this.at, start + end, start + (end === newline ? end + 1 : end))
      this.#markSettled(chunk, undefined)
    } else this.#addOverlong(chunk, lineEnd, newline < 0 ? 0 : 1, lane.overlong, lane)
    return true
  }

  /**
   * The end of the line; or the first NUL in it, if the line has no known format and what follows the NULs has one. Then a power cut tore the
   * line there, and the next one was written after the hole. In a line of a known format the container wrote the NULs.
   */
  #endOfTorn(at: number, end: number): number {
    const length = this.bytes.subarray(at, end).indexOf(NUL)
    if (length < 0 || this.#isKnown(at, end)) return end
    return this.#isKnown(endOfNuls(this.bytes, at + length), end) ? at + length : end
  }

  #isKnown(at: number, end: number): boolean {
    const start = this.bytes.byteOffset
    return this.#parts.table.isKnown(start + at, start + end)
  }

  /** Keeps the beginning of a line that is too long, and counts the rest. Its end may be gigabytes away. */
  #keepOverlong(chunk: Chunk, lane: Lane): void {
    const { longestLineBytes } = this.#parts
    const rest = this.bytes.subarray(this.at)
    if (lane.overlong === undefined && rest.length < longestLineBytes) return
    lane.overlong ??= new HeldLine(NO_BYTES, longestLineBytes)
    lane.overlong.begins(chunk.file, chunk.offset + this.at)
    lane.overlong.append(rest)
    lane.overlong.sourceBytes += rest.length
    this.at = this.bytes.length
  }

  /** Adds the overlong line; its end is in this chunk. */
  #addOverlong(chunk: Chunk, lineEnd: number, newlineBytes: number, overlong: HeldLine, lane: Lane): void {
    const { table, held, groups, longestLineBytes } = this.#parts
    const start = this.bytes.byteOffset
    const rest = this.bytes.subarray(this.at, lineEnd)
    const line = Buffer.concat([overlong.body, rest.subarray(0, longestLineBytes - overlong.body.length)])
    const offset = overlong.starts.get(chunk.file) ?? 0
    const byteCount = overlong.sourceBytes + rest.length + newlineBytes
    const missingBytes = overlong.trueBytes + rest.length - line.length
    this.#addKept(line, { ...overlong.source, byteCount }, missingBytes, start + lineEnd + newlineBytes, lane)
    const isPart = (table.flagsOf(layout.ROW_FIRST) & layout.CONTINUES) !== 0
    const stream = this.#streamOf(layout.ROW_FIRST)
    this.#markSettled(chunk, offset)
    this.#then = () => {
      lane.overlong = undefined
      if (!isPart) return
      groups.save(lane, chunk, start)
      held.saveKept(lane, chunk, { stream, row: table.row(layout.ROW_FIRST), offset, start })
    }
  }

  /** Adds what is kept of an overlong line whose end does not come. It is delivered apart from what is held of its stream. */
  addUnfinished(overlong: HeldLine, lane: Lane): void {
    const { table, kernel } = this.#parts
    this.begin(undefined)
    this.#addKept(overlong.body, overlong.source, overlong.missingBytes, table.at, lane)
    const flags = table.flagsOf(layout.ROW_FIRST)
    table.setFlags(layout.ROW_FIRST, (flags & ~layout.CONTINUES) | layout.PARTIAL | layout.NO_LINE | layout.ODD)
    this.#then = () => {
      if ((flags & layout.STREAM) !== UNKNOWN_STREAM) kernel.tornStreams &= ~(1 << (flags & layout.STREAM))
      lane.overlong = undefined
    }
  }

  /** Adds the row of a line that is not in the input buffer. */
  #addKept(line: Uint8Array, source: RecordSource, missingBytes: number, next: number, lane: Lane): void {
    const { table } = this.#parts
    const at = table.keep(line)
    table.add(at, at + line.length, next)
    table.note(layout.ROW_FIRST, this.notes(source, this.#streamOf(layout.ROW_FIRST), lane, { missingBytes }))
  }

  #streamOf(index: number): StreamName {
    return (this.#parts.table.flagsOf(index) & layout.STREAM) === 1 ? 'stderr' : 'stdout'
  }

  /** What the kernel cannot know about a record that is not simply one line of the input. */
  notes(source: RecordSource, stream: StreamName | 'lost', lane: Lane, more: Partial<RecordNotes>): RecordNotes {
    const idPrefix = this.#parts.ids.prefix(source, lane.ref, stream)
    return { idPrefix, byteCount: source.byteCount, ...more }
  }
}

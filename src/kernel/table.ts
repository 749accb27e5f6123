import type { StreamName } from '../model/stream-name.ts'
import type { Kernel } from './kernel.ts'
import * as layout from './layout.ts'
import { parseOddDockerLine } from './odd-docker-line.ts'

// Hot file: guarded by test/bench.

const OPENING_BRACE = 0x7b
const STREAM_NUMBERS = { stdout: 0, stderr: 1, unknown: 2 } as const
/** Bytes of a time at the most. */
const TIME_BYTES = 40
/** Bytes that are left for what is said of a record. */
const SPARE_BYTES = 1024

/** What is known of a record that is not just its line. */
export interface RecordNotes {
  /** Its id up to the number of bytes. */
  readonly idPrefix: string
  /** Bytes in its files. */
  readonly byteCount: number
  /** Bytes of its body that are not there. */
  readonly missingBytes?: number
  /** The JSON that tells of a loss. */
  readonly lost?: string
}

/** The rows of the lines that are next; how they are filled, staged and rendered. */
export class Table {
  readonly #kernel: Kernel
  readonly #rows: number
  readonly #run: number
  readonly #seen: number
  #scratchUsed = 0

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    const { ROWS, RUN, SCAN } = kernel.assembly
    this.#rows = ROWS.value
    this.#run = RUN.value
    this.#seen = SCAN.value + layout.SCAN_SEEN
  }

  /** Without rows. `at`: the address where the next ones begin in the input. */
  begin(at: number): void {
    this.#scratchUsed = 0
    this.#kernel.put(this.#seen, 0)
    this.#kernel.assembly.beginRows(at)
  }

  /**
   * Takes the place of all rows by those of whole lines from [at, end), as many as there is room for, up to one that `add` must look at. `goesOn`: when these
   * are rendered those that follow are too.
   */
  scan(at: number, end: number, { goesOn }: { readonly goesOn: boolean }): void {
    this.begin(at)
    this.count = this.#kernel.assembly.scan(at, end)
    if (goesOn) this.#kernel.put(this.#run + layout.RUN_INPUT_END, end)
  }

  get count(): number {
    return this.#kernel.get(this.#run + layout.RUN_COUNT)
  }

  set count(rows: number) {
    this.#kernel.put(this.#run + layout.RUN_COUNT, rows)
  }

  get hasMore(): boolean {
    return this.next < this.count
  }

  /** The row that is rendered next, and the end of those that are ready. */
  get next(): number {
    return this.#kernel.get(this.#run + layout.RUN_FROM)
  }

  get ready(): number {
    return this.#kernel.get(this.#run + layout.RUN_TO)
  }

  /** Fewer are ready: a stage had no more room. */
  set ready(index: number) {
    this.#kernel.put(this.#run + layout.RUN_TO, index)
  }

  /** Up to which address of the input all is rendered. */
  get at(): number {
    return this.#kernel.get(this.#run + layout.RUN_AT)
  }

  /** All flags of rows that were found since `begin`. */
  get seen(): number {
    return this.#kernel.get(this.#seen)
  }

  flagsOf(index: number): number {
    return this.#kernel.memory.readUInt16LE(this.row(index) + layout.ROW_FLAGS)
  }

  setFlags(index: number, flags: number): void {
    this.#kernel.memory.writeUInt16LE(flags, this.row(index) + layout.ROW_FLAGS)
    this.#kernel.put(this.#seen, this.seen | flags)
  }

  startOf(index: number): number {
    return this.#kernel.get(this.row(index) + layout.ROW_START)
  }

  /** Address of the row. */
  row(index: number): number {
    return this.#rows + index * layout.ROW_SIZE
  }

  /** Adds the row of the line [start, end), whatever it is; the next one begins at `next`. */
  add(start: number, end: number, next: number): void {
    const { assembly } = this.#kernel
    const row = this.row(this.count)
    if (assembly.takeLine(start, end, next, row) === 0 && !this.#addOddDocker(start, end, next))
      assembly.takeMalformed(start, end, next, row)
    this.count += 1
    this.setFlags(this.count - 1, this.flagsOf(this.count - 1))
  }

  /** Whether the line has a known format. */
  isKnown(start: number, end: number): boolean {
    const used = this.#scratchUsed
    const isTaken = this.#kernel.assembly.takeLine(start, end, end, this.row(this.count)) !== 0
    const isKnown = isTaken ? (this.flagsOf(this.count) & layout.MALFORMED) === 0 : this.#addOddDocker(start, end, end)
    this.#scratchUsed = used
    return isKnown
  }

  #addOddDocker(start: number, end: number, next: number): boolean {
    const { memory } = this.#kernel
    if (memory[start] !== OPENING_BRACE || start === end) return false
    const line = parseOddDockerLine(memory.subarray(start, end))
    if (line === undefined || !this.#isTime(line.time)) return false
    const flags = STREAM_NUMBERS[line.stream] | (line.isPartial ? layout.CONTINUES : 0)
    this.#fill(line, flags, start, next)
    return true
  }

  /** The body, or as much of it as is delivered, goes to scratch: it may be longer decoded than the whole line. */
  #fill({ time, body }: { time: string; body: Uint8Array }, flags: number, start: number, next: number): void {
    const { maximumBody, scratch, memory } = this.#kernel
    const row = this.row(this.count)
    const timeAt = this.#reserve(TIME_BYTES)
    memory.write(time, timeAt, 'latin1')
    const kept =
      this.#scratchUsed + body.length + SPARE_BYTES > scratch.length ? body.subarray(0, maximumBody + 1) : body
    const isLong = body.length > maximumBody ? layout.LONG : 0
    const words = [
      timeAt,
      this.keep(kept),
      kept.length,
      start,
      next,
      flags | isLong | layout.ODD | (time.length << 16),
      body.length,
      0,
    ]
    this.#kernel.words.set(words, row / layout.WORD)
  }

  /** An RFC 3339 time as it stands. */
  #isTime(time: string): boolean {
    if (time.length > TIME_BYTES) return false
    const used = this.#scratchUsed
    const at = this.#reserve(TIME_BYTES)
    const end = at + this.#kernel.memory.write(time, at)
    this.#scratchUsed = used
    return this.#kernel.assembly.endOfTime(at, end) === end
  }

  /** Adds the row of a record that reports something; it has the current time. */
  addReport(text: string, notes: RecordNotes, at: number): void {
    const { memory } = this.#kernel
    const body = this.keep(Buffer.from(text))
    const row = this.row(this.count)
    this.#kernel.assembly.takeMalformed(body, body + Buffer.byteLength(text), at, row)
    this.#kernel.put(row + layout.ROW_START, at)
    this.count += 1
    const flags = memory.readUInt16LE(row + layout.ROW_FLAGS) & ~layout.MALFORMED
    this.setFlags(this.count - 1, flags | layout.LOST | layout.NO_LINE)
    this.note(this.count - 1, notes)
  }

  /** Adds the row of what is held of the stream, to go out as it is, if anything is. */
  addHeld(stream: StreamName, at: number): void {
    if (this.#kernel.assembly.flush(STREAM_NUMBERS[stream], this.count, at) === 0) return
    this.count += 1
    this.setFlags(this.count - 1, this.flagsOf(this.count - 1))
  }

  /** Makes the row's record another one than its line. */
  note(index: number, { idPrefix, byteCount, missingBytes = 0, lost }: RecordNotes): void {
    const kernel = this.#kernel
    const row = this.row(index)
    const record = this.#reserve(layout.RECORD_SIZE)
    kernel.put(record + layout.RECORD_PREFIX, 0)
    kernel.put(record + layout.RECORD_START, kernel.get(row + layout.ROW_START))
    kernel.memory.write(idPrefix, record + layout.RECORD_PREFIX, 'latin1')
    kernel.put(record + layout.RECORD_BYTES, byteCount)
    kernel.put(row + layout.ROW_RECORD, record)
    if (missingBytes > 0) {
      kernel.put(row + layout.ROW_TRUE_BYTES, kernel.get(row + layout.ROW_BODY_BYTES) + missingBytes)
      this.setFlags(index, this.flagsOf(index) | layout.LONG | layout.ODD)
    }
    if (lost === undefined) return
    kernel.put(record + layout.RECORD_NOTE, this.keep(Buffer.from(lost)))
    kernel.put(record + layout.RECORD_NOTE_BYTES, Buffer.byteLength(lost))
  }

  /** For stages: the row's body, as the container wrote it. */
  bodyOf(index: number): Uint8Array {
    const start = this.#kernel.get(this.row(index) + layout.ROW_BODY)
    const end = start + this.#kernel.get(this.row(index) + layout.ROW_BODY_BYTES)
    const body = this.#kernel.memory.subarray(start, end)
    return (this.flagsOf(index) & layout.ESCAPED) === 0 ? body : Buffer.from(JSON.parse(`"${body}"`))
  }

  /** For stages: puts a text in the place of the row's body. Returns false, with nothing done, when there is no room for it in this window. */
  replaceBody(index: number, body: Uint8Array): boolean {
    const at = this.#kernel.keepForStage(body)
    if (at === undefined) return false
    const isLong = body.length > this.#kernel.maximumBody ? layout.LONG | layout.ODD : 0
    this.#kernel.put(this.row(index) + layout.ROW_BODY, at)
    this.#kernel.put(this.row(index) + layout.ROW_BODY_BYTES, body.length)
    this.#kernel.put(this.row(index) + layout.ROW_TRUE_BYTES, body.length)
    this.setFlags(index, (this.flagsOf(index) & ~(layout.ESCAPED | layout.JSON_FORM | layout.LONG)) | isLong)
    return true
  }

  /** For stages: leaves the row out. */
  drop(index: number): void {
    this.setFlags(index, this.flagsOf(index) | layout.DROPPED | layout.ODD)
  }

  /** Copies bytes to where rows can point to them, until `begin`. Returns their address. */
  keep(bytes: Uint8Array): number {
    const at = this.#reserve(bytes.length)
    this.#kernel.memory.set(bytes, at)
    return at
  }

  #reserve(byteCount: number): number {
    const { scratch } = this.#kernel
    const at = scratch.byteOffset + this.#scratchUsed
    this.#scratchUsed += (byteCount + 79) & ~15
    if (this.#scratchUsed > scratch.length) throw new RangeError('the table has no room')
    return at
  }
}

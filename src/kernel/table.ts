import type { StreamName } from '../model/stream-name.ts'
import type { Kernel } from './kernel.ts'
import * as layout from './layout.ts'
import { parseOddDockerLine } from './odd-docker-line.ts'

// Hot file: guarded by test/bench.

const OPENING_BRACE = 0x7b
const STREAM_NUMBERS = { stdout: 0, stderr: 1, unknown: 2 } as const
/** Maximum bytes of a time. */
const TIME_BYTES = 40
/** Bytes that stay free for a record's notes. */
const SPARE_BYTES = 1024

/** What the row of a record does not have, if the record is not simply one line of the input. */
export interface RecordNotes {
  /** Its id without the number of bytes at the end. */
  readonly idPrefix: string
  /** Its bytes in the files. */
  readonly byteCount: number
  /** Bytes at the end of its body that were not kept. */
  readonly missingBytes?: number
  /** The JSON of a loss, or of what was left out. */
  readonly lost?: string
  readonly sampled?: string
}

/** The table of rows for the next lines: fills it, and gives stages access. */
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

  /** Removes all rows. `at`: the address in the input where the next line begins. */
  begin(at: number): void {
    this.#scratchUsed = 0
    this.#kernel.put(this.#seen, 0)
    this.#kernel.assembly.beginRows(at)
  }

  /** The same if `scan` or `begin` follows before a row is added. */
  clear(): void {
    this.count = this.next
  }

  /**
   * Replaces all rows by those of complete lines in [at, end): as many as there is room for, up to a line that only `add` can handle. `goesOn`: after
   * these rows, the kernel scans and renders the lines that follow by itself.
   */
  scan(at: number, end: number, { goesOn }: { readonly goesOn: boolean }): void {
    this.#scratchUsed = 0
    this.#kernel.assembly.scanRows(at, end, Number(goesOn))
  }

  /** The end of the rows. */
  get count(): number {
    return this.#kernel.get(this.#run + layout.RUN_COUNT)
  }

  set count(rows: number) {
    this.#kernel.put(this.#run + layout.RUN_COUNT, rows)
  }

  get hasMore(): boolean {
    return this.next < this.count
  }

  /** The next row to render. */
  get next(): number {
    return this.#kernel.get(this.#run + layout.RUN_FROM)
  }

  get ready(): number {
    return this.#kernel.get(this.#run + layout.RUN_TO)
  }

  /** The end of the rows that the stages have annotated. A stage sets it to less if it had no more room. */
  set ready(index: number) {
    this.#kernel.put(this.#run + layout.RUN_TO, index)
  }

  /** All lines before this address of the input are rendered. */
  get at(): number {
    return this.#kernel.get(this.#run + layout.RUN_AT)
  }

  /** The flags of all rows since `begin`, combined. */
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

  /** Adds the row of the line [start, end), of any format. The next line begins at `next`. */
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

  /** Copies the body to scratch, as much as is delivered: decoded, it may be longer than the line. */
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

  /** Whether it is an RFC 3339 time. */
  #isTime(time: string): boolean {
    if (time.length > TIME_BYTES) return false
    const used = this.#scratchUsed
    const at = this.#reserve(TIME_BYTES)
    const end = at + this.#kernel.memory.write(time, at)
    this.#scratchUsed = used
    return this.#kernel.assembly.endOfTime(at, end) === end
  }

  /** Adds the row of a record that reports a loss, or what was left out, with the current time. */
  addReport(text: string, notes: RecordNotes, at: number): void {
    const { memory } = this.#kernel
    const body = this.keep(Buffer.from(text))
    const row = this.row(this.count)
    this.#kernel.assembly.takeMalformed(body, body + Buffer.byteLength(text), at, row)
    this.#kernel.put(row + layout.ROW_START, at)
    this.count += 1
    const ofSampled = notes.sampled === undefined ? 0 : layout.MALFORMED
    const flags = (memory.readUInt16LE(row + layout.ROW_FLAGS) & ~layout.MALFORMED) | ofSampled
    this.setFlags(this.count - 1, flags | layout.LOST | layout.NO_LINE)
    this.note(this.count - 1, notes)
  }

  /** If the kernel holds an unfinished line of the stream, adds a row that delivers it as it is. */
  addHeld(stream: StreamName, at: number): void {
    if (this.#kernel.assembly.flush(STREAM_NUMBERS[stream], this.count, at) === 0) return
    this.count += 1
    this.setFlags(this.count - 1, this.flagsOf(this.count - 1))
  }

  /** Adds rows for the lines of the stream that wait for a follower, if the kernel has any. */
  addGroup(stream: StreamName): void {
    const { assembly } = this.#kernel
    const added = assembly.flushGroup(STREAM_NUMBERS[stream], this.count)
    this.count += added
    for (let index = this.count - added; index < this.count; index += 1) this.setFlags(index, this.flagsOf(index))
  }

  /** Attaches notes to the row's record. */
  note(index: number, { idPrefix, byteCount, missingBytes = 0, lost, sampled }: RecordNotes): void {
    const kernel = this.#kernel
    const row = this.row(index)
    const record = this.#reserve(layout.RECORD_SIZE)
    kernel.put(record + layout.RECORD_PREFIX, 0)
    kernel.put(record + layout.RECORD_START, kernel.get(row + layout.ROW_START))
    kernel.memory.write(idPrefix, record + layout.RECORD_PREFIX, 'latin1')
    kernel.put(record + layout.RECORD_BYTES, byteCount)
    kernel.put(record + layout.RECORD_LINES, 0)
    kernel.put(row + layout.ROW_RECORD, record)
    if (missingBytes > 0) {
      kernel.put(row + layout.ROW_TRUE_BYTES, kernel.get(row + layout.ROW_BODY_BYTES) + missingBytes)
      this.setFlags(index, this.flagsOf(index) | layout.LONG | layout.ODD)
    }
    const note = lost ?? sampled
    if (note === undefined) return
    const escaped = JSON.stringify(note).slice(1, -1)
    kernel.put(record + layout.RECORD_NOTE, this.keep(Buffer.from(note + escaped)))
    kernel.put(record + layout.RECORD_NOTE_BYTES, Buffer.byteLength(note))
    kernel.put(record + layout.RECORD_NOTE_STRING_BYTES, Buffer.byteLength(escaped))
  }

  /** For stages: when the container wrote the record, as the runtime wrote it. */
  timeOf(index: number): Uint8Array {
    const at = this.#kernel.get(this.row(index) + layout.ROW_TIME)
    return this.#kernel.memory.subarray(at, at + (this.#kernel.memory[this.row(index) + layout.ROW_TIME_BYTES] ?? 0))
  }

  /** For stages: 0 for an unknown level, else the index of the level plus 1. */
  levelOf(index: number): number {
    return this.#kernel.memory[this.row(index) + layout.ROW_LEVEL] ?? 0
  }

  /** For stages: how many lines the record has, and its bytes in the files. */
  amountOf(index: number): { readonly lines: number; readonly bytes: number } {
    const row = this.row(index)
    const record = this.#kernel.get(row + layout.ROW_RECORD)
    if (record === 0) return { lines: 1, bytes: this.#kernel.get(row + layout.ROW_END) - this.startOf(index) }
    const lines = Math.max(1, this.#kernel.get(record + layout.RECORD_LINES))
    return { lines, bytes: this.#kernel.get(record + layout.RECORD_BYTES) }
  }

  /** For stages: the row's body, as the container wrote it. */
  bodyOf(index: number): Uint8Array {
    const start = this.#kernel.get(this.row(index) + layout.ROW_BODY)
    const end = start + this.#kernel.get(this.row(index) + layout.ROW_BODY_BYTES)
    const body = this.#kernel.memory.subarray(start, end)
    return (this.flagsOf(index) & layout.ESCAPED) === 0 ? body : Buffer.from(JSON.parse(`"${body}"`))
  }

  /** For stages: replaces the row's body by a text. Returns false, and changes nothing, if there is no room for it in this window. */
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

  /** For stages: drops the row. */
  drop(index: number): void {
    this.setFlags(index, this.flagsOf(index) | layout.DROPPED | layout.ODD)
  }

  /** Copies bytes to scratch, where they are kept until `begin`. Returns their address. */
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

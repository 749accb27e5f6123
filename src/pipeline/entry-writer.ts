import type { Kernel, Verdict } from '../kernel/kernel.ts'
import { type Line, rawBody, unescapeBody } from '../kernel/line.ts'
import type { EntryForm } from '../kernel/template.ts'
import type { Clock } from '../lib/clock.ts'
import type { BatchBuilder } from './batch-builder.ts'
import { entryRoom, writeEntry } from './entry-template.ts'
import { type JudgeOptions, judge } from './judge.ts'
import type { Lane } from './lane.ts'
import { LEVELS } from './level.ts'
import type { RecordIds, RecordSource } from './record-id.ts'

// Hot file: runs once per odd line. Guarded by test/bench.

const NEWLINE = 0x0a

/** What is known of a line besides its bytes. */
export interface LineNotes {
  /** Bytes of its body that were not kept. */
  readonly missingBytes: number
  /** A further member of the entry, with its comma. */
  readonly flag: string
  readonly source: RecordSource
  /** It stands in the place of bytes that are lost. */
  readonly isLoss?: boolean
}

/** Writes single lines as entries: those that the kernel hands over, and of others when they are judged too. */
export class EntryWriter {
  readonly #maxLineBytes: number
  readonly #kernel: Kernel
  readonly #clock: Clock
  readonly #ids: RecordIds
  #options: JudgeOptions = { json: false, minLevel: LEVELS[0] }

  /** `maxLineBytes`: of a body; a longer one is cut, and the entry says its true length. */
  constructor(
    maxLineBytes: number,
    { kernel, clock, ids }: { readonly kernel: Kernel; readonly clock: Clock; readonly ids: RecordIds },
  ) {
    this.#maxLineBytes = maxLineBytes
    this.#ids = ids
    this.#kernel = kernel
    this.#clock = clock
  }

  configure(options: JudgeOptions): void {
    this.#options = options
  }

  /** Whether each line is judged. */
  get judges(): boolean {
    return this.#options.json || this.#options.minLevel !== LEVELS[0]
  }

  /** Returns false, with nothing done, when the batch has no room. */
  write(line: Line, notes: LineNotes, lane: Lane, batch: BatchBuilder): boolean {
    // An incomplete line cannot be filtered by level: it is delivered.
    const form = this.judges && notes.flag === '' ? this.#judgeOdd(line) : 'text'
    if (form !== 'left out') return this.#emit(line, notes, form, lane, batch)
    lane.counters.filtered += 1
    return true
  }

  /** A line of no known format is delivered whole. */
  writeMalformed(line: Line, notes: LineNotes, lane: Lane, batch: BatchBuilder): boolean {
    const flag = `,"malformed":true${notes.flag}`
    if (!this.#writeAsOfNow(line, { ...notes, flag }, lane, batch)) return false
    lane.counters.malformed += 1
    return true
  }

  /** Writes the entry that reports lost bytes. */
  writeLoss(line: Line, notes: LineNotes, lane: Lane, batch: BatchBuilder): boolean {
    return this.#writeAsOfNow(line, { ...notes, isLoss: true }, lane, batch)
  }

  /** Writes a line without a time of its own, with the current time. */
  #writeAsOfNow(line: Line, notes: LineNotes, lane: Lane, batch: BatchBuilder): boolean {
    line.time = Buffer.from(new Date(this.#clock.now()).toISOString())
    line.timeStart = 0
    line.timeEnd = line.time.length
    return this.#emit(line, notes, 'text', lane, batch)
  }

  /** Decides on the line whose body stands there in the kernel's memory: text, JSON or left out. */
  readonly judge = (bodyStart: number, bodyEnd: number): Verdict =>
    judge(this.#kernel.memory, bodyStart, bodyEnd, this.#kernel, this.#options)

  #judgeOdd(line: Line): Verdict {
    const body = rawBody(line)
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
    const verdict = judge(bytes, 0, body.length, this.#kernel, this.#options)
    if (verdict !== 'json') return verdict
    // A docker record's text may have newlines between its tokens, and an entry is one line.
    if (body.includes(NEWLINE)) return 'text'
    unescapeBody(line)
    return 'json'
  }

  #emit(line: Line, notes: LineNotes, form: EntryForm, lane: Lane, batch: BatchBuilder): boolean {
    const { missingBytes, flag } = notes
    const bodyBytes = this.#mayBeCut(line, missingBytes) ? rawBody(line).length : 0
    const isCut = missingBytes > 0 || bodyBytes > this.#maxLineBytes
    if (isCut) {
      unescapeBody(line)
      line.bodyEnd =
        line.bodyStart + wholeCharacters(line.body, line.bodyStart, Math.min(bodyBytes, this.#maxLineBytes))
    }
    if (!batch.reserve(entryRoom(line.bodyEnd - line.bodyStart, lane.template))) return false
    const cut = isCut ? `,"truncated":true,"originalBytes":${bodyBytes + missingBytes}` : ''
    const { template } = lane
    const id =
      template.beforeId.length === 0
        ? undefined
        : this.#ids.of(notes.source, lane.ref, notes.isLoss ? 'lost' : line.stream)
    const entry = { line, form: isCut ? 'text' : form, flags: flag + cut, id, template } as const
    batch.used = writeEntry(entry, this.#kernel, batch.bytes, batch.used)
    batch.entryCount += 1
    lane.counters.entries += 1
    if (isCut) lane.counters.truncated += 1
    return true
  }

  /** An escaped body is at least as long as the body itself. */
  #mayBeCut({ bodyStart, bodyEnd }: Line, missingBytes: number): boolean {
    return missingBytes > 0 || bodyEnd - bodyStart > this.#maxLineBytes
  }
}

/** At most `maximumBytes`, less the bytes of a UTF-8 character that does not fit whole. */
function wholeCharacters(bytes: Uint8Array, start: number, maximumBytes: number): number {
  let length = maximumBytes
  while (length > maximumBytes - 3 && length > 0 && ((bytes[start + length] ?? 0) & 0xc0) === 0x80) length -= 1
  return length
}

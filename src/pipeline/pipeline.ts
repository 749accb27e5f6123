import { unescapeString } from '../kernel/docker-line.ts'
import { createLine, type Line } from '../kernel/line.ts'
import { parseLine } from '../kernel/parse-line.ts'
import type { Clock } from '../lib/clock.ts'
import type { Chunk, LogFile, StreamName } from '../model.ts'
import type { BatchBuilder } from './batch-builder.ts'
import { entryRoom, writeEntry } from './entry.ts'
import { HeldLine } from './held-line.ts'
import type { Lane } from './lane.ts'
import { isSettled } from './settled.ts'

// Hot file: runs once per line, and allocates nothing for a whole, well-formed one.

const NEWLINE = 0x0a
/** Bytes that a line may have besides its body: a CRI header, or a docker record's keys and attributes. */
const HEADER_BYTES = 4096
const PARTIAL = ',"partial":true'
const STREAMS: readonly StreamName[] = ['stdout', 'stderr']

/** How many bytes of a chunk are done with, and whether the batch took no more. */
export interface Encoded {
  readonly byteCount: number
  readonly isBatchFull: boolean
}

/** Bytes that can never be read; undefined when nobody knows how many, if any. */
export interface Loss {
  readonly bytes: number | undefined
  readonly reason: string
  /** The file they were in, if it was open. */
  readonly file: LogFile | undefined
  /** Nothing may be missing at all. */
  readonly isSuspected: boolean
}

/** Turns chunks of log files into entries: lines recognised, partials joined, metadata appended. */
export class Pipeline {
  /** Bytes a chunk must be able to hold: one that is as long and has no newline is taken for part of an overlong line. */
  readonly longestLineBytes: number
  readonly #maxLineBytes: number
  readonly #clock: Clock
  readonly #line: Line = createLine()

  /** `maxLineBytes`: of a body, partials joined; a longer one is cut, and the entry says its true length. */
  constructor(options: { readonly maxLineBytes: number }, clock: Clock) {
    this.#maxLineBytes = options.maxLineBytes
    this.longestLineBytes = options.maxLineBytes + HEADER_BYTES
    this.#clock = clock
  }

  /** Encodes the chunk's whole lines until the batch is full. What is not done with stays in the file and is read again. */
  encode(chunk: Chunk, lane: Lane, batch: BatchBuilder): Encoded {
    const { bytes, isFinal } = chunk
    let at = 0
    let isBatchFull = false
    if (bytes.length > 0) lane.caughtUpMs = undefined
    while (at < bytes.length || (isFinal && lane.overlong !== undefined)) {
      const newline = bytes.indexOf(NEWLINE, at)
      if (newline < 0 && !isFinal) {
        at += this.#keepOverlong(chunk, at, lane)
        break
      }
      const end = newline < 0 ? bytes.length : newline
      const isTaken =
        lane.overlong === undefined
          ? this.#takeLine(chunk, at, end, lane, batch)
          : this.#takeOverlong(chunk, at, end, lane.overlong, lane, batch)
      if (!isTaken) {
        isBatchFull = true
        break
      }
      lane.counters.lines += 1
      at = newline < 0 ? end : newline + 1
    }
    lane.counters.bytes += at
    lane.advance(chunk, at)
    lane.settle(batch.positions)
    return { byteCount: at, isBatchFull }
  }

  /**
   * Delivers, flagged, lines whose end did not come. Should it come after all, it is flagged too.
   * Returns false when the batch has no room: send it and call again.
   */
  flushHeld(lane: Lane, batch: BatchBuilder): boolean {
    const isAll = this.#emitAllHeld(lane, batch)
    // Whether or not there was room for all: what is in this batch is settled by its ack and no other's.
    lane.settle(batch.positions)
    return isAll
  }

  #emitAllHeld(lane: Lane, batch: BatchBuilder): boolean {
    if (lane.overlong !== undefined) {
      if (!batch.reserve(entryRoom(this.longestLineBytes, lane.resource))) return false
      const { body, missingBytes } = lane.overlong
      lane.overlong = undefined
      parseLine(body, 0, body.length, this.#line)
      this.#emitParsed(missingBytes, lane, batch, PARTIAL)
      lane.counters.unfinished += 1
    }
    for (const stream of STREAMS) {
      const held = lane.held[stream]
      if (held === undefined) continue
      if (!this.#emitHeld(stream, held, lane, batch, true)) return false
      lane.counters.unfinished += 1
      lane.isTorn[stream] = true
    }
    return true
  }

  /**
   * Writes an entry in the place of bytes that can never be read; what was held before them has lost its end,
   * unless the loss is only suspected.
   * Returns false when the batch has no room.
   */
  encodeLoss(loss: Loss, lane: Lane, batch: BatchBuilder): boolean {
    const body = Buffer.from(
      `loggy: ${loss.bytes ?? 'an unknown number of'} bytes of this log are lost: ${loss.reason}`,
    )
    const line: Line = { ...createLine(), body, bodyEnd: body.length }
    const flag = `,"lost":${JSON.stringify({ bytes: loss.bytes, reason: loss.reason })}`
    if (!loss.isSuspected && !this.flushHeld(lane, batch)) return false
    if (!this.#emitAsOfNow(line, 0, lane, batch, flag)) return false
    if (loss.file?.end !== undefined) lane.finish(loss.file, loss.file.end, batch.positions)
    lane.counters.losses += 1
    return true
  }

  /** Returns false, with nothing done, when the batch has no room for what the line leads to. */
  #takeLine(chunk: Chunk, start: number, end: number, lane: Lane, batch: BatchBuilder): boolean {
    parseLine(chunk.bytes, start, end, this.#line)
    if (isSettled(chunk.file, this.#line.stream, chunk.offset + start)) return this.#passOver(lane, batch)
    return this.#take(chunk, start, 0, lane, batch)
  }

  /**
   * An earlier run has delivered the parsed line. If its stream holds a beginning, that was delivered without its end then, and
   * that batch not acked; so the beginning goes out as it did, and is joined to nothing that comes after the line.
   */
  #passOver(lane: Lane, batch: BatchBuilder): boolean {
    const { stream, format, isPartial } = this.#line
    const held = lane.held[stream]
    if (format !== 'malformed') {
      if (held !== undefined) {
        if (!this.#emitHeld(stream, held, lane, batch, true)) return false
        lane.counters.unfinished += 1
      }
      lane.isTorn[stream] = isPartial
    }
    lane.counters.repeated += 1
    return true
  }

  #take(chunk: Chunk, start: number, missingBytes: number, lane: Lane, batch: BatchBuilder): boolean {
    const line = this.#line
    const isJoined = line.format !== 'malformed' && (line.isPartial || lane.held[line.stream] !== undefined)
    return isJoined ? this.#join(chunk, start, missingBytes, lane, batch) : this.#emitParsed(missingBytes, lane, batch)
  }

  #emitParsed(missingBytes: number, lane: Lane, batch: BatchBuilder, flag = ''): boolean {
    const line = this.#line
    if (line.format === 'malformed') return this.#emitMalformed(missingBytes, lane, batch, flag)
    if (!lane.isTorn[line.stream]) return this.#emit(line, missingBytes, lane, batch, flag)
    if (!this.#emit(line, missingBytes, lane, batch, PARTIAL)) return false
    lane.isTorn[line.stream] = false
    return true
  }

  /** Adds the line to the one that its stream holds, and emits that if this was its end. */
  #join(chunk: Chunk, start: number, missingBytes: number, lane: Lane, batch: BatchBuilder): boolean {
    const line = this.#line
    const { stream, isPartial, time, timeStart, timeEnd } = line
    let held = lane.held[stream]
    const bodyBytes = (held?.body.length ?? 0) + line.bodyEnd - line.bodyStart
    if (!isPartial && !batch.reserve(entryRoom(Math.min(bodyBytes, this.#maxLineBytes), lane.resource))) return false
    held ??= lane.held[stream] = new HeldLine(time.subarray(timeStart, timeEnd), this.#maxLineBytes)
    held.append(rawBody(line), chunk.file, chunk.offset + start)
    held.missingBytes += missingBytes
    if (isPartial) lane.counters.joined += 1
    return isPartial || this.#emitHeld(stream, held, lane, batch, false)
  }

  /** Takes bytes of a line that is too long to wait for its end; it may be gigabytes away. Returns how many. */
  #keepOverlong(chunk: Chunk, at: number, lane: Lane): number {
    const bytes = chunk.bytes.subarray(at)
    if (lane.overlong === undefined && bytes.length < this.longestLineBytes) return 0
    lane.overlong ??= new HeldLine(new Uint8Array(0), this.longestLineBytes)
    lane.overlong.append(bytes, chunk.file, chunk.offset + at)
    return bytes.length
  }

  #takeOverlong(
    chunk: Chunk,
    start: number,
    end: number,
    overlong: HeldLine,
    lane: Lane,
    batch: BatchBuilder,
  ): boolean {
    // Bytes can be appended only once, so room for the worst case must be there before.
    if (!batch.reserve(entryRoom(this.longestLineBytes, lane.resource))) return false
    overlong.append(chunk.bytes.subarray(start, end), chunk.file, chunk.offset + start)
    lane.overlong = undefined
    const { body, missingBytes, starts } = overlong
    parseLine(body, 0, body.length, this.#line)
    const offset = starts.get(chunk.file) ?? 0
    if (isSettled(chunk.file, this.#line.stream, offset)) return this.#passOver(lane, batch)
    return this.#take(chunk, offset - chunk.offset, missingBytes, lane, batch)
  }

  #emitHeld(stream: StreamName, held: HeldLine, lane: Lane, batch: BatchBuilder, isUnfinished: boolean): boolean {
    const { time, body } = held
    const offsets = { timeStart: 0, timeEnd: time.length, bodyStart: 0, bodyEnd: body.length }
    const line: Line = { format: 'cri', stream, isPartial: false, isEscaped: false, time, body, ...offsets }
    if (!this.#emit(line, held.missingBytes, lane, batch, isUnfinished || lane.isTorn[stream] ? PARTIAL : ''))
      return false
    lane.held[stream] = undefined
    lane.isTorn[stream] = false
    return true
  }

  /** A line of no known format is delivered whole. */
  #emitMalformed(missingBytes: number, lane: Lane, batch: BatchBuilder, flag: string): boolean {
    if (!this.#emitAsOfNow(this.#line, missingBytes, lane, batch, `,"malformed":true${flag}`)) return false
    lane.counters.malformed += 1
    return true
  }

  /** Writes an entry without a time of its own under the time at which it is written. */
  #emitAsOfNow(line: Line, missingBytes: number, lane: Lane, batch: BatchBuilder, flag: string): boolean {
    line.time = Buffer.from(new Date(this.#clock.now()).toISOString())
    line.timeStart = 0
    line.timeEnd = line.time.length
    return this.#emit(line, missingBytes, lane, batch, flag)
  }

  #emit(line: Line, missingBytes: number, lane: Lane, batch: BatchBuilder, flag = ''): boolean {
    let bodyBytes = line.bodyEnd - line.bodyStart
    const isCut = missingBytes > 0 || bodyBytes > this.#maxLineBytes
    if (isCut) {
      unescapeBody(line)
      bodyBytes = line.bodyEnd - line.bodyStart
      line.bodyEnd =
        line.bodyStart + wholeCharacters(line.body, line.bodyStart, Math.min(bodyBytes, this.#maxLineBytes))
    }
    if (!batch.reserve(entryRoom(line.bodyEnd - line.bodyStart, lane.resource))) return false
    const cut = isCut ? `,"truncated":true,"originalBytes":${bodyBytes + missingBytes}` : ''
    batch.used = writeEntry(line, flag + cut, lane.resource, batch.bytes, batch.used)
    batch.entryCount += 1
    lane.counters.entries += 1
    if (isCut) lane.counters.truncated += 1
    return true
  }
}

/** The body as the container wrote it. */
function rawBody(line: Line): Uint8Array {
  unescapeBody(line)
  return line.body.subarray(line.bodyStart, line.bodyEnd)
}

function unescapeBody(line: Line): void {
  if (!line.isEscaped) return
  line.body = unescapeString(line.body, line.bodyStart, line.bodyEnd)
  line.bodyStart = 0
  line.bodyEnd = line.body.length
  line.isEscaped = false
}

/** At most `maximumBytes`, less the bytes of a UTF-8 character that does not fit whole. */
function wholeCharacters(bytes: Uint8Array, start: number, maximumBytes: number): number {
  let length = maximumBytes
  while (length > maximumBytes - 3 && length > 0 && ((bytes[start + length] ?? 0) & 0xc0) === 0x80) length -= 1
  return length
}

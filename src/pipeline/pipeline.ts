import { Kernel, type Run, STREAM_BITS } from '../kernel/kernel.ts'
import { createLine, type Line, rawBody } from '../kernel/line.ts'
import type { Clock } from '../lib/clock.ts'
import { endOfNuls, NUL } from '../lib/end-of-nuls.ts'
import type { Chunk } from '../model/chunk.ts'
import type { LogFile } from '../model/log-file.ts'
import type { StreamName } from '../model/stream-name.ts'
import { BATCH_BYTES, BatchBuilder } from './batch-builder.ts'
import { entryRoom } from './entry-template.ts'
import { EntryWriter, type LineNotes } from './entry-writer.ts'
import { HeldLine } from './held-line.ts'
import { Hole } from './hole.ts'
import type { JudgeOptions } from './judge.ts'
import type { Lane } from './lane.ts'
import { LEVEL_MEMBERS } from './level.ts'
import { RecordIds, type RecordSource } from './record-id.ts'
import { isSettled, settledUntil } from './settled.ts'

// Hot file: guarded by test/bench. Whole, well-formed lines are the kernel's; here runs what is odd.

const NEWLINE = 0x0a
/** Bytes of the input buffer: one turn's, and room for turns to grow with a long line. */
const LEAST_INPUT_BYTES = 1 << 20
/** Bytes that a line may have besides its body: a CRI header, or a docker record's keys and attributes. */
const HEADER_BYTES = 4096
/** Of bytes that are lost with their file. */
const NO_FILE: LogFile = { path: '' }
const PARTIAL = ',"partial":true'
/** Why what NULs stand for is lost. */
const HOLE = 'NULs stand in their place, as after a power cut'
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

export interface PipelineOptions {
  /** Of a body, partials joined; a longer one is cut, and the entry says its true length. */
  readonly maxLineBytes: number
  /** How many batches there are at a time. */
  readonly batches: number
}

/** Turns chunks of log files into entries: lines recognised, partials joined, metadata appended. */
export class Pipeline {
  /** Bytes a chunk must be able to hold: one that is as long and has no newline is taken for part of an overlong line. */
  readonly longestLineBytes: number
  readonly #maxLineBytes: number
  readonly #kernel: Kernel
  readonly #writer: EntryWriter
  readonly #ids = new RecordIds()
  readonly #line: Line = createLine()
  readonly #clock: Clock
  /** When the last loss was told: no two at the same time. */
  #lossMs = 0

  constructor(options: PipelineOptions, clock: Clock) {
    this.#clock = clock
    this.#maxLineBytes = options.maxLineBytes
    this.longestLineBytes = options.maxLineBytes + HEADER_BYTES
    const inputBytes = Math.max(LEAST_INPUT_BYTES, this.longestLineBytes * 2)
    this.#kernel = new Kernel({
      inputBytes,
      outputs: { count: options.batches, bytes: BATCH_BYTES },
      members: LEVEL_MEMBERS,
    })
    this.#writer = new EntryWriter(options.maxLineBytes, { kernel: this.#kernel, clock, ids: this.#ids })
  }

  /** What is done with whole lines from now on besides enriching them. With nothing to do, they are the kernel's. */
  configure(options: JudgeOptions): void {
    this.#writer.configure(options)
  }

  /** Where chunks are to be read into, so that the kernel finds them; those from elsewhere are encoded line by line. */
  get input(): Uint8Array {
    return this.#kernel.input
  }

  /** A batch for the kernel to fill; `batches` of them. */
  newBatch(): BatchBuilder {
    return new BatchBuilder(this.#kernel.newOutput())
  }

  /** Encodes the chunk's whole lines until the batch is full. What is not done with stays in the file and is read again. */
  encode(chunk: Chunk, lane: Lane, batch: BatchBuilder): Encoded {
    const { bytes, isFinal } = chunk
    let at = 0
    let isBatchFull = false
    if (bytes.length > 0) lane.caughtUpMs = undefined
    while (at < bytes.length || (isFinal && (lane.overlong !== undefined || lane.hole !== undefined))) {
      if (lane.overlong === undefined && (bytes[at] === NUL || lane.hole !== undefined)) {
        at = this.#passOverNuls(chunk, at, lane)
        isBatchFull = (at < bytes.length || isFinal) && !this.#tellHole(lane, batch)
        if (isBatchFull || at === bytes.length) break
      }
      const run = this.#run(chunk, at, lane, batch)
      if (run !== undefined) {
        at = run.at
        isBatchFull = run.ended === 'full' && batch.used > 0
        if (isBatchFull || at === bytes.length) break
        if (bytes[at] === NUL) continue
      }
      const newline = bytes.indexOf(NEWLINE, at)
      if (newline < 0 && !isFinal) {
        at += this.#keepOverlong(chunk, at, lane)
        break
      }
      const lineEnd = newline < 0 ? bytes.length : newline
      const end = lane.overlong === undefined ? this.#endOfTorn(bytes, at, lineEnd) : lineEnd
      const isTaken =
        lane.overlong === undefined
          ? this.#takeLine(chunk, at, end, lane, batch)
          : this.#takeOverlong(chunk, at, end, lane.overlong, lane, batch)
      if (!isTaken) {
        isBatchFull = true
        break
      }
      lane.counters.lines += 1
      at = end === newline ? newline + 1 : end
    }
    lane.counters.bytes += at
    lane.advance(chunk, at)
    lane.settle(batch.positions)
    return { byteCount: at, isBatchFull }
  }

  /** Lets the kernel encode as many lines as it can from there on; undefined if that is none. */
  #run({ file, offset, bytes }: Chunk, at: number, lane: Lane, batch: BatchBuilder): Run | undefined {
    const kernel = this.#kernel
    if (lane.overlong !== undefined || offset + at < settledUntil(file)) return undefined
    if (!kernel.isOwn(bytes) || !kernel.isOwn(batch.bytes) || !kernel.setTemplate(lane.template)) return undefined
    const hasIds = lane.template.beforeId.length > 0
    kernel.setRecordIds(hasIds ? { digests: this.#ids.digests(file, lane.ref), start: offset } : undefined, bytes)
    const { judges, judge } = this.#writer
    const options = { oddStreams: oddStreams(lane), maximumBody: this.#maxLineBytes, judge }
    const run = judges
      ? kernel.runJudged(bytes, at, batch.bytes, batch.used, options)
      : kernel.run(bytes, at, batch.bytes, batch.used, options)
    batch.used = run.used
    batch.entryCount += run.entryCount
    lane.counters.lines += run.lineCount
    lane.counters[judges ? 'filtered' : 'joined'] += run.lineCount - run.entryCount
    lane.counters.entries += run.entryCount
    return run
  }

  /**
   * Delivers, flagged, lines whose end did not come. Should it come after all, it is flagged too.
   * Returns false when the batch has no room: send it and call again.
   */
  flushHeld(lane: Lane, batch: BatchBuilder): boolean {
    const isDone = this.#emitAllHeld(lane, batch)
    // Also when the batch is full: what went into it must not be settled by the next one, whose ack may come first.
    lane.settle(batch.positions)
    return isDone
  }

  #emitAllHeld(lane: Lane, batch: BatchBuilder): boolean {
    if (lane.overlong !== undefined) {
      if (!batch.reserve(entryRoom(this.longestLineBytes, lane.template))) return false
      const { body, missingBytes, source } = lane.overlong
      lane.overlong = undefined
      this.#kernel.parse(body, 0, body.length, this.#line)
      this.#emitParsed({ missingBytes, source, flag: PARTIAL }, lane, batch)
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
    if (!this.#tellHole(lane, batch)) return false
    // Of another loss of the same bytes, as far as they are known, this is another record: it is told at another time.
    const offset = Math.max(this.#clock.now(), this.#lossMs + 1)
    const source = { file: loss.file ?? NO_FILE, offset, byteCount: loss.bytes ?? 0 }
    if (!this.#writeLoss(loss, source, lane, batch)) return false
    this.#lossMs = offset
    if (loss.file?.end !== undefined) lane.finish(loss.file, loss.file.end, batch.positions)
    return true
  }

  #writeLoss(loss: Loss, source: RecordSource, lane: Lane, batch: BatchBuilder): boolean {
    const body = Buffer.from(
      `loggy: ${loss.bytes ?? 'an unknown number of'} bytes of this log are lost: ${loss.reason}`,
    )
    const line: Line = { ...createLine(), body, bodyEnd: body.length }
    const flag = `,"lost":${JSON.stringify({ bytes: loss.bytes, reason: loss.reason })}`
    if (!loss.isSuspected && !this.flushHeld(lane, batch)) return false
    if (!this.#writer.writeLoss(line, { missingBytes: 0, flag, source }, lane, batch)) return false
    lane.counters.losses += 1
    lane.counters.lostBytes += loss.bytes ?? 0
    return true
  }

  /**
   * The end of the line, or where in it NULs begin: when it is of no known format, and what stands behind them is. Then it was torn there,
   * and the other one was written behind the hole. In a line of a known format NULs are what the container wrote.
   */
  #endOfTorn(bytes: Uint8Array, start: number, end: number): number {
    const length = bytes.subarray(start, end).indexOf(NUL)
    if (length < 0 || this.#isKnown(bytes, start, end)) return end
    return this.#isKnown(bytes, endOfNuls(bytes, start + length), end) ? start + length : end
  }

  #isKnown(bytes: Uint8Array, start: number, end: number): boolean {
    this.#kernel.parse(bytes, start, end, this.#line)
    return this.#line.format !== 'malformed'
  }

  /** At the beginning of a line, which none can begin with. Returns where they end; more may follow in the next chunk. */
  #passOverNuls({ file, offset, bytes }: Chunk, at: number, lane: Lane): number {
    const end = endOfNuls(bytes, at)
    lane.hole ??= new Hole()
    lane.hole.append(end - at, file, offset + at)
    return end
  }

  /** Tells of the NULs that were passed over, unless an earlier run has. Returns false when the batch has no room. */
  #tellHole(lane: Lane, batch: BatchBuilder): boolean {
    const { hole } = lane
    if (hole === undefined) return true
    const isRepeated = [...hole.starts].some(([file, offset]) => isSettled(file, 'stdout', offset))
    const loss: Loss = { bytes: hole.bytes, reason: HOLE, file: undefined, isSuspected: false }
    if (!(isRepeated ? this.flushHeld(lane, batch) : this.#writeLoss(loss, hole.source, lane, batch))) return false
    lane.hole = undefined
    return true
  }

  /** Returns false, with nothing done, when the batch has no room for what the line leads to. */
  #takeLine(chunk: Chunk, start: number, end: number, lane: Lane, batch: BatchBuilder): boolean {
    this.#kernel.parse(chunk.bytes, start, end, this.#line)
    if (isSettled(chunk.file, this.#line.stream, chunk.offset + start)) return this.#passOver(lane, batch)
    const newlineBytes = chunk.bytes[end] === NEWLINE ? 1 : 0
    const source = { file: chunk.file, offset: chunk.offset + start, byteCount: end - start + newlineBytes }
    return this.#take({ source, missingBytes: 0, flag: '' }, lane, batch)
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

  /** The parsed line, and what is known of it besides. */
  #take(notes: LineNotes, lane: Lane, batch: BatchBuilder): boolean {
    const line = this.#line
    const isJoined = line.format !== 'malformed' && (line.isPartial || lane.held[line.stream] !== undefined)
    return isJoined ? this.#join(notes, lane, batch) : this.#emitParsed(notes, lane, batch)
  }

  #emitParsed(notes: LineNotes, lane: Lane, batch: BatchBuilder): boolean {
    const line = this.#line
    if (line.format === 'malformed') return this.#writer.writeMalformed(line, notes, lane, batch)
    if (!lane.isTorn[line.stream]) return this.#writer.write(line, notes, lane, batch)
    if (!this.#writer.write(line, { ...notes, flag: PARTIAL }, lane, batch)) return false
    lane.isTorn[line.stream] = false
    return true
  }

  /** Adds the line to the one that its stream holds, and emits that if this was its end. */
  #join({ source, missingBytes }: LineNotes, lane: Lane, batch: BatchBuilder): boolean {
    const line = this.#line
    const { stream, isPartial, time, timeStart, timeEnd } = line
    let held = lane.held[stream]
    const bodyBytes = (held?.body.length ?? 0) + line.bodyEnd - line.bodyStart
    if (!isPartial && !batch.reserve(entryRoom(Math.min(bodyBytes, this.#maxLineBytes), lane.template))) return false
    held ??= lane.held[stream] = new HeldLine(time.subarray(timeStart, timeEnd), this.#maxLineBytes + 1)
    held.append(rawBody(line), source)
    held.missingBytes += missingBytes
    if (isPartial) lane.counters.joined += 1
    return isPartial || this.#emitHeld(stream, held, lane, batch, false)
  }

  /** Takes bytes of a line that is too long to wait for its end; it may be gigabytes away. Returns how many. */
  #keepOverlong(chunk: Chunk, at: number, lane: Lane): number {
    const bytes = chunk.bytes.subarray(at)
    if (lane.overlong === undefined && bytes.length < this.longestLineBytes) return 0
    lane.overlong ??= new HeldLine(new Uint8Array(0), this.longestLineBytes)
    lane.overlong.append(bytes, { file: chunk.file, offset: chunk.offset + at, byteCount: bytes.length })
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
    if (!batch.reserve(entryRoom(this.longestLineBytes, lane.template))) return false
    const byteCount = Math.min(end + 1, chunk.bytes.length) - start
    overlong.append(chunk.bytes.subarray(start, end), { file: chunk.file, offset: chunk.offset + start, byteCount })
    lane.overlong = undefined
    const { body, missingBytes, starts, source } = overlong
    this.#kernel.parse(body, 0, body.length, this.#line)
    const offset = starts.get(chunk.file) ?? 0
    if (isSettled(chunk.file, this.#line.stream, offset)) return this.#passOver(lane, batch)
    return this.#take({ source, missingBytes, flag: '' }, lane, batch)
  }

  #emitHeld(stream: StreamName, held: HeldLine, lane: Lane, batch: BatchBuilder, isUnfinished: boolean): boolean {
    const { time, body } = held
    const offsets = { timeStart: 0, timeEnd: time.length, bodyStart: 0, bodyEnd: body.length }
    const line: Line = { format: 'cri', stream, isPartial: false, isEscaped: false, time, body, ...offsets }
    const flag = isUnfinished || lane.isTorn[stream] ? PARTIAL : ''
    const { missingBytes, source } = held
    if (!this.#writer.write(line, { missingBytes, flag, source }, lane, batch)) return false
    lane.held[stream] = undefined
    lane.isTorn[stream] = false
    return true
  }
}

/** Streams of which something is held, or flagged when it comes. */
function oddStreams({ held, isTorn }: Lane): number {
  let bits = 0
  for (const stream of STREAMS) if (held[stream] !== undefined || isTorn[stream]) bits |= STREAM_BITS[stream]
  return bits
}

import { Kernel } from '../kernel/kernel.ts'
import { Table } from '../kernel/table.ts'
import type { Clock } from '../lib/clock.ts'
import { endOfNuls, NUL } from '../lib/end-of-nuls.ts'
import type { Chunk } from '../model/chunk.ts'
import type { EntryTap } from '../model/entry-tap.ts'
import { LEVELS, type Level } from '../model/level.ts'
import type { LogFile } from '../model/log-file.ts'
import type { Redactor } from '../model/redaction.ts'
import type { StreamName } from '../model/stream-name.ts'
import { BATCH_BYTES, BatchBuilder } from './batch-builder.ts'
import { ChunkRows } from './chunk-rows.ts'
import { HeldGroups } from './held-groups.ts'
import { HeldRows } from './held-rows.ts'
import { Hole } from './hole.ts'
import type { Lane } from './lane.ts'
import { LEVEL_MEANINGS } from './level.ts'
import { RecordIds, type RecordSource } from './record-id.ts'
import { Redaction } from './redaction.ts'
import { Renderer } from './renderer.ts'
import { isSettled } from './settled.ts'
import type { Stage } from './stage.ts'

// Hot file: guarded by test/bench.

/** Minimum size of the input buffer in bytes: one turn's, and room for turns to grow with a long line. */
const LEAST_INPUT_BYTES = 1 << 20
/** Maximum bytes of a line besides its body: a CRI header, or the keys and attributes of a docker record. */
const HEADER_BYTES = 4096
/** For bytes that are lost together with their file. */
const NO_FILE: LogFile = { path: '' }
/** The reason of a loss where the file has NULs. */
const HOLE = 'NULs stand in their place, as after a power cut'

/** How many bytes of the chunk are done, and whether the batch is full. */
export interface Encoded {
  readonly byteCount: number
  readonly isBatchFull: boolean
}

/** Bytes that can never be read. `bytes` is undefined if their number is unknown. */
export interface Loss {
  readonly bytes: number | undefined
  readonly reason: string
  /** The file they were in, if it was open. */
  readonly file: LogFile | undefined
  /** Perhaps nothing is missing. */
  readonly isSuspected: boolean
}

export interface PipelineOptions {
  /** Maximum length of a body, after joining partials. A longer one is cut, and the entry has its original length. */
  readonly maxLineBytes: number
  /** Number of batches that exist at a time. */
  readonly batches: number
  /** Maximum size of a batch in bytes; BATCH_BYTES, if absent. */
  readonly batchBytes?: number
  /** Undefined if nothing is ever redacted. */
  readonly redactor?: Redactor | undefined
  readonly stages?: readonly Stage[]
  readonly tap?: EntryTap | undefined
}

/** What is done with complete records besides enriching them. */
export interface JudgeOptions {
  /** A body that is a JSON object becomes the entry's `json` instead of its `log`. */
  readonly json: boolean
  /** Whether entries have the level that their line says it has. */
  readonly level: 'auto' | 'off'
  /** Records with a lower level are left out. Records without a level are kept. */
  readonly minLevel: Level
}

/** Turns chunks of log files into entries: recognises lines, joins partials, adds metadata. */
export class Pipeline {
  /** Minimum size of a chunk's buffer in bytes. A chunk of that size without a newline is part of an overlong line. */
  readonly longestLineBytes: number
  readonly #kernel: Kernel
  readonly #table: Table
  readonly #rows: ChunkRows
  readonly #held: HeldRows
  readonly #groups: HeldGroups
  readonly #redaction: Redaction | undefined
  readonly #ids = new RecordIds()
  readonly #clock: Clock
  /** Time of the last entry that reports something missing. Each has a time of its own, and so an id of its own. */
  #lossMs = 0

  constructor(
    { maxLineBytes, batches, batchBytes = BATCH_BYTES, redactor, stages = [], tap }: PipelineOptions,
    clock: Clock,
  ) {
    this.#clock = clock
    this.longestLineBytes = maxLineBytes + HEADER_BYTES
    this.#kernel = new Kernel({
      inputBytes: Math.max(LEAST_INPUT_BYTES, this.longestLineBytes * 2),
      maximumBody: maxLineBytes,
      outputs: { count: tap === undefined ? batches : batches + 1, bytes: batchBytes },
      words: LEVEL_MEANINGS,
    })
    this.#table = new Table(this.#kernel)
    this.#held = new HeldRows(this.#kernel, this.#ids)
    this.#groups = new HeldGroups(this.#kernel, this.#ids, clock)
    this.#redaction = redactor && new Redaction(redactor, this.#kernel)
    const parts = { kernel: this.#kernel, table: this.#table, clock, redaction: this.#redaction, stages, tap }
    const { longestLineBytes } = this
    const renderer = new Renderer(parts)
    this.#rows = new ChunkRows({
      ...parts,
      held: this.#held,
      groups: this.#groups,
      ids: this.#ids,
      renderer,
      longestLineBytes,
    })
  }

  /** Takes effect with the next chunk. */
  configure({ json, level, minLevel }: JudgeOptions): void {
    this.#kernel.configure({ json, findsLevel: level === 'auto', leastRank: LEVELS.indexOf(minLevel) })
  }

  /** The buffer to read chunks into. Chunks elsewhere are copied here, up to its size. */
  get input(): Uint8Array {
    return this.#kernel.input
  }

  /** A batch for the kernel to fill. Can be called `batches` times. */
  newBatch(): BatchBuilder {
    return new BatchBuilder(this.#kernel.newOutput())
  }

  /**
   * Encodes the chunk's complete lines until the batch is full. The rest stays in the file and is read again later. Or call this again with the
   * same chunk and another batch, and nothing in between: then it continues where it stopped.
   */
  encode(chunk: Chunk, lane: Lane, batch: BatchBuilder): Encoded {
    const rows = this.#rows
    rows.open(chunk)
    if (chunk.bytes.length > 0) lane.caughtUpMs = undefined
    const { byteOffset: start } = rows.bytes
    this.#kernel.setRecordIds(this.#ids.digests(chunk.file, lane.ref).ofStreams, chunk.offset - start)
    this.#load(lane)
    const before = rows.at
    const isBatchFull = !this.#encodeRows(chunk, lane, batch)
    this.#save(lane, chunk, start)
    lane.counters.bytes += rows.at - before
    lane.advance(chunk, rows.at)
    lane.settle(batch)
    return { byteCount: rows.at, isBatchFull }
  }

  /** Records in which a rule has redacted something, by the rule's name. */
  get redacted(): ReadonlyMap<string, number> {
    return this.#redaction?.counts ?? new Map()
  }

  #load(lane: Lane): void {
    this.#redaction?.load(lane)
    this.#held.load(lane)
    this.#groups.load(lane)
  }

  #save(lane: Lane, chunk: Chunk | undefined, start: number): void {
    this.#groups.save(lane, chunk, start)
    this.#held.save(lane, chunk, start)
  }

  /** Returns false when the batch is full. */
  #encodeRows(chunk: Chunk, lane: Lane, batch: BatchBuilder): boolean {
    const rows = this.#rows
    const { bytes } = rows
    const isFinal = chunk.isFinal && bytes.length === chunk.bytes.length
    for (;;) {
      if (!rows.render(lane, batch)) return false
      const isHolding = lane.overlong !== undefined || lane.hole !== undefined
      if (rows.at === bytes.length && !(isFinal && isHolding)) return true
      if (lane.overlong === undefined && (bytes[rows.at] === NUL || lane.hole !== undefined)) {
        this.#passOverNuls(chunk, lane)
        if (rows.at === bytes.length && !isFinal) return true
        if (!this.#tellHole(lane, batch, chunk)) {
          rows.begin(chunk) // what is left of it is told anew
          return false
        }
      } else if (!rows.scan(chunk, lane) && !rows.addLine(chunk, isFinal, lane)) return true
    }
  }

  /** NULs where a line should begin. More of them may follow in the next chunk. */
  #passOverNuls({ file, offset }: Chunk, lane: Lane): void {
    const { bytes, at } = this.#rows
    const end = endOfNuls(bytes, at)
    lane.hole ??= new Hole()
    lane.hole.append(end - at, file, offset + at)
    this.#rows.at = end
  }

  /** Writes a loss entry for the NULs that were skipped, unless an earlier run has. Returns false if the batch has no room. */
  #tellHole(lane: Lane, batch: BatchBuilder, chunk: Chunk | undefined): boolean {
    const { hole } = lane
    if (hole === undefined) return true
    const isRepeated = [...hole.starts].some(([file, offset]) => isSettled(file, 'unknown', offset))
    const loss: Loss = { bytes: hole.bytes, reason: HOLE, file: undefined, isSuspected: false }
    const isTold = isRepeated
      ? this.#flush(lane, batch, chunk)
      : this.#writeLoss(loss, { ...hole.source, lane, batch, chunk })
    if (isTold) lane.hole = undefined
    return isTold
  }

  /**
   * Delivers lines whose end did not come, flagged as partial. If the end comes later, it is flagged too.
   * Returns false if the batch has no room: send it and call again.
   */
  flushHeld(lane: Lane, batch: BatchBuilder): boolean {
    return this.#withoutChunk(lane, batch, () => this.#flush(lane, batch, undefined))
  }

  /**
   * Writes an entry in place of bytes that can never be read. A held line before them has lost its end, unless the loss is only suspected.
   * Returns false if the batch has no room.
   */
  encodeLoss(loss: Loss, lane: Lane, batch: BatchBuilder): boolean {
    return this.#withoutChunk(lane, batch, () => {
      if (!this.#tellHole(lane, batch, undefined)) return false
      const offset = this.#reportTime()
      const source = { file: loss.file ?? NO_FILE, offset, byteCount: loss.bytes ?? 0 }
      if (!this.#writeLoss(loss, { ...source, lane, batch, chunk: undefined })) return false
      this.#lossMs = offset
      if (loss.file?.end !== undefined) lane.finish(loss.file, loss.file.end, batch.positions)
      return true
    })
  }

  /** Writes an entry that tells of the lines that were left out, if any were. `rule`: why. Returns false if the batch has no room. */
  tellLeftOut(lane: Lane, batch: BatchBuilder, rule: string): boolean {
    const { leftOut } = lane
    if (leftOut === undefined) return true
    return this.#withoutChunk(lane, batch, () => {
      const { lines, bytes } = leftOut
      const offset = this.#reportTime()
      const text = `loggy: ${lines} lines of this log, ${bytes} bytes, were left out: it was over ${rule}`
      const sampled = JSON.stringify({ lines, bytes, limit: rule })
      const source = { file: NO_FILE, offset, byteCount: bytes }
      this.#table.addReport(text, this.#rows.notes(source, 'lost', lane, { sampled }), this.#table.at)
      if (!this.#rows.render(lane, batch)) return false
      this.#lossMs = offset
      lane.counters.summaries += 1
      lane.leftOut = undefined
      batch.told.push(leftOut)
      return true
    })
  }

  /** Two of these entries may look the same (same file, same number of bytes). The time makes them different records. */
  #reportTime(): number {
    return Math.max(this.#clock.now(), this.#lossMs + 1)
  }

  #withoutChunk(lane: Lane, batch: BatchBuilder, write: () => boolean): boolean {
    this.#rows.begin(undefined)
    this.#load(lane)
    const isDone = write()
    this.#save(lane, undefined, 0)
    // Also if the batch is full: the next batch must not settle what is in this one, since its ack may come first.
    lane.settle(batch)
    return isDone
  }

  /** Delivers the lines of these streams that wait for a follower. Returns false if the batch has no room: send it and call again. */
  flushGroups(streams: readonly StreamName[], lane: Lane, batch: BatchBuilder): boolean {
    return this.#withoutChunk(lane, batch, () => this.#flushGroups(streams, { lane, batch, chunk: undefined }))
  }

  #flushGroups(streams: readonly StreamName[], { lane, batch, chunk }: LossPlace): boolean {
    this.#rows.begin(chunk)
    for (const stream of streams) this.#table.addGroup(stream)
    return this.#rows.render(lane, batch)
  }

  #flush(lane: Lane, batch: BatchBuilder, chunk: Chunk | undefined): boolean {
    const rows = this.#rows
    if (!this.#flushGroups(lane.heldHere, { lane, batch, chunk })) return false
    if (lane.overlong !== undefined) {
      rows.addUnfinished(lane.overlong, lane)
      if (!rows.render(lane, batch)) return false
    }
    rows.begin(chunk)
    for (const stream of lane.heldHere) this.#table.addHeld(stream, this.#table.at)
    return rows.render(lane, batch)
  }

  #writeLoss(loss: Loss, { lane, batch, chunk, ...source }: RecordSource & LossPlace): boolean {
    const { bytes, reason, isSuspected } = loss
    if (!isSuspected && !this.#flush(lane, batch, chunk)) return false
    this.#rows.begin(chunk)
    const text = `loggy: ${bytes ?? 'an unknown number of'} bytes of this log are lost: ${reason}`
    const notes = this.#rows.notes(source, 'lost', lane, { lost: JSON.stringify({ bytes, reason }) })
    this.#table.addReport(text, notes, this.#table.at)
    if (!this.#rows.render(lane, batch)) return false
    lane.counters.losses += 1
    lane.counters.lostBytes += bytes ?? 0
    return true
  }
}

/** Where what comes from no line is written. */
interface LossPlace {
  readonly lane: Lane
  readonly batch: BatchBuilder
  /** The chunk in which the loss was found, if any. */
  readonly chunk: Chunk | undefined
}

import type { Bucket } from '../lib/bucket.ts'
import type { Clock } from '../lib/clock.ts'
import type { Chunk } from '../model/chunk.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LeftLog } from '../model/left-log.ts'
import type { LineCounters } from '../model/line-counters.ts'
import type { MultilineChoice } from '../model/multiline.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { Program } from '../model/program.ts'
import type { RedactChoice } from '../model/redaction.ts'
import type { Resource } from '../model/resource.ts'
import type { CompileOptions } from '../model/sink.ts'
import { STREAM_NAMES } from '../model/stream-name.ts'
import type { BatchBuilder } from './batch-builder.ts'
import { Lane, type LaneOwner } from './lane.ts'
import { LineTotals } from './line-totals.ts'
import type { Encoded, Loss, Pipeline } from './pipeline.ts'
import type { ResourceOf, Surroundings } from './resource.ts'
import { Sampler } from './sampler.ts'
import { WaitingLanes } from './waiting-lanes.ts'

/**
 * Milliseconds after the end of the file was reached, after which a partial is delivered without its end.
 * A container's last output may never get a newline.
 */
const UNFINISHED_MS = 60_000
/** Milliseconds at the end of the file after which no line follows those that wait for one. Programs write traces at once, within a few. */
const SILENCE_MS = 1000
/** Bytes of lines that wait for followers, in all lanes. Beyond, those that wait longest go out. */
const WAITING_BYTES = 16 * 1024 * 1024
/** Milliseconds after which a record tells of lines that were left out. A crash may repeat what was sent in that time. */
const LEFT_OUT_MS = 10_000
/** Milliseconds between two checks for such partials, and for lines that were left out. */
const OVERDUE_CHECK_MS = 1000
/** Until a lane's pod is looked up. */
const NOTHING: Program = { ops: [], head: new Uint8Array(0) }

/** A lane, and from what its program was made. */
interface Known {
  readonly lane: Lane
  known?: KnownPod
  options?: LanesOptions
  /** When it was made: see `reconsider`. */
  version?: number
}

/** What is known about a container's pod. The objects stay the same until something in them changes. */
export interface KnownPod {
  readonly pod: PodRecord | undefined
  readonly around: Surroundings
}

/** What is added to the container's output. */
export interface LanesOptions {
  readonly resourceOf: ResourceOf
  readonly hasIds: boolean
  /** Which lines of a container are joined to one record. */
  multilineOf(ref: ContainerRef, pod: PodRecord | undefined): MultilineChoice
  /** What is redacted in a container's lines. */
  redactOf(ref: ContainerRef, pod: PodRecord | undefined): RedactChoice
}

/** Makes what writes a container's entries; see Format. */
type Compile = (resource: Resource, options: CompileOptions) => Program

export interface LanesParts {
  readonly pipeline: Pipeline
  /** `own`: for the tap. The same function if both get the same entries. */
  readonly compile: Compile
  readonly compileOwn: Compile
  readonly clock: Clock
  lookUp(ref: ContainerRef): KnownPod
  /** The budget of a container whose excess is left out, and why; undefined for none. */
  readonly samples: { bucketOf(ref: ContainerRef): Bucket | undefined; ruleOf(ref: ContainerRef): string }
  /** The partition for the entries of a pod. */
  partitionOf(pod: PodRecord | undefined): string
}

/** The lanes of all container logs. Each is created with its first chunk, kept up to date, and emptied when its log ends. */
export class Lanes {
  readonly #parts: LanesParts
  #options: LanesOptions
  #version = 0
  readonly #lanes = new Map<LaneOwner, Known>()
  /** Lanes of logs that have ended: their held lines are delivered as they are. */
  readonly #ended = new Set<Lane>()
  #overdueCheckedMs = Number.NEGATIVE_INFINITY
  readonly #totals = new LineTotals()
  /** Number of entries that have only what the path says instead of metadata. */
  pathOnlyEntries = 0
  /** Number of entries with metadata that an earlier run of the agent stored. */
  cachedEntries = 0
  readonly #waiting = new WaitingLanes()
  /** Those with partials, and with lines left out of which no record tells yet. */
  readonly #unfinished = new Set<Lane>()
  readonly #losses: { readonly lane: Lane; readonly loss: Loss }[] = []

  constructor(options: LanesOptions, parts: LanesParts) {
    this.#options = options
    this.#parts = parts
  }

  configure(options: LanesOptions): void {
    this.#options = options
    this.reconsider()
  }

  /** Pods or their surroundings have changed: each lane looks up its own again, at its next turn. */
  reconsider(): void {
    this.#version += 1
  }

  /** All lanes whose logs have not ended. */
  *[Symbol.iterator](): Generator<[LaneOwner, Lane]> {
    for (const [owner, { lane }] of this.#lanes) yield [owner, lane]
  }

  /** Totals of all lanes, also of those that are gone. */
  totals(): LineCounters {
    const lanes = [...this.#lanes.values()].map(({ lane }) => lane)
    return this.#totals.sum([...this.#ended, ...lanes])
  }

  /** `lane`: as `of` gives it, which must be asked again after each wait. */
  encode(lane: Lane, chunk: Chunk, batch: BatchBuilder): Encoded {
    if (this.#losses.length > 0 && !this.#tellLosses(lane, batch)) return { byteCount: 0, isBatchFull: true }
    const before = lane.counters.entries
    const encoded = this.#parts.pipeline.encode(chunk, lane, batch)
    this.#count(lane, batch, before)
    this.#waiting.note(lane)
    return encoded
  }

  /** In how many milliseconds lines of the log have waited long enough for a follower; undefined if none wait. */
  groupsDueInMs(owner: LaneOwner): number | undefined {
    const { stdout, stderr } = this.#lanes.get(owner)?.lane.groups ?? {}
    if (stdout === undefined && stderr === undefined) return undefined // usual
    const changedMs = Math.min(stdout?.changedMs ?? Infinity, stderr?.changedMs ?? Infinity)
    return Math.max(0, changedMs + SILENCE_MS - this.#parts.clock.monotonic())
  }

  /** Writes the lines that have waited long enough; call at the end of the log. Returns false if the batch is full. */
  endGroups(owner: LaneOwner, batch: BatchBuilder): boolean {
    const lane = this.of(owner)
    const dueMs = this.#parts.clock.monotonic() - SILENCE_MS
    return this.#flushGroups(lane, batch, (changedMs) => changedMs <= dueMs)
  }

  #flushGroups(lane: Lane, batch: BatchBuilder, isDue: (changedMs: number) => boolean): boolean {
    const streams = STREAM_NAMES.filter((stream) => isDue(lane.groups[stream]?.changedMs ?? Infinity))
    const isDone = this.#counted(lane, batch, () => this.#parts.pipeline.flushGroups(streams, lane, batch))
    this.#waiting.note(lane)
    return isDone
  }

  /** Lines that wait for followers take too much memory: writes those that wait longest. `batchOf`: as for `flush`. Returns false if a batch is full. */
  easeGroups(batchOf: (partition: string) => BatchBuilder | undefined): boolean {
    for (const lane of this.#waiting.beyond(WAITING_BYTES)) {
      const batch = batchOf(this.of(lane.owner).partition)
      if (batch !== undefined && !this.#flushGroups(lane, batch, (changedMs) => changedMs < Infinity)) return false
    }
    return true
  }

  /** The end of the log was reached, for now. */
  caughtUp(owner: LaneOwner): void {
    const lane = this.#lanes.get(owner)?.lane
    if (lane !== undefined) lane.caughtUpMs ??= this.#parts.clock.monotonic()
  }

  /** Bytes of the log are lost: writes an entry in their place at the next `flush`, or before what is read behind them. */
  lose(owner: LaneOwner, loss: Loss): void {
    this.#losses.push({ lane: this.of(owner), loss })
  }

  /** It ends lines that wait for more, so it must come before more of them. Returns false if the batch is full. */
  #tellLosses(lane: Lane, batch: BatchBuilder): boolean {
    for (const one of this.#losses.filter((loss) => loss.lane === lane)) {
      if (!this.#counted(lane, batch, () => this.#parts.pipeline.encodeLoss(one.loss, lane, batch))) return false
      this.#losses.splice(this.#losses.indexOf(one), 1)
    }
    return true
  }

  /** The log has ended, or is no longer collected. */
  end(owner: LaneOwner): void {
    const known = this.#lanes.get(owner)
    if (known === undefined) return
    this.of(owner) // what is known of the pod by now is for the last lines too, which waited
    this.#lanes.delete(owner)
    this.#ended.add(known.lane)
    this.#waiting.forget(known.lane)
  }

  /** Another log continues with its files and reads held lines again. Those of a stream in a file that it cannot read are delivered as they are. */
  leave(owner: LaneOwner, left: LeftLog): void {
    const lane = this.#lanes.get(owner)?.lane
    if (lane === undefined) {
      left.left(() => true)
      return
    }
    const canRead = left.canRead.bind(left)
    const isHeldThere = lane.heldFiles().every(canRead)
    if (!isHeldThere) lane.leaveHeld(canRead)
    left.left(() => (isHeldThere || lane.heldFiles().length === 0) && lane.isDelivered)
    if (!isHeldThere) this.end(owner)
    else if (this.#lanes.delete(owner)) {
      this.#waiting.forget(lane)
      this.#totals.leave(lane)
    }
  }

  /** Whether `flush` has something to write now, and a batch for it. */
  hasPending(hasRoomFor: (partition: string) => boolean): boolean {
    if (this.#losses.length === 0 && this.#ended.size === 0) return false
    return [...this.#losses.map(({ lane }) => lane), ...this.#ended].some(({ partition }) => hasRoomFor(partition))
  }

  /**
   * Writes entries that do not come from a chunk: losses, and partials whose end will not come. `batchOf` returns the current batch of a
   * partition, if there is one. Returns false if a batch is full.
   */
  flush(batchOf: (partition: string) => BatchBuilder | undefined): boolean {
    const nowMs = this.#parts.clock.monotonic()
    const isCheckDue = nowMs - this.#overdueCheckedMs >= OVERDUE_CHECK_MS
    if (!isCheckDue && this.#losses.length === 0 && this.#ended.size === 0) return true // usual
    /** Lanes that have something to write later. Nothing that comes after it may be written now. */
    const full = new Set<Lane>()
    let isFull = false
    const write = (lane: Lane, into: (batch: BatchBuilder) => boolean): boolean => {
      const batch = full.has(lane) ? undefined : batchOf(lane.partition)
      const isWritten = batch !== undefined && this.#counted(lane, batch, () => into(batch))
      this.#waiting.note(lane)
      if (!isWritten) full.add(lane)
      if (batch !== undefined && !isWritten) isFull = true
      return isWritten
    }
    const { pipeline } = this.#parts
    const losses = this.#losses.splice(0)
    this.#losses.push(
      ...losses.filter(({ lane, loss }) => !write(lane, (batch) => pipeline.encodeLoss(loss, lane, batch))),
    )
    for (const lane of this.#ended) {
      if (!write(lane, (batch) => pipeline.flushHeld(lane, batch) && this.#tell(lane, batch))) continue
      this.#ended.delete(lane)
      this.#totals.leave(lane)
    }
    if (isCheckDue)
      this.#flushOverdue(nowMs, {
        held: (lane) => write(lane, (batch) => pipeline.flushHeld(lane, batch)),
        leftOut: (lane) => write(lane, (batch) => this.#tell(lane, batch)),
      })
    return !isFull
  }

  /** Tells of all lines that were left out, as far as there is room; call when nothing more is read. */
  tellLeftOut(batchOf: (partition: string) => BatchBuilder | undefined): void {
    const lanes = Array.from(this.#lanes.keys(), (owner) => this.of(owner))
    for (const lane of [...this.#ended, ...lanes]) {
      const batch = lane.leftOut === undefined ? undefined : batchOf(lane.partition)
      if (batch !== undefined) this.#counted(lane, batch, () => this.#tell(lane, batch))
    }
  }

  #tell(lane: Lane, batch: BatchBuilder): boolean {
    return this.#parts.pipeline.tellLeftOut(lane, batch, this.#parts.samples.ruleOf(lane.ref))
  }

  /** Call when the check is due, not at each flush: there may be hundreds of batches per second. */
  #flushOverdue(nowMs: number, flush: { held(lane: Lane): boolean; leftOut(lane: Lane): boolean }): void {
    const overdueMs = nowMs - UNFINISHED_MS
    let isDone = true
    for (const lane of this.#unfinished) {
      if (!lane.isUnfinished || this.#lanes.get(lane.owner)?.lane !== lane) {
        this.#unfinished.delete(lane)
        continue
      }
      const isUntold = lane.leftOut !== undefined && nowMs - lane.leftOut.sinceMs >= LEFT_OUT_MS
      if (isUntold) isDone = flush.leftOut(this.of(lane.owner)) && isDone
      if (!lane.isHolding || lane.caughtUpMs === undefined || lane.caughtUpMs > overdueMs) continue
      isDone = flush.held(this.of(lane.owner)) && isDone
    }
    if (isDone) this.#overdueCheckedMs = nowMs
  }

  #counted<T>(lane: Lane, batch: BatchBuilder, write: () => T): T {
    const before = lane.counters.entries
    const result = write()
    this.#count(lane, batch, before)
    return result
  }

  /** Tells the batch how many entries came from the lane, so that their ack is counted there. `before`: how many the lane had before. */
  #count(lane: Lane, batch: BatchBuilder, before: number): void {
    const entries = lane.counters.entries - before
    if (lane.isPathOnly) this.pathOnlyEntries += entries
    if (lane.isCached) this.cachedEntries += entries
    batch.count(lane, entries)
    if (lane.isUnfinished) this.#unfinished.add(lane)
  }

  #begin(owner: LaneOwner): Known {
    const entry = { lane: new Lane(owner, NOTHING) }
    this.#lanes.set(owner, entry)
    return entry
  }

  /** The lane, with what is known of its pod now. */
  of(owner: LaneOwner): Lane {
    const entry = this.#lanes.get(owner) ?? this.#begin(owner)
    if (entry.version !== this.#version) this.#update(entry)
    // At each turn: a budget that nobody asks for counts as idle and loses its share of its namespace's.
    const bucket = this.#parts.samples.bucketOf(owner.ref)
    if (entry.lane.sampler?.bucket !== bucket) entry.lane.sampler = bucket && new Sampler(bucket)
    return entry.lane
  }

  /** Compiles the lane's program again if the pod, its surroundings or the options have changed. */
  #update(entry: Known): void {
    entry.version = this.#version
    const { lane } = entry
    const { ref } = lane
    const found = this.#parts.lookUp(ref)
    // Of a pod that was forgotten the lane keeps what it had.
    const known = found.pod === undefined && entry.known?.pod !== undefined ? entry.known : found
    const isSame = entry.known?.pod === known.pod && entry.known?.around === known.around
    if (isSame && entry.options === this.#options) return
    const { compile, compileOwn } = this.#parts
    const resource = this.#options.resourceOf(ref, known.pod, known.around)
    const partition = this.#parts.partitionOf(known.pod)
    const options = { hasIds: this.#options.hasIds, partition }
    const program = compile(resource, options)
    lane.setProgram(program, compile === compileOwn ? program : () => compileOwn(resource, options))
    lane.isPathOnly = known.pod === undefined
    lane.isCached = resource.kubernetes.metadata === 'cached'
    lane.partition = partition
    const { multiline, rule } = this.#options.multilineOf(ref, known.pod)
    const redact = this.#options.redactOf(ref, known.pod)
    Object.assign(lane, { multiline, multilineRule: rule, redacts: redact.presets, redactRule: redact.rule })
    Object.assign(entry, { known, options: this.#options })
  }
}

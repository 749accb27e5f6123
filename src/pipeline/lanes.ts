import type { Clock } from '../lib/clock.ts'
import type { Chunk } from '../model/chunk.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LeftLog } from '../model/left-log.ts'
import type { LineCounters } from '../model/line-counters.ts'
import type { PodRecord } from '../model/pod-record.ts'
import type { Program } from '../model/program.ts'
import type { Resource } from '../model/resource.ts'
import type { CompileOptions } from '../model/sink.ts'
import type { BatchBuilder } from './batch-builder.ts'
import { Lane } from './lane.ts'
import { LineTotals } from './line-totals.ts'
import type { Encoded, Loss, Pipeline } from './pipeline.ts'
import type { ResourceOf, Surroundings } from './resource.ts'

/**
 * Milliseconds after the end of the file was met at which a partial is delivered without its end.
 * A container's last words without a newline never get one.
 */
const UNFINISHED_MS = 60_000
/** Milliseconds between two looks for such partials. */
const OVERDUE_CHECK_MS = 1000
/** Until a lane's pod is looked up. */
const NOTHING: Program = { ops: [], head: new Uint8Array(0) }

/** What a lane belongs to: one container's log, by object identity. */
export interface LaneOwner {
  readonly ref: ContainerRef
}

/** What the metadata side knows about a container. The same objects until anything in them changes. */
export interface KnownPod {
  readonly pod: PodRecord | undefined
  readonly around: Surroundings
}

/** What is on the entries besides what the container wrote. */
export interface LanesOptions {
  readonly resourceOf: ResourceOf
  readonly hasIds: boolean
}

/** Makes what writes a container's entries; see Format. */
type Compile = (resource: Resource, options: CompileOptions) => Program

export interface LanesParts {
  readonly pipeline: Pipeline
  /** For the destination, and for whoever looks: the same function where both get the same. */
  readonly compile: Compile
  readonly compileOwn: Compile
  readonly clock: Clock
  lookUp(ref: ContainerRef): KnownPod
  /** To which partition of the destination the entries of a pod go. */
  partitionOf(pod: PodRecord | undefined): string
}

/** The lanes of all container logs: each is made at its first chunk, kept up to date, and emptied when its log has ended. */
export class Lanes {
  readonly #parts: LanesParts
  #options: LanesOptions
  readonly #lanes = new Map<LaneOwner, { readonly lane: Lane; known?: KnownPod; options?: LanesOptions }>()
  /** Lanes of logs that have ended: what they hold is delivered as it is. */
  readonly #ended = new Set<Lane>()
  #overdueCheckedMs = Number.NEGATIVE_INFINITY
  readonly #totals = new LineTotals()
  /** Entries with what the path says in place of metadata. */
  pathOnlyEntries = 0
  readonly #losses: { readonly lane: Lane; readonly loss: Loss }[] = []

  constructor(options: LanesOptions, parts: LanesParts) {
    this.#options = options
    this.#parts = parts
  }

  configure(options: LanesOptions): void {
    this.#options = options
  }

  /** All lanes whose logs have not ended. */
  *[Symbol.iterator](): Generator<[LaneOwner, Lane]> {
    for (const [owner, { lane }] of this.#lanes) yield [owner, lane]
  }

  /** Of all lanes there were. */
  totals(): LineCounters {
    const lanes = [...this.#lanes.values()].map(({ lane }) => lane)
    return this.#totals.sum([...this.#ended, ...lanes])
  }

  encode(owner: LaneOwner, chunk: Chunk, batch: BatchBuilder): Encoded {
    const lane = this.of(owner)
    return this.#counted(lane, batch, () => this.#parts.pipeline.encode(chunk, lane, batch))
  }

  /** The log has been read to its end, for now. */
  caughtUp(owner: LaneOwner): void {
    const lane = this.#lanes.get(owner)?.lane
    if (lane !== undefined) lane.caughtUpMs ??= this.#parts.clock.monotonic()
  }

  /** An entry is to stand where bytes of the log are lost. */
  lose(owner: LaneOwner, loss: Loss): void {
    this.#losses.push({ lane: this.of(owner), loss })
  }

  /** The log has ended, or is not collected any more. */
  end(owner: LaneOwner): void {
    const known = this.#lanes.get(owner)
    if (known === undefined) return
    this.#lanes.delete(owner)
    this.#ended.add(known.lane)
  }

  /** Another log goes on with its files, and reads again what is held; where it cannot, that is delivered as it is. */
  leave(owner: LaneOwner, left: LeftLog): void {
    const lane = this.#lanes.get(owner)?.lane
    if (lane === undefined) {
      left.left(() => true)
      return
    }
    const isHeldThere = lane.heldFiles().every((file) => left.canRead(file))
    left.left(() => (isHeldThere || lane.heldFiles().length === 0) && lane.isDelivered)
    if (!isHeldThere) this.end(owner)
    else if (this.#lanes.delete(owner)) this.#totals.leave(lane)
  }

  /** Whether `flush` has something to write that does not have to wait, and a batch for it. */
  hasPending(hasRoomFor: (partition: string) => boolean): boolean {
    if (this.#losses.length === 0 && this.#ended.size === 0) return false
    return [...this.#losses.map(({ lane }) => lane), ...this.#ended].some(({ partition }) => hasRoomFor(partition))
  }

  /**
   * Writes what does not come from a chunk: losses, and partials whose end will not come. `batchOf`: the batch to write to, if there is one
   * for that partition now. Returns false when a batch is full.
   */
  flush(batchOf: (partition: string) => BatchBuilder | undefined): boolean {
    /** Of lanes that have one written later, nothing that comes after it may be written now. */
    const full = new Set<Lane>()
    let isFull = false
    const write = (lane: Lane, into: (batch: BatchBuilder) => boolean): boolean => {
      const batch = full.has(lane) ? undefined : batchOf(lane.partition)
      const isWritten = batch !== undefined && this.#counted(lane, batch, () => into(batch))
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
      if (!write(lane, (batch) => pipeline.flushHeld(lane, batch))) continue
      this.#ended.delete(lane)
      this.#totals.leave(lane)
    }
    this.#flushOverdue((lane) => write(lane, (batch) => pipeline.flushHeld(lane, batch)))
    return !isFull
  }

  /** There may be hundreds of lanes and hundreds of batches a second. */
  #flushOverdue(flush: (lane: Lane) => boolean): void {
    const nowMs = this.#parts.clock.monotonic()
    if (nowMs - this.#overdueCheckedMs < OVERDUE_CHECK_MS) return
    const overdueMs = nowMs - UNFINISHED_MS
    let isDone = true
    for (const { lane } of this.#lanes.values()) {
      if (!lane.isHolding || lane.caughtUpMs === undefined || lane.caughtUpMs > overdueMs) continue
      isDone = flush(lane) && isDone
    }
    if (isDone) this.#overdueCheckedMs = nowMs
  }

  /** Tells the batch how many of its entries are the lane's, so that an ack can be counted where they came from. */
  #counted<T>(lane: Lane, batch: BatchBuilder, write: () => T): T {
    const before = lane.counters.entries
    const result = write()
    const entries = lane.counters.entries - before
    if (lane.isPathOnly) this.pathOnlyEntries += entries
    batch.count(lane, entries)
    return result
  }

  /** The lane, its resource rendered anew when the pod, what is around it, or the options have changed. */
  of(owner: LaneOwner): Lane {
    const known = this.#parts.lookUp(owner.ref)
    const entry = this.#lanes.get(owner) ?? { lane: new Lane(owner.ref, NOTHING) }
    this.#lanes.set(owner, entry)
    const isSame = entry.known?.pod === known.pod && entry.known?.around === known.around
    if (!isSame || entry.options !== this.#options) {
      const { compile, compileOwn } = this.#parts
      const resource = this.#options.resourceOf(owner.ref, known.pod, known.around)
      const partition = this.#parts.partitionOf(known.pod)
      const options = { hasIds: this.#options.hasIds, partition }
      entry.lane.program = compile(resource, options)
      entry.lane.own = compile === compileOwn ? entry.lane.program : compileOwn(resource, options)
      entry.lane.isPathOnly = known.pod === undefined
      entry.lane.partition = partition
      Object.assign(entry, { known, options: this.#options })
    }
    return entry.lane
  }
}

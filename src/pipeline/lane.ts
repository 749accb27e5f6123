import type { Settling } from '../model/checkpoint.ts'
import type { Chunk } from '../model/chunk.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LogFile } from '../model/log-file.ts'
import type { Multiline } from '../model/multiline.ts'
import type { Program } from '../model/program.ts'
import { STREAM_NAMES, type StreamName } from '../model/stream-name.ts'
import type { HeldGroup } from './held-group.ts'
import type { HeldLine } from './held-line.ts'
import type { Hole } from './hole.ts'
import type { LeftOut } from './left-out.ts'
import { noLines } from './line-counters.ts'
import type { Sampler } from './sampler.ts'

/** How far a file has been read, and how far the batches so far settle it. */
type Reading = Record<StreamName | 'end', number>

/** What a batch settles. `untold`: lines of that file were left out, of which another batch tells. */
interface Settles {
  readonly positions: Map<LogFile, Settling>
  readonly untold: Map<LogFile, LeftOut>
}

/** The container's log that a lane belongs to, by object identity. */
export interface LaneOwner {
  readonly ref: ContainerRef
}

/** What the pipeline remembers of one container's log between two chunks. */
export class Lane {
  readonly owner: LaneOwner
  /** Renders its records for the destination. Replaced when the pod changes. */
  program: Program
  #own: Program | (() => Program)
  /** See Batch. */
  partition = ''
  /** Which lines are joined to one record. */
  multiline: Multiline = 'off'
  /** The option or annotation that says so. */
  multilineRule = ''
  /** What is redacted in its lines: one bit for each preset. */
  redacts = 0
  /** The options and annotations that say so. */
  redactRule = ''
  /** The pod is not known: its entries have only what the path says. */
  isPathOnly = false
  /** Some of the metadata are from the disk. */
  isCached = false
  /** Lines whose last partial has not come yet. While a chunk is encoded, the kernel has them. */
  readonly held: Record<StreamName, HeldLine | undefined> = { stdout: undefined, stderr: undefined }
  /** Lines that may have a follower, such as the first ones of a stack trace. While a chunk is encoded, the kernel has them. */
  readonly groups: Record<StreamName, HeldGroup | undefined> = { stdout: undefined, stderr: undefined }
  /** Streams whose held lines are delivered here. Those of the others another log reads again, and no position passes them. */
  heldHere: readonly StreamName[] = STREAM_NAMES
  /** Streams whose last line was delivered without its end. If the end comes, it is flagged too. */
  readonly isTorn: Record<StreamName, boolean> = { stdout: false, stderr: false }
  /** When the end of the log was reached, in monotonic milliseconds; undefined while there is more to read. */
  caughtUpMs: number | undefined
  /** The beginning of a line that is longer than a chunk: its raw bytes with header, up to the limit. */
  overlong: HeldLine | undefined
  /** NULs before the next line that are not reported yet. */
  hole: Hole | undefined
  /** Leaves out what is over its budget. */
  sampler: Sampler | undefined
  /** What was left out, until a record tells of it. */
  leftOut: LeftOut | undefined
  /** line-counters.ts says how they balance. */
  readonly counters = noLines()
  #current: LogFile | undefined
  /** The current file, and older ones in which a held line begins. */
  readonly #readings = new Map<LogFile, Reading>()

  constructor(owner: LaneOwner, program: Program, own: Program | (() => Program) = program) {
    this.owner = owner
    this.program = program
    this.#own = own
  }

  get ref(): ContainerRef {
    return this.owner.ref
  }

  /** The same as `program` for the tap. */
  get own(): Program {
    if (typeof this.#own === 'function') this.#own = this.#own()
    return this.#own
  }

  /** `own`: a function is called when somebody looks, which is seldom. */
  setProgram(program: Program, own: Program | (() => Program)): void {
    this.program = program
    this.#own = own
  }

  /** Notes that so many bytes of the chunk are done. */
  advance({ file, offset }: Chunk, byteCount: number): void {
    this.#current = file
    const end = offset + byteCount
    const known = this.#readings.get(file)
    if (known === undefined) this.#readings.set(file, { end, stdout: offset, stderr: offset })
    else known.end = end
  }

  /**
   * Notes what the batch settles in each file: from the end of earlier batches to where the lane is now. Can be
   * called several times per batch. Forgets a file that is read to its end, if no held line begins in it.
   */
  settle({ positions, untold }: Settles): void {
    for (const [file, reading] of this.#readings) {
      const { end } = reading
      const before = positions.get(file)
      const stdout = { from: before?.stdout.from ?? reading.stdout, to: this.#position('stdout', file, end) }
      const stderr = { from: before?.stderr.from ?? reading.stderr, to: this.#position('stderr', file, end) }
      positions.set(file, { stdout, stderr })
      if (this.leftOut !== undefined) untold.set(file, this.leftOut)
      reading.stdout = stdout.to
      reading.stderr = stderr.to
      if (file !== this.#current && stdout.to === end && stderr.to === end) this.#readings.delete(file)
    }
  }

  /** The files in which a held line begins that is to be delivered here. */
  heldFiles(): LogFile[] {
    const others = [this.overlong, this.hole].flatMap((one) => (one === undefined ? [] : [...one.starts.keys()]))
    return [...this.heldHere.flatMap((stream) => this.#heldIn(stream)), ...others]
  }

  #heldIn(stream: StreamName): LogFile[] {
    return [...(this.held[stream]?.starts.keys() ?? []), ...(this.groups[stream]?.files() ?? [])]
  }

  /** Leaves held lines to another log, stream by stream, if it can read all files of that stream's. A line of no known stream ends all others. */
  leaveHeld(canRead: (file: LogFile) => boolean): void {
    if (this.overlong !== undefined || this.hole !== undefined) return
    this.heldHere = this.heldHere.filter((stream) => !this.#heldIn(stream).every(canRead))
  }

  /** The file is over. The ack marks it as done even if the batch settles no bytes of it. */
  finish(file: LogFile, end: number, positions: Map<LogFile, Settling>): void {
    const nothing = { from: end, to: end }
    if (!positions.has(file)) positions.set(file, { stdout: nothing, stderr: nothing })
  }

  #position(stream: StreamName, file: LogFile, end: number): number {
    const heldAt = this.held[stream]?.starts.get(file) ?? end
    const groupAt = this.groups[stream]?.startIn(file) ?? end
    return Math.min(heldAt, groupAt, this.overlong?.starts.get(file) ?? end, this.hole?.starts.get(file) ?? end)
  }

  /** Whether all of its entries are acked. */
  get isDelivered(): boolean {
    return this.counters.entries <= this.counters.delivered + this.counters.deadLettered
  }

  /** Bytes of lines that wait for a follower. */
  get groupBytes(): number {
    return (this.groups.stdout?.bytes ?? 0) + (this.groups.stderr?.bytes ?? 0)
  }

  /** Whether a partial waits for its end. */
  get isHolding(): boolean {
    return this.held.stdout !== undefined || this.held.stderr !== undefined
  }

  /** Whether something is to be written after a while, even if nothing more is read. */
  get isUnfinished(): boolean {
    return this.leftOut !== undefined || this.isHolding
  }
}

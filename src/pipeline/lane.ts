import type { Settling } from '../model/checkpoint.ts'
import type { Chunk } from '../model/chunk.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LogFile } from '../model/log-file.ts'
import type { Program } from '../model/program.ts'
import type { StreamName } from '../model/stream-name.ts'
import type { HeldLine } from './held-line.ts'
import type { Hole } from './hole.ts'
import { noLines } from './line-counters.ts'

/** How far a file has been read, and how far it is settled by the batches so far. */
interface Reading {
  end: number
  settled: Readonly<Record<StreamName, number>>
}

/** What the pipeline remembers of one container's log between two chunks. */
export class Lane {
  readonly ref: ContainerRef
  /** What makes entries of its records for the destination, and Loggy's own form for whoever looks; replaced when the pod changes. */
  program: Program
  own: Program
  /** Of the destination; see Batch. */
  partition = ''
  /** What stands around its lines is what its path says: its pod is not known. */
  isPathOnly = false
  /** Lines whose last partial is still to come: what the kernel holds, between two chunks. */
  readonly held: Record<StreamName, HeldLine | undefined> = { stdout: undefined, stderr: undefined }
  /** Streams of which a part of a line went out without the rest: that is flagged too when it comes. */
  readonly isTorn: Record<StreamName, boolean> = { stdout: false, stderr: false }
  /** Since when the log has been read to its end, in monotonic milliseconds; undefined while there is more. */
  caughtUpMs: number | undefined
  /** A line so long that its newline was not in the chunk: its raw bytes, header included, up to the limit. */
  overlong: HeldLine | undefined
  /** NULs before the line that comes next, not told yet. */
  hole: Hole | undefined
  /** How they balance tells line-counters.ts. */
  readonly counters = noLines()
  #current: LogFile | undefined
  /** The current file, and older ones that a held line began in. */
  readonly #readings = new Map<LogFile, Reading>()

  constructor(ref: ContainerRef, program: Program, own = program) {
    this.ref = ref
    this.program = program
    this.own = own
  }

  /** Records that so many bytes of the chunk are done with. */
  advance({ file, offset }: Chunk, byteCount: number): void {
    this.#current = file
    const { settled } = this.#readings.get(file) ?? { settled: { stdout: offset, stderr: offset } }
    this.#readings.set(file, { end: offset + byteCount, settled })
  }

  /**
   * Writes down what the batch settles of each file: from where the batches before it left off to where the lane stands. May be
   * called several times for one batch. A file that is read to its end and held back by nothing is forgotten.
   */
  settle(positions: Map<LogFile, Settling>): void {
    for (const [file, reading] of this.#readings) {
      const { end, settled } = reading
      const before = positions.get(file)
      const stdout = { from: before?.stdout.from ?? settled.stdout, to: this.#position('stdout', file, end) }
      const stderr = { from: before?.stderr.from ?? settled.stderr, to: this.#position('stderr', file, end) }
      positions.set(file, { stdout, stderr })
      reading.settled = { stdout: stdout.to, stderr: stderr.to }
      if (file !== this.#current && stdout.to === end && stderr.to === end) this.#readings.delete(file)
    }
  }

  /** Those in which something begins that waits for its end. */
  heldFiles(): LogFile[] {
    const held = [this.held.stdout, this.held.stderr, this.overlong, this.hole]
    return held.flatMap((one) => (one === undefined ? [] : [...one.starts.keys()]))
  }

  /** Nothing more of the file will be read. The ack marks it as done even if the batch has no range of it. */
  finish(file: LogFile, end: number, positions: Map<LogFile, Settling>): void {
    const nothing = { from: end, to: end }
    if (!positions.has(file)) positions.set(file, { stdout: nothing, stderr: nothing })
  }

  #position(stream: StreamName, file: LogFile, end: number): number {
    const heldAt = this.held[stream]?.starts.get(file) ?? end
    return Math.min(heldAt, this.overlong?.starts.get(file) ?? end, this.hole?.starts.get(file) ?? end)
  }

  /** All entries that were made of it are. */
  get isDelivered(): boolean {
    return this.counters.entries <= this.counters.delivered + this.counters.deadLettered
  }

  /** A partial waits for its end. */
  get isHolding(): boolean {
    return this.held.stdout !== undefined || this.held.stderr !== undefined
  }
}

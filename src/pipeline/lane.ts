import type { Template } from '../kernel/template.ts'
import type { LogFile, Positions, StreamName } from '../model.ts'
import { entryTemplate } from './entry.ts'
import type { HeldLine } from './held-line.ts'

/** What the pipeline remembers of one container's log between two chunks. */
export class Lane {
  /** What stands around its lines; replaced when the pod changes. */
  template: Template
  /** Lines whose last partial is still to come. */
  readonly held: Record<StreamName, HeldLine | undefined> = { stdout: undefined, stderr: undefined }
  /** Streams of which a part of a line went out without the rest: that is flagged too when it comes. */
  readonly isTorn: Record<StreamName, boolean> = { stdout: false, stderr: false }
  /** Since when the log has been read to its end, in monotonic milliseconds; undefined while there is more. */
  caughtUpMs: number | undefined
  /** A line so long that its newline was not in the chunk: its raw bytes, header included, up to the limit. */
  overlong: HeldLine | undefined
  /**
   * They balance: `lines` = `repeated` (delivered by an earlier run) + `joined` (partials, those that are held included)
   * + `entries` - `unfinished` - `losses` (entries that no line ended); `entries` = `delivered` + `deadLettered` + those in flight.
   */
  readonly counters = {
    bytes: 0,
    lines: 0,
    repeated: 0,
    joined: 0,
    entries: 0,
    unfinished: 0,
    losses: 0,
    delivered: 0,
    deadLettered: 0,
    malformed: 0,
    truncated: 0,
  }
  #current: LogFile | undefined
  /** How far each file has been read: the current one, and older ones that a held line began in. */
  readonly #ends = new Map<LogFile, number>()

  /** `resource`: rendered metadata that ends each entry (see resource.ts). */
  constructor(resource: Uint8Array) {
    this.template = entryTemplate(resource)
  }

  /** Records that `file` has been read up to `end`. */
  advance(file: LogFile, end: number): void {
    this.#current = file
    this.#ends.set(file, end)
  }

  /** Writes down where each file stands; one that is read to its end and held back by nothing is forgotten. */
  settle(positions: Map<LogFile, Positions>): void {
    for (const [file, end] of this.#ends) {
      const stdout = this.#position('stdout', file, end)
      const stderr = this.#position('stderr', file, end)
      positions.set(file, { stdout, stderr })
      if (file !== this.#current && stdout === end && stderr === end) this.#ends.delete(file)
    }
  }

  #position(stream: StreamName, file: LogFile, end: number): number {
    return Math.min(this.held[stream]?.starts.get(file) ?? end, this.overlong?.starts.get(file) ?? end)
  }

  /** A partial waits for its end. */
  get isHolding(): boolean {
    return this.held.stdout !== undefined || this.held.stderr !== undefined
  }
}

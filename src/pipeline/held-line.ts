import type { LogFile } from '../model/log-file.ts'
import type { RecordSource } from './record-id.ts'

/** A line whose end has not been read yet, or its partials joined so far. Kept in memory up to a limit. */
export class HeldLine {
  /** The time of the first partial, as the runtime wrote it; empty if the parts include the line's own header. */
  readonly time: Uint8Array
  /** Its offset in each file that has a part of it. Positions do not pass these. */
  readonly starts = new Map<LogFile, number>()
  /** Length of all parts together in bytes, also of what was not kept. */
  trueBytes = 0
  /** Bytes of all parts in their files, with headers and newlines. */
  sourceBytes = 0
  readonly #maximumBytes: number
  #kept: Uint8Array = new Uint8Array(0)
  #keptBytes = 0

  /** `maximumBytes` to keep: one more than is delivered, to see whether a character would be cut. */
  constructor(time: Uint8Array, maximumBytes: number) {
    this.time = new Uint8Array(time) // slice() would not copy a Buffer
    this.#maximumBytes = maximumBytes
  }

  get body(): Uint8Array {
    return this.#kept.subarray(0, this.#keptBytes)
  }

  /** Bytes that were not kept. */
  get missingBytes(): number {
    return this.trueBytes - this.#keptBytes
  }

  /** Its place in the files, from its first part on. There must be one. */
  get source(): RecordSource {
    const [[file, offset] = [{ path: '' }, 0]] = this.starts
    return { file, offset, byteCount: this.sourceBytes }
  }

  /** A part of it is in this file. The first one begins at `offset`. */
  begins(file: LogFile, offset: number): void {
    if (!this.starts.has(file)) this.starts.set(file, offset)
  }

  append(part: Uint8Array): void {
    const kept = part.subarray(0, this.#maximumBytes - this.#keptBytes)
    this.trueBytes += part.length
    const needed = this.#keptBytes + kept.length
    if (needed > this.#kept.length) {
      // Twice as much: most held lines have two or three parts. Not filled with zeros, which took a fifth of the time.
      const larger = Buffer.allocUnsafeSlow(Math.min(needed * 2, this.#maximumBytes))
      larger.set(this.body)
      this.#kept = larger
    }
    this.#kept.set(kept, this.#keptBytes)
    this.#keptBytes = needed
  }
}

import type { LogFile } from '../model/log-file.ts'
import type { RecordSource } from './record-id.ts'

/** A line whose end has not been read yet, or the parts of one, joined: in memory up to a limit. */
export class HeldLine {
  /** Of the first part, as the runtime wrote it; empty when the line's own beginning is among the parts. */
  readonly time: Uint8Array
  /** Where its first byte stands in each file that has a part of it: positions must not pass that. */
  readonly starts = new Map<LogFile, number>()
  /** Length of all parts together. */
  trueBytes = 0
  /** Bytes of all parts in their files. */
  sourceBytes = 0
  readonly #maximumBytes: number
  #kept: Uint8Array = new Uint8Array(0)
  #keptBytes = 0

  /** `maximumBytes`: what is kept of it; one more than is delivered, so that it is known whether a character is cut. */
  constructor(time: Uint8Array, maximumBytes: number) {
    this.time = new Uint8Array(time) // slice() would not copy a Buffer
    this.#maximumBytes = maximumBytes
  }

  get body(): Uint8Array {
    return this.#kept.subarray(0, this.#keptBytes)
  }

  /** Length of the parts that were not kept. */
  get missingBytes(): number {
    return this.trueBytes - this.#keptBytes
  }

  /** Where it stands: from its first part on. There must be one. */
  get source(): RecordSource {
    const [[file, offset] = [{ path: '' }, 0]] = this.starts
    return { file, offset, byteCount: this.sourceBytes }
  }

  /** There is a part of it in the file, which begins there if it is the first one. */
  begins(file: LogFile, offset: number): void {
    if (!this.starts.has(file)) this.starts.set(file, offset)
  }

  append(part: Uint8Array): void {
    const kept = part.subarray(0, this.#maximumBytes - this.#keptBytes)
    this.trueBytes += part.length
    const needed = this.#keptBytes + kept.length
    if (needed > this.#kept.length) {
      // Room for as much again: most held lines are two or three parts. Not zeroed, which took a fifth of all time.
      const larger = Buffer.allocUnsafeSlow(Math.min(needed * 2, this.#maximumBytes))
      larger.set(this.body)
      this.#kept = larger
    }
    this.#kept.set(kept, this.#keptBytes)
    this.#keptBytes = needed
  }
}

import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** Bytes that gzip has not yet written when the kubelet renames the file: its writer is flushed last, when it is closed. */
const HELD_BYTES = 4096

/** The kubelet's compression of one rotated file, in the order in which a reader of the folder sees the steps. */
export class Compression {
  readonly source: string
  readonly target: string
  readonly #temporary: string
  #descriptor: number | undefined
  #held: Uint8Array = new Uint8Array(0)

  constructor(source: string) {
    this.source = source
    this.target = `${source}.gz`
    this.#temporary = `${source}.tmp`
  }

  writeTemporary(): void {
    const bytes = gzipSync(readFileSync(this.source))
    const flushed = Math.max(0, bytes.length - HELD_BYTES)
    this.#held = bytes.subarray(flushed)
    this.#descriptor = openSync(this.#temporary, 'w', 0o644)
    writeSync(this.#descriptor, bytes, 0, flushed)
  }

  /** The `.gz` gets its final name, but is not complete yet. */
  publish(): void {
    renameSync(this.#temporary, this.target)
  }

  removeSource(): void {
    rmSync(this.source)
  }

  finish(): void {
    if (this.#descriptor === undefined) return
    writeSync(this.#descriptor, this.#held)
    closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}

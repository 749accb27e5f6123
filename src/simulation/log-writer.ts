import { closeSync, openSync, writeSync } from 'node:fs'
import type { StreamName } from '../model/stream-name.ts'
import { type ContainerRuntime, logRecords } from './log-record.ts'

/** A log file that the container runtime has open: it keeps writing to the inode, whatever happens to the name. */
export class LogWriter {
  readonly #descriptor: number
  readonly #runtime: ContainerRuntime
  readonly #now: () => bigint
  #isOpen = true

  /** Creates the file, or appends to an existing one; `now` is in nanoseconds since 1970. */
  constructor(path: string, options: { runtime: ContainerRuntime; now: () => bigint }) {
    // Mode as in containerd and conmon: agents need root or CAP_DAC_READ_SEARCH.
    this.#descriptor = openSync(path, 'a', 0o640)
    this.#runtime = options.runtime
    this.#now = options.now
  }

  /** Writes one line, given without its newline, as one record or as several partial ones. */
  write(stream: StreamName, line: string | Uint8Array): void {
    for (const record of this.#records(stream, line)) this.append(record)
  }

  /** Writes many lines at once, as a runtime does that is behind. */
  writeAll(stream: StreamName, lines: readonly string[]): void {
    this.append(Buffer.concat(lines.flatMap((line) => this.#records(stream, line))))
  }

  /** Writes text without a newline: only partial records. The next output of the stream continues the line. */
  writeUnfinished(stream: StreamName, words: string | Uint8Array): void {
    for (const record of this.#records(stream, words, { isWhole: false })) this.append(record)
  }

  /** Writes two lines at the same time: a record of stdout, one of stderr, and so on. */
  writeInterleaved(stdout: string | Uint8Array, stderr: string | Uint8Array): void {
    const out = this.#records('stdout', stdout)
    const err = this.#records('stderr', stderr)
    for (let index = 0; index < Math.max(out.length, err.length); index++) {
      for (const record of [out[index], err[index]]) if (record) this.append(record)
    }
  }

  /** Writes any bytes, such as half a record, or what no runtime would write. */
  append(bytes: Uint8Array): void {
    let written = 0
    while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written)
  }

  /** May be called again. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#descriptor)
  }

  #records(stream: StreamName, words: string | Uint8Array, { isWhole = true } = {}): Buffer[] {
    const content = typeof words === 'string' ? Buffer.from(words) : words
    return logRecords(this.#runtime, { stream, content, isWhole, now: this.#now })
  }
}

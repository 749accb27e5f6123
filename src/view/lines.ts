const newline = 0x0a

/**
 * Bytes. Far more than any entry: by default the agent cuts lines at 1 MiB, escapes can make them six times as long, and the
 * annotations of a pod add at most 256 KiB.
 */
const defaultMaxLineBytes = 64 * 1024 * 1024

/** Splits chunks of bytes into lines; a line may span any number of chunks. */
export class LineSplitter {
  readonly #maxLineBytes: number
  #buffered: Uint8Array[] = []
  #bufferedBytes = 0
  #isSkipping = false
  #skippedCount = 0

  constructor(options: { maxLineBytes?: number } = {}) {
    this.#maxLineBytes = options.maxLineBytes ?? defaultMaxLineBytes
  }

  /** Lines that were too long to buffer and were dropped. */
  get skippedCount(): number {
    return this.#skippedCount
  }

  /** The lines that end in this chunk, without their newlines. They share the chunk's memory. */
  push(chunk: Uint8Array): Buffer[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lines: Buffer[] = []
    let start = 0
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      this.#finish(bytes.subarray(start, end), lines)
      start = end + 1
    }
    this.#hold(bytes.subarray(start))
    return lines
  }

  /** The last line, if the input ended without a newline. */
  end(): Buffer[] {
    const lines: Buffer[] = []
    if (this.#bufferedBytes > 0 || this.#isSkipping) this.#finish(Buffer.alloc(0), lines)
    return lines
  }

  #finish(rest: Buffer, lines: Buffer[]): void {
    if (!this.#isSkipping) {
      lines.push(this.#bufferedBytes === 0 ? rest : Buffer.concat([...this.#buffered, rest]))
    }
    this.#release()
    this.#isSkipping = false
  }

  #hold(rest: Buffer): void {
    if (rest.length === 0 || this.#isSkipping) return
    this.#buffered.push(rest)
    this.#bufferedBytes += rest.length
    if (this.#bufferedBytes <= this.#maxLineBytes) return
    this.#release()
    this.#isSkipping = true
    this.#skippedCount += 1
  }

  #release(): void {
    this.#buffered = []
    this.#bufferedBytes = 0
  }
}

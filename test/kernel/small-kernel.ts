import { Kernel } from '../../src/kernel/kernel.ts'
import * as layout from '../../src/kernel/layout.ts'
import { Table } from '../../src/kernel/table.ts'

const NAMES = ['stdout', 'stderr', 'unknown'] as const

/** A kernel by itself, and what it finds in lines. */
export class SmallKernel {
  readonly #kernel = new Kernel({
    inputBytes: 65_536,
    maximumBody: 65_536,
    outputs: { count: 0, bytes: 0 },
    words: new Map(),
  })
  readonly #table = new Table(this.#kernel)

  /** What it finds in the line, as it would stand in a file: with other bytes around it. */
  parse(line: string | Uint8Array) {
    const { input, memory } = this.#kernel
    const before = Buffer.from('noise\n')
    const bytes = Buffer.from(line)
    input.set(Buffer.concat([before, bytes, Buffer.from('\nnext 2026')]))
    const start = input.byteOffset + before.length
    this.#table.begin(start)
    this.#table.add(start, start + bytes.length, start + bytes.length + 1)
    const flags = this.#table.flagsOf(layout.ROW_FIRST)
    const word = (at: number) => this.#kernel.get(this.#table.row(layout.ROW_FIRST) + at)
    const timeBytes = memory.readUInt8(this.#table.row(layout.ROW_FIRST) + layout.ROW_TIME_BYTES)
    const isMalformed = (flags & layout.MALFORMED) !== 0
    const [bodyStart, bodyBytes] = [word(layout.ROW_BODY), word(layout.ROW_BODY_BYTES)]
    return {
      isMalformed,
      stream: NAMES[flags & layout.STREAM],
      isPartial: (flags & layout.CONTINUES) !== 0,
      isEscaped: (flags & layout.ESCAPED) !== 0,
      time: isMalformed ? '' : memory.toString('latin1', word(layout.ROW_TIME), word(layout.ROW_TIME) + timeBytes),
      body: Buffer.from(memory.subarray(bodyStart, bodyStart + bodyBytes)),
    }
  }
}

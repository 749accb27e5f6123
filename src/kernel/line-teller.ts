import { LINE_SHAPES, type LineShape } from '../model/line-shape.ts'
import { STREAM_NAMES, type StreamName } from '../model/stream-name.ts'
import { Kernel, type KernelOptions } from './kernel.ts'
import * as layout from './layout.ts'
import { Table } from './table.ts'

/** The state of assembly/grammar.ts behind a log line that is a warning or worse, or names an exception. */
const LEAD = 1

/** What the kernel says of one line of a log file. */
export interface ToldLine {
  /** Undefined if the line has no known format. */
  readonly stream: StreamName | undefined
  /** It goes on in the next line of its stream. */
  readonly isPart: boolean
  readonly shape: LineShape
  /** See ExplainedLine. */
  readonly begins: 'by-shape' | 'as-lead' | undefined
  readonly body: Uint8Array
}

/** Asks the kernel about single lines, by the functions that join them. It has a kernel of its own. */
export class LineTeller {
  readonly #kernel: Kernel
  readonly #table: Table

  /** `longestBytes`: of a line. `joinsLines`: see layout.ts. `words`: see KernelOptions. */
  constructor(
    longestBytes: number,
    { joinsLines, words }: Pick<KernelOptions, 'words'> & { readonly joinsLines: number },
  ) {
    const outputs = { count: 0, bytes: 0 }
    this.#kernel = new Kernel({ inputBytes: longestBytes, maximumBody: longestBytes, outputs, words })
    this.#kernel.joinsLines = joinsLines
    this.#table = new Table(this.#kernel)
  }

  /** `line`: as in the file, without its newline. */
  tell(line: Uint8Array): ToldLine {
    const { input, assembly } = this.#kernel
    const start = input.byteOffset
    input.set(line)
    this.#table.begin(start)
    this.#table.add(start, start + line.length, start + line.length)
    const row = this.#table.row(layout.ROW_FIRST)
    const flags = this.#table.flagsOf(layout.ROW_FIRST)
    const told = assembly.tellLine(row)
    const state = told >> 8
    return {
      stream: STREAM_NAMES[flags & layout.STREAM],
      isPart: (flags & layout.CONTINUES) !== 0,
      shape: LINE_SHAPES[told & 0xff] ?? 'other',
      begins: state === 0 ? undefined : state === LEAD ? 'as-lead' : 'by-shape',
      body: this.#table.bodyOf(layout.ROW_FIRST),
    }
  }
}

import type { Entry } from '../entry/entry.ts'
import { readLine } from '../entry/line.ts'
import type { EntryFilter } from './filter.ts'
import { LineSplitter } from './lines.ts'
import type { Output } from './output.ts'
import { terminalText } from './terminal-text.ts'

export interface ShowOptions {
  readonly filter: EntryFilter | undefined
  /** Formats an entry for people; undefined: the bytes of its line are passed on unchanged. */
  readonly format: ((entry: Entry) => string) | undefined
  /** Also shows the agent's own log lines. */
  readonly showAgent: boolean
}

/** Lines that were not shown, other than those that the filter excludes. */
export interface LeftOut {
  /** Not entries, and not shown because the output is for programs or there is a filter. */
  readonly foreignCount: number
  /** Too long to buffer. */
  readonly overlongCount: number
}

/**
 * Shows the entries in chunks of NDJSON, with one write per chunk, until the chunks end or the output is closed.
 * Waits for each write before it reads the next chunk.
 */
export async function show(chunks: AsyncIterable<Uint8Array>, output: Output, options: ShowOptions): Promise<LeftOut> {
  const splitter = new LineSplitter()
  const lines = new ShownLines(options)
  for await (const chunk of chunks) {
    if (!(await output.write(lines.render(splitter.push(chunk))))) break
  }
  await output.write(lines.render(splitter.end()))
  return { foreignCount: lines.foreignCount, overlongCount: splitter.skippedCount }
}

const newline = Buffer.from('\n')

class ShownLines {
  readonly #options: ShowOptions
  #foreignCount = 0

  constructor(options: ShowOptions) {
    this.#options = options
  }

  get foreignCount(): number {
    return this.#foreignCount
  }

  /** The output for these lines; each shown line ends with a newline. */
  render(lines: readonly Buffer[]): Buffer {
    const shown: Buffer[] = []
    for (const line of lines) {
      const bytes = this.#renderLine(line)
      if (bytes !== undefined) shown.push(bytes, newline)
    }
    return Buffer.concat(shown)
  }

  #renderLine(line: Buffer): Buffer | undefined {
    const { filter, format, showAgent } = this.#options
    const text = line.toString()
    const parsed = readLine(text)
    switch (parsed.kind) {
      case 'entry':
        if (filter !== undefined && !filter(parsed.entry)) return undefined
        return format === undefined ? line : Buffer.from(format(parsed.entry))
      case 'agent':
        if (!showAgent) return undefined
        return format === undefined ? line : Buffer.from(terminalText(text))
      case 'blank':
        return undefined
      case 'foreign':
        if (format !== undefined && filter === undefined) return Buffer.from(terminalText(text))
        this.#foreignCount += 1
        return undefined
    }
  }
}

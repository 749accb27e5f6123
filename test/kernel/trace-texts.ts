import { Random } from '../../src/simulation/random.ts'
import { readTraces } from '../traces/traces.ts'

const TRACES = readTraces().map(({ records }) => records.flat())
const PIECES = [
  '\t',
  ' ',
  '    at ',
  ':1',
  ' {',
  '}',
  ')',
  '#0 ',
  '+',
  '|',
  '^',
  '~',
  '"',
  ': ',
  '...',
  '--- ',
  'Error',
  '$A',
  '',
]

/** Lines of stack traces and the like in their order, now and then another one, a broken one, or one again. */
export class TraceTexts {
  readonly #random: Random
  #lines: readonly string[] = []
  #at = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  next(): string {
    const kind = this.#random.below(60)
    if (kind === 0 || this.#at >= this.#lines.length) {
      this.#lines = this.#random.pick(TRACES)
      this.#at = this.#random.below(this.#lines.length)
    }
    const line = this.#lines[this.#at] ?? ''
    if (kind !== 1) this.#at += 1
    if (kind === 2) this.#at += 1
    return kind > 6 ? line : this.#broken(line)
  }

  #broken(line: string): string {
    const at = this.#random.below(Math.min(line.length, 30) + 1)
    const put = this.#random.pick(PIECES)
    return this.#random.below(4) === 0 ? put : line.slice(0, at) + put + line.slice(at + this.#random.below(3))
  }
}

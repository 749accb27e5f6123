import { Random } from '../../src/simulation/random.ts'
import { levelLines } from './level-lines.ts'
import { levelTraps } from './level-traps.ts'

const LINES = [...levelLines, ...levelTraps].map(([, , line]) => line)
const TIMES =
  '2026-11-22T07:00:00.123Z|2026-11-22 07:00:00,123|07:00:00.12|7:00AM|26/11/22 07:00:00|Nov 22 07:00:00|I1122 07:00:00.1|1.6e+09|12|0|1:M 22 Nov 2026 07:00:00.123'
const WORDS =
  'trace DEBUG info Info INFO warn WARNING error Error ERROR severe SEVERE fatal critical panic PANIC fine FINE finest config CONFIG verbose notice NOTICE crit alert emerg LOG log note Note System fail dbug trce INF ERR DBG WRN vrb DEBU PANI I D D2 E W PHP Fatal GET the app app[12]: nginx: root my.app user@db pid=1 main.go:12: tracer INFORMATION errors'
const NUL = '\u0000'
const MARKS =
  '[|]|(|)|<|>|{|}|: |:|, | - | | |  |\t|-|/|"|=|+2 |-4|==> |! | \\| |\\|\u001b[31m|\u001b[0m|\u001b|[12]|[0000]|é|_|.|\u00a0|[main] |(x) |{} |<0.1> |level=|severity="|lvl=|msg="a b" |x=1 |a="\\"" |short'
const JSON_PIECES =
  '{"level":"info",|{"t":{"$date":"x"},"s":"I",|"level":|"severity":|"@l":|"lvl":|"s":|"short_message":"x",|"msg":"a",|"info"|"Verbose"|"error"|"warn"|30|"50"|3|800|30.5|-1|null|{}|[1,{"level":"debug"}]|,|,|}|{|"level":"log"| |"D1"|"fail"|"\\u0061"|"le\\u0076el":'

const split = (text: string) => text.split(/(?<!\\)\|/).map((piece) => piece.replace('\\|', '|'))
const times = split(TIMES)
const words = WORDS.split(' ')
const marks = [...split(MARKS), NUL]
const jsonPieces = split(JSON_PIECES)

/** Texts that look as if they told a level, and as if not: pieces of lines, put together anyhow. */
export class LevelTexts {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  next(): string {
    const kind = this.#random.below(10)
    if (kind === 0) return this.#random.pick(LINES)
    if (kind < 4) return this.#broken()
    if (kind < 6) return `{${this.#pieces([jsonPieces], 1 + this.#random.below(8)).replace(/^\{/, '')}`
    return this.#pieces([times, words, marks, marks], 1 + this.#random.below(10))
  }

  /** A real line with a few of its characters replaced, doubled or left out. */
  #broken(): string {
    let line = this.#random.pick(LINES)
    for (let count = 1 + this.#random.below(3); count > 0; count -= 1) {
      const at = this.#random.below(line.length + 1)
      const put = this.#random.below(3) === 0 ? '' : this.#random.pick(this.#random.pick([words, marks, times]))
      line = line.slice(0, at) + put + line.slice(at + this.#random.below(3))
    }
    return line
  }

  #pieces(from: readonly (readonly string[])[], count: number): string {
    return Array.from({ length: count }, () => this.#random.pick(this.#random.pick(from))).join('')
  }
}

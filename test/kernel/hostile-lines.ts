import { Random } from '../../src/simulation/random.ts'
import { LevelTexts } from './level-texts.ts'
import { TraceTexts } from './trace-texts.ts'

/** Bytes that matter to somebody: to JSON, to UTF-8, to the formats, to blocks of 16. */
const SPECIAL = [
  0x00, 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x1b, 0x1f, 0x20, 0x22, 0x2f, 0x5c, 0x6e, 0x75, 0x7f, 0x80, 0xbf, 0xc0, 0xc1,
  0xc2,
]
const LEADS = [0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff, 0xa0, 0x9f, 0x90, 0x8f]
const BYTES = [...SPECIAL, ...LEADS]
const TEXTS = [
  'é',
  '€',
  '😀',
  '日本語テキスト',
  'plain words and more of them ',
  '{"level":"info","msg":"x"}',
  '\\"',
  '\ufeff',
  '\u2028',
]
const TIMES = [
  '2026-11-22T07:00:00.123456789Z',
  '2026-11-22T07:00:00.1234567Z',
  '2026-11-22T07:00:00Z',
  '2026-11-22T07:00:00.5+05:30',
  '2026-11-22T07:00:00.123456789-08:00',
  '2026-11-22T07:00:00.1234567890Z',
  '2026-11-22T07:00:00.Z',
  '2026-11-22 07:00:00Z',
]
/** Content of JSON strings that stands for other bytes than its own, and that nobody would write. */
const ESCAPES = [
  '\\/',
  '\\u0000',
  '\\u001B',
  '\\u0022',
  '\\u005C',
  '\\ud83d',
  '\\uDE00',
  '\\ud83d\\uD83D',
  '\\\\u',
  '\\b\\f',
]
/** The last ones where a header was torn, and the next line written behind. */
const TAGS = ['F', 'F', 'F', 'F', 'P', 'P', 'P:x', 'F:y', 'Full', 'Px', '', 'P2026-11-22T07:00:00Z stderr F', 'F2026']

/** Lines of a container's log as no runtime would write them, and as it would: of both formats, broken in all ways. */
export class HostileLines {
  readonly #random: Random
  /** Shares of each: in every third log docker writes nearly all, or hardly any of its split lines would be whole. */
  readonly #criShare: number
  readonly #levelTexts: LevelTexts
  /** By stream, as long traces are whole in one only. */
  readonly #traces: Readonly<Record<string, TraceTexts>>
  readonly #hasTraces: boolean

  constructor(seed: number, { hasTraces = false }: { readonly hasTraces?: boolean } = {}) {
    this.#random = new Random(seed)
    this.#levelTexts = new LevelTexts(seed)
    this.#traces = { stdout: new TraceTexts(seed), stderr: new TraceTexts(seed + 1) }
    this.#hasTraces = hasTraces
    this.#criShare = this.#random.below(3) === 0 ? 2 : 60
  }

  /** One line with its newline, or the records that docker splits one into; now and then with what a power cut left before it. */
  next(): Buffer {
    const line = this.#line()
    const kind = this.#random.below(60)
    if (kind > 1) return line
    if (kind === 0) return Buffer.concat([this.#nuls(6000), line])
    const torn = this.#line()
    return Buffer.concat([torn.subarray(0, this.#random.below(Math.min(torn.length, 100))), this.#nuls(50), line])
  }

  #nuls(most: number): Buffer {
    return Buffer.alloc(1 + this.#random.below(this.#random.below(2) === 0 ? 3 : most))
  }

  #line(): Buffer {
    const kind = this.#random.below(100)
    if (kind < this.#criShare) return this.#cri()
    if (kind < 85) return this.#random.below(3) === 0 ? this.#splitDocker() : this.#docker()
    if (kind < 95) return this.#broken(kind < 90 ? this.#cri() : this.#docker())
    return Buffer.concat([this.#body(40), NEWLINE])
  }

  #cri(): Buffer {
    const time = this.#pick(TIMES, 5)
    const stream = this.#stream()
    const header = `${time} ${stream} ${this.#pick(TAGS, this.#hasTraces ? 4 : TAGS.length)} `
    const trace = this.#traceLine(stream)
    const body = trace ?? (this.#random.below(8) === 0 ? this.#json() : this.#body(this.#length()))
    return Buffer.concat([Buffer.from(header), body, NEWLINE])
  }

  /** A line that a program wrote as JSON, or nearly so. */
  #json(): Buffer {
    const [name, value] = [this.#string('level'), this.#string(this.#body(this.#random.below(60)).toString())]
    return Buffer.from(`{${name}:"info","msg":[${value},{"n":-1.5e3}]}`)
  }

  #docker(): Buffer {
    const ending = this.#random.below(this.#hasTraces ? 100 : 8) === 0 ? '' : '\n'
    const body = this.#body(this.#length())
    const stream = this.#stream()
    return this.#record((this.#traceLine(stream) ?? body).toString() + ending, stream)
  }

  #traceLine(stream: string): Buffer | undefined {
    if (!this.#hasTraces || this.#random.below(30) === 0) return undefined
    const line = this.#traces[stream]?.next()
    return line === undefined ? undefined : Buffer.from(line)
  }

  /** A line in two to five records, cut within characters too, and lines of the other stream between them. */
  #splitDocker(): Buffer {
    const [stream, other] = this.#random.below(3) === 0 ? ['stderr', 'stdout'] : ['stdout', 'stderr']
    const body = this.#traceLine(stream) ?? this.#body(this.#length())
    // By UTF-16 units half of a pair may be left, by bytes what is left of a character becomes U+FFFD.
    const whole = this.#random.below(2) === 0 ? body : body.toString()
    const records: Buffer[] = []
    let start = 0
    for (let left = 1 + this.#random.below(4); left > 0; left -= 1) {
      const end = start + this.#random.below(whole.length - start + 1)
      records.push(this.#record(whole.slice(start, end).toString(), stream))
      if (this.#random.below(3) === 0) records.push(this.#record(`${this.#body(this.#length())}\n`, other))
      start = end
    }
    records.push(this.#record(`${whole.slice(start)}\n`, stream))
    return Buffer.concat(records)
  }

  #record(log: string, stream: string): Buffer {
    const time = `"time":"${this.#pick(TIMES, 5)}"`
    const members = [`"log":${this.#string(log)}`, `"stream":"${stream}"`, time]
    if (this.#random.below(10) === 0) members.splice(2 + this.#random.below(2), 0, '"attrs":{"a":"b"}')
    return Buffer.from(`{${members.join()}}\n`)
  }

  /** As JSON, in one of the many ways to write it. */
  #string(text: string): string {
    const plainly = JSON.stringify(text)
    if (this.#random.below(2) === 0) return plainly
    const often = 2 + this.#random.below(30)
    let content = ''
    for (const character of text.replace(/\n$/, '')) {
      const kind = this.#random.below(often * 4)
      if (kind === 0) content += this.#pick(ESCAPES)
      content += kind < 4 ? this.#units(character) : JSON.stringify(character).slice(1, -1)
    }
    return `"${content}${text.endsWith('\n') ? '\\n' : ''}"`
  }

  #units(character: string): string {
    const unit = (index: number) => {
      const digits = character.charCodeAt(index).toString(16).padStart(4, '0')
      return `\\u${this.#random.below(2) === 0 ? digits : digits.toUpperCase()}`
    }
    return Array.from({ length: character.length }, (_, index) => unit(index)).join('')
  }

  /** A line with some of its bytes gone, doubled or replaced. */
  #broken(line: Buffer): Buffer {
    const broken = Buffer.from(line)
    for (let count = 1 + this.#random.below(3); count > 0; count -= 1) {
      broken[this.#random.below(broken.length - 1)] = this.#byte()
    }
    return broken
  }

  /** Around the sizes of a block and of the limit, and anything else. */
  #length(): number {
    const kind = this.#random.below(20)
    if (kind < 8) return this.#random.below(70)
    if (kind < 16) return 16 * this.#random.below(20) + this.#random.below(3)
    return kind < 19 ? this.#random.below(1200) : 990 + this.#random.below(20)
  }

  #body(length: number): Buffer {
    if (this.#random.below(3) > 0) return this.#bytes(length)
    const text = Buffer.from(this.#levelTexts.next())
    return this.#random.below(2) === 0 ? text : Buffer.concat([text, this.#bytes(length)])
  }

  #bytes(length: number): Buffer {
    const parts: Buffer[] = []
    let size = 0
    const wild = this.#random.below(4)
    while (size < length) {
      const isByte = wild > 0 && this.#random.below(wild === 3 ? 2 : 12) === 0
      const part = isByte ? Buffer.of(this.#byte()) : Buffer.from(this.#pick(TEXTS))
      parts.push(part)
      size += part.length
    }
    return Buffer.concat(parts).subarray(0, length)
  }

  /** Any byte but the newline. */
  #byte(): number {
    const byte = this.#random.below(3) === 0 ? this.#random.below(256) : (BYTES[this.#random.below(BYTES.length)] ?? 0)
    return byte === 0x0a ? 0x0b : byte
  }

  #stream(): string {
    return this.#random.below(50) === 0 ? 'stdlog' : this.#random.below(3) === 0 ? 'stderr' : 'stdout'
  }

  /** One of them; the first ones, if told how many, nine times in ten. */
  #pick(from: readonly string[], usual = from.length): string {
    return from[this.#random.below(this.#random.below(10) === 0 ? from.length : usual)] ?? ''
  }
}

const NEWLINE = Buffer.from('\n')

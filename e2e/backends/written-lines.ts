import type { ContainerInstance } from '../../src/simulation/container-instance.ts'
import { Random } from '../../src/simulation/random.ts'

/** What a container wrote. */
export interface WrittenLine {
  readonly stream: 'stdout' | 'stderr'
  readonly body: string
  readonly level: string | undefined
}

/** Nanoseconds between two lines of a container. */
const STEP_NS = 1_000_137n

/** Bodies that something on the way might not keep: to JSON, to UTF-8, to protobuf, to people. */
const PARTS: readonly (string | Buffer)[] = [
  'plain words and more of them ',
  '{"a":1,"b":[true,null,"x"]} ',
  '"quoted" \\back\\slashed\\ ',
  '\t\b\f\r\u001b[31mred\u001b[0m ',
  'é€😀日本語 \ufeff\u2028\u2029 ',
  'key=value other="some text" ',
  '<script>alert(1)</script> & ',
  Buffer.of(0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x20),
  '',
]
/** How a line says its level, and which. */
const LEVELS: readonly (readonly [string, string | undefined])[] = [
  ['', undefined],
  ['[warn] ', 'warn'],
  ['ERROR ', 'error'],
  ['[info] ', 'info'],
  ['', undefined],
]

/** A container that writes hostile lines, each with a time of its own, and knows what it wrote. */
export class HostileWriter {
  /** By time in nanoseconds since 1970. */
  readonly written = new Map<bigint, WrittenLine>()
  readonly instance: ContainerInstance
  readonly #random: Random
  #time = BigInt(Date.now()) * 1_000_000n

  constructor(instance: ContainerInstance, seed: number) {
    this.instance = instance
    this.#random = new Random(seed)
  }

  write(count: number): void {
    const lines = Array.from({ length: count }, () => this.#line())
    this.instance.log.append(Buffer.concat(lines))
  }

  #line(): Buffer {
    const random = this.#random
    const [word, level] = LEVELS[random.below(LEVELS.length)] ?? ['', undefined]
    const repeats = random.below(100) === 0 ? 400 : 1 + random.below(3)
    const part = PARTS[random.below(PARTS.length)] ?? ''
    const isJson = random.below(10) === 0
    const json = `{"level":"debug","n":${this.written.size},"msg":"é \\u0007"}`
    const text = Buffer.concat([Buffer.from(`${word}${this.written.size} `), ...Array(repeats).fill(Buffer.from(part))])
    const body = isJson ? Buffer.from(json) : text
    const stream = random.below(4) === 0 ? 'stderr' : 'stdout'
    this.#time += STEP_NS
    this.written.set(this.#time, { stream, body: body.toString(), level: isJson ? 'debug' : level })
    const header = (tag: string) => Buffer.from(`${rfc3339(this.#time)} ${stream} ${tag} `)
    if (random.below(50) > 0) return Buffer.concat([header('F'), body, NEWLINE])
    // In two parts, perhaps within a character.
    const cut = random.below(body.length + 1)
    return Buffer.concat([header('P'), body.subarray(0, cut), NEWLINE, header('F'), body.subarray(cut), NEWLINE])
  }
}

const NEWLINE = Buffer.from('\n')

function rfc3339(time: bigint): string {
  const seconds = new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(time % 1_000_000_000n).padStart(9, '0')}Z`
}

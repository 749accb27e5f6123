import type { StreamName } from '../model/stream-name.ts'
import { type AssemblyExports, instantiateAssembly } from './assembly-exports.ts'
import { JsonMembers } from './json-members.ts'
import {
  LINE_BODY_END,
  LINE_BODY_START,
  LINE_IS_PARTIAL,
  LINE_SIZE,
  LINE_STREAM,
  LINE_TIME_END,
  LINE_TIME_START,
  RECORD_IDS_ARE_ON,
  RECORD_IDS_BASE,
  RECORD_IDS_DIGESTS,
  RUN_AT,
  RUN_ENTRIES,
  RUN_LINES,
  RUN_SIZE,
  RUN_USED,
  SPAN_END,
  SPAN_SIZE,
  SPAN_START,
  TEMPLATE_SIZE,
  WORD,
} from './layout.ts'
import type { Line } from './line.ts'
import { parseOddDockerLine } from './odd-docker-line.ts'
import type { EntryForm, Surround, Template } from './template.ts'

/** Bytes written per body byte at the most: `\u0000`. U+FFFD takes three. */
export const MAXIMUM_GROWTH = 6

const WASM_PAGE_BYTES = 65536
/** Bytes of a template; pods have 1 to 4 KB of metadata as a rule. Entries around a larger one are written line by line. */
const TEMPLATE_BYTES = 256 * 1024
/** Bytes of a body outside the kernel's memory that are escaped at a time. */
const PIECE_BYTES = 64 * 1024
/** Bytes of a character at the most, less one. */
const CHARACTER_REST = 3

const ENDINGS = ['done', 'full', 'odd'] as const
const ODD = 2
const VERDICTS: Readonly<Record<Verdict, number>> = { text: 0, json: 1, 'left out': 2 }
const FORMATS = ['malformed', 'cri', 'docker'] as const

export interface KernelOptions {
  /** Bytes that one read may bring. */
  readonly inputBytes: number
  /** How many batches there are at a time, and how large each is. */
  readonly outputs: { readonly count: number; readonly bytes: number }
  /** Names of the members of a JSON object that are to be found: eight of 16 ASCII characters at the most. */
  readonly members?: readonly string[]
}

/** Where a run begins, and what its lines may be. */
export interface RunOptions {
  /** Streams of which every line is odd: something is held of them. */
  readonly oddStreams: number
  /** Bytes. A longer body is odd. */
  readonly maximumBody: number
}

/** What is to become of a line. */
export type Verdict = EntryForm | 'left out'

export interface JudgedOptions extends RunOptions {
  /** Of the line whose body stands there in the kernel's memory. */
  readonly judge: (bodyStart: number, bodyEnd: number) => Verdict
}

/** What came of a run. */
export interface Run {
  /** All whole lines are done, the next one needs more room, or it has to be looked at by itself. */
  readonly ended: (typeof ENDINGS)[number]
  /** Where it stopped in the input and in the output. */
  readonly at: number
  readonly used: number
  readonly entryCount: number
  /** More than there are entries where parts of a line were joined. */
  readonly lineCount: number
}

/**
 * The hot path: one WebAssembly module that finds lines, recognises and escapes them, and joins them with what stands around them.
 * It works on memory of its own, of fixed size, so that its buffers stay where they are: chunks are read into `input`, batches
 * written from what `newOutput` gives. Guarded by test/bench; the plain implementation that it is compared with is in test/kernel/oracle.
 */
export class Kernel {
  /** To read into. */
  readonly input: Uint8Array
  readonly #outputBytes: number
  /** All of its own memory. */
  readonly memory: Buffer
  /** Of the object that `isJsonObject` recognised last. */
  readonly members: JsonMembers
  readonly #assembly: AssemblyExports
  readonly #guard: number
  readonly #recordIdsAt: number
  readonly #lineWords: Uint32Array
  readonly #runWords: Uint32Array
  readonly #templateWords: Uint32Array
  readonly #list: Uint32Array
  readonly #verdicts: Uint8Array
  readonly #templateArea: Uint8Array
  readonly #lineArea: Uint8Array
  readonly #escapedArea: Uint8Array
  #free: number
  #template: Template | undefined

  constructor({ inputBytes, outputs, members = [] }: KernelOptions) {
    const escapedBytes = PIECE_BYTES * MAXIMUM_GROWTH
    const sizes = [inputBytes * 2, TEMPLATE_BYTES, escapedBytes, outputs.count * (outputs.bytes + 64), WASM_PAGE_BYTES]
    const pages = Math.ceil(sizes.reduce((sum, bytes) => sum + bytes, 0) / WASM_PAGE_BYTES)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    this.#assembly = instantiateAssembly(memory)
    this.memory = Buffer.from(memory.buffer)
    this.#guard = this.#assembly.GUARD.value
    this.#recordIdsAt = this.#assembly.RECORD_IDS.value
    this.#free = this.#assembly.FREE.value
    this.#lineWords = new Uint32Array(memory.buffer, this.#assembly.LINE.value, LINE_SIZE / WORD)
    this.#runWords = new Uint32Array(memory.buffer, this.#assembly.RUN.value, RUN_SIZE / WORD)
    this.#templateWords = new Uint32Array(memory.buffer, this.#assembly.TEMPLATE.value, TEMPLATE_SIZE / WORD)
    const listLines = this.#assembly.LIST_LINES.value
    this.#list = new Uint32Array(memory.buffer, this.#assembly.LIST.value, (listLines * SPAN_SIZE) / WORD)
    this.#verdicts = new Uint8Array(memory.buffer, this.#assembly.VERDICTS.value, listLines)
    this.members = new JsonMembers(members, this.memory, this.#assembly)
    this.#templateArea = this.#allocate(TEMPLATE_BYTES)
    this.#escapedArea = this.#allocate(escapedBytes)
    this.input = this.#allocate(inputBytes)
    this.#lineArea = this.#allocate(inputBytes)
    this.#outputBytes = outputs.bytes
  }

  /** One of the buffers for batches; as many as were asked for. */
  newOutput(): Uint8Array {
    return this.#allocate(this.#outputBytes)
  }

  /** Whether runs can read and write there. */
  isOwn(bytes: Uint8Array): boolean {
    return bytes.buffer === this.memory.buffer
  }

  /** Sets what runs put around time and body. Returns false when it is too large. */
  setTemplate(template: Template): boolean {
    if (template === this.#template) return true
    const parts = [template.beforeTime, ...[template.text, template.json].flatMap(partsOf), template.beforeId]
    const room = this.#templateArea.length - parts.reduce((sum, part) => sum + part.length + this.#guard, 0)
    if (room < 0) return false
    let at = 0
    for (const [index, part] of parts.entries()) {
      this.#templateArea.set(part, at)
      this.#templateWords[index * 2] = this.#templateArea.byteOffset + at
      this.#templateWords[index * 2 + 1] = this.#templateArea.byteOffset + at + part.length
      at += part.length + this.#guard
    }
    this.#template = template
    return true
  }

  /**
   * Puts ids on the entries of the next runs, which begin with the digests of their streams, 16 characters each. `start`: where the input begins in its
   * file. Undefined puts none.
   */
  setRecordIds(
    ids: { readonly digests: Readonly<Record<StreamName, string>>; readonly start: number } | undefined,
    input: Uint8Array,
  ): void {
    const at = this.#recordIdsAt
    this.memory.writeUInt32LE(ids === undefined ? 0 : 1, at + RECORD_IDS_ARE_ON)
    if (ids === undefined) return
    this.memory.writeBigInt64LE(BigInt(ids.start - input.byteOffset), at + RECORD_IDS_BASE)
    this.memory.write(ids.digests.stdout + ids.digests.stderr, at + RECORD_IDS_DIGESTS, 'latin1')
  }

  /**
   * Encodes whole lines of `input` (own memory) from `at` on into `output` (own memory) from `used` on, between the parts of the
   * template, until one is odd: malformed, a partial whose end does not follow at once, or what the options say.
   */
  run(input: Uint8Array, at: number, output: Uint8Array, used: number, options: RunOptions): Run {
    const [source, target] = [input.byteOffset, output.byteOffset]
    const ended = this.#assembly.run(
      source + at,
      source + input.length,
      target + used,
      target + output.length,
      options.oddStreams,
      options.maximumBody,
    )
    return this.#ran(ended, source, target)
  }

  /**
   * As `run`, but `judge` says of each line what is to become of it, from its body in `memory`. Lines are looked at 512 at a time: a run
   * is done then too. Partials are odd, and so are docker's records.
   */
  runJudged(input: Uint8Array, at: number, output: Uint8Array, used: number, options: JudgedOptions): Run {
    const [source, target] = [input.byteOffset, output.byteOffset]
    const [start, end] = [source + at, source + input.length]
    const count = this.#assembly.list(start, end, options.oddStreams, options.maximumBody)
    for (let index = 0; index < count; index += 1) {
      const verdict = options.judge(this.#listed(index, SPAN_START), this.#listed(index, SPAN_END))
      this.#verdicts[index] = VERDICTS[verdict]
    }
    const ended = this.#assembly.runListed(start, end, target + used, target + output.length, count)
    return this.#ran(count === 0 ? ODD : ended, source, target)
  }

  #listed(index: number, part: number): number {
    return this.#list[(index * SPAN_SIZE + part) / WORD] as number
  }

  #ran(ended: number, source: number, target: number): Run {
    const words = this.#runWords
    return {
      ended: ENDINGS[ended] ?? 'odd',
      at: (words[RUN_AT / WORD] as number) - source,
      used: (words[RUN_USED / WORD] as number) - target,
      entryCount: words[RUN_ENTRIES / WORD] as number,
      lineCount: words[RUN_LINES / WORD] as number,
    }
  }

  /**
   * Recognises `bytes[start, end)` (without its newline) as a CRI line or a docker json-file record and fills `line`.
   * Anything else is `malformed`, its body the whole line. Formats: cri-api `constants.go`, moby `jsonlog.go`.
   */
  parse(bytes: Uint8Array, start: number, end: number, line: Line): void {
    const own = this.#own(bytes, start, end)
    line.time = bytes
    line.body = bytes
    line.isPartial = false
    line.isEscaped = false
    line.format = FORMATS[this.#assembly.parse(own, own + end - start)] ?? 'malformed'
    if (line.format === 'malformed') this.#parseOdd(bytes, start, end, line)
    else this.#take(line, start - own)
  }

  /** Whether `bytes[start, end)` is one JSON object in valid UTF-8, not nested more than 200 deep. */
  isJsonObject(bytes: Uint8Array, start: number, end: number): boolean {
    // A docker record's text grows when it is decoded: each invalid byte becomes three.
    if (!this.isOwn(bytes) && end - start > this.#lineArea.length) return false
    const own = this.#own(bytes, start, end)
    return this.#assembly.isJsonObject(own, own + end - start) !== 0
  }

  /**
   * Writes `source[start, end)` into `target` at `at` as the content of a JSON string and returns where it ended. Invalid UTF-8 becomes
   * U+FFFD as the WHATWG decoder does it. Needs room for MAXIMUM_GROWTH bytes per source byte.
   */
  escape(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
    const area = this.#escapedArea
    let to = at
    for (let from = start; from < end; ) {
      const pieceEnd = from + PIECE_BYTES < end ? characterStart(source, from + PIECE_BYTES) : end
      const own = this.#own(source, from, pieceEnd)
      const length = this.#assembly.escape(own, own + pieceEnd - from, area.byteOffset) - area.byteOffset
      target.set(area.subarray(0, length), to)
      to += length
      from = pieceEnd
    }
    return to
  }

  /** The address of those bytes in own memory, copied there if they are not. */
  #own(bytes: Uint8Array, start: number, end: number): number {
    if (this.isOwn(bytes)) return bytes.byteOffset + start
    this.#lineArea.set(bytes.subarray(start, end))
    return this.#lineArea.byteOffset
  }

  #take(line: Line, shift: number): void {
    const words = this.#lineWords
    line.timeStart = (words[LINE_TIME_START / WORD] as number) + shift
    line.timeEnd = (words[LINE_TIME_END / WORD] as number) + shift
    line.bodyStart = (words[LINE_BODY_START / WORD] as number) + shift
    line.bodyEnd = (words[LINE_BODY_END / WORD] as number) + shift
    line.stream = words[LINE_STREAM / WORD] === 0 ? 'stdout' : 'stderr'
    line.isPartial = words[LINE_IS_PARTIAL / WORD] === 1
    line.isEscaped = line.format === 'docker'
  }

  #parseOdd(bytes: Uint8Array, start: number, end: number, line: Line): void {
    if (bytes[start] === OPENING_BRACE && start < end) {
      if (parseOddDockerLine(bytes.subarray(start, end), line, (time) => this.#isTime(time))) return
    }
    line.stream = 'stdout'
    line.bodyStart = start
    line.bodyEnd = end
  }

  #isTime(bytes: Uint8Array): boolean {
    if (bytes.length > this.#lineArea.length) return false
    const own = this.#own(bytes, 0, bytes.length)
    return this.#assembly.endOfTime(own, own + bytes.length) === own + bytes.length
  }

  #allocate(byteCount: number): Uint8Array {
    const start = this.#free
    this.#free = align(start + byteCount + this.#guard)
    if (this.#free > this.memory.length) throw new RangeError('more buffers than the kernel was made for')
    return this.memory.subarray(start, start + byteCount)
  }
}

const OPENING_BRACE = 0x7b

/** In the order in which the assembly has them. */
function partsOf({ beforeBody, afterBody }: Surround): Uint8Array[] {
  return [beforeBody.stdout, beforeBody.stderr, afterBody]
}

/** Which bit of `oddStreams` is whose. */
export const STREAM_BITS: Readonly<Record<StreamName, number>> = { stdout: 1, stderr: 2 }

function align(address: number): number {
  return (address + 15) & ~15
}

/** `at` or up to three less, so that no character lies on both sides; invalid bytes fall apart the same way then. */
function characterStart(bytes: Uint8Array, at: number): number {
  for (let start = at; start >= at - CHARACTER_REST; start -= 1) {
    if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start
  }
  return at // four continuations in a row: the last one belongs to nothing
}

import { type AssemblyExports, instantiateAssembly } from './assembly-exports.ts'
import * as layout from './layout.ts'
import { ProgramLoader } from './program-loader.ts'

const WASM_PAGE_BYTES = 65536
/** Bytes of an ISO 8601 time with milliseconds. */
const NOW_BYTES = 24
/** Where its point stands. */
const NOW_POINT = 19
const DIGIT = 0x30
/** U+FFFD has three bytes and may replace one. */
const REPAIRED_GROWTH = 3
/** Bytes of an entry: with metadata one usually has more. */
const ENTRY_BYTES = 256

/** Bytes of a record of several lines: what most destinations take of one, and far above any trace that people read. */
const GROUP_BYTES = 256 * 1024
/** Bytes of one of its lines: see assembly/slots.ts. */
const GROUP_LINE_BYTES = 16 * 1024

/** Bytes for bodies in which something was redacted, besides one of the longest. */
const REDACTED_BYTES = 1 << 20

/** Stands after each buffer and its guard, where nothing is written. Tests check that it stays. */
export const CANARY = Buffer.from('not to be changed')

export interface KernelOptions {
  /** Maximum bytes of one read. */
  readonly inputBytes: number
  /** Maximum bytes of a body; a longer one is cut. */
  readonly maximumBody: number
  /** Number of batches at a time, and their size. */
  readonly outputs: { readonly count: number; readonly bytes: number }
  /** Words for levels: about 100, each with at most 16 small letters, and their meanings (assembly/level-words.ts). */
  readonly words: ReadonlyMap<string, number>
}

/** How many entries a buffer of so many bytes has room for. */
const entriesIn = (bytes: number) => Math.ceil(bytes / ENTRY_BYTES)

/** A buffer for entries. */
export interface Output {
  readonly bytes: Uint8Array
  /** Where each entry ends. */
  readonly ends: Uint32Array
}

/** Options of the kernel's stage; see assembly/judge.ts. `leastRank`: index of the lowest level that is kept. */
export interface Judging {
  readonly json: boolean
  readonly findsLevel: boolean
  readonly leastRank: number
}

/**
 * The hot path: one WebAssembly module that finds lines, recognises them, and renders them with a program. Its memory has a fixed size, so its
 * buffers never move: chunks are read into `input`, and batches are written to the buffers of `newOutput`. Guarded by test/bench; test/kernel/oracle
 * has the plain implementation that it is compared with.
 */
export class Kernel {
  /** The buffer to read chunks into. */
  readonly input: Uint8Array
  /** All of its memory, as bytes and as words. */
  readonly memory: Buffer
  readonly words: Uint32Array
  readonly assembly: AssemblyExports
  readonly program: ProgramLoader
  /** For bytes of rows that are not in the input. */
  readonly scratch: Uint8Array
  /** For what is put in place of bodies in which something is redacted. */
  readonly redacted: Uint8Array
  readonly maximumBody: number
  readonly #outputBytes: number
  readonly #settings: number
  #free: number
  /** Rarely used buffers are at the end: batches close to the input are faster (16 MiB apart, short lines took 15 % more time). */
  #end: number
  #nowMs = Number.NaN
  #nowSecond = Number.NaN
  // Addresses: to ask the module for one each time takes as long as a call.
  readonly #recordIds: number
  readonly #groups: number
  #digests: Uint8Array | undefined

  constructor({ inputBytes, maximumBody, outputs, words }: KernelOptions) {
    const renderBytes = Math.max(inputBytes, maximumBody * REPAIRED_GROWTH)
    const outputBytes = outputs.count * (outputs.bytes + entriesIn(outputs.bytes) * layout.WORD + 256)
    const groupBytes = 2 * (GROUP_BYTES + (layout.SLOT_COUNT - 1) * GROUP_LINE_BYTES)
    const heldBytes = maximumBody * 2 + groupBytes
    const redactedBytes = maximumBody + REDACTED_BYTES
    const sizes = [
      inputBytes * 3,
      renderBytes,
      heldBytes,
      redactedBytes,
      ProgramLoader.byteCount,
      outputBytes,
      WASM_PAGE_BYTES,
    ]
    const pages = Math.ceil(sizes.reduce((sum, bytes) => sum + bytes, 0) / WASM_PAGE_BYTES)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const assembly = instantiateAssembly(memory)
    this.assembly = assembly
    this.memory = Buffer.from(memory.buffer)
    this.words = new Uint32Array(memory.buffer)
    this.#free = assembly.FREE.value
    this.#end = this.memory.length
    this.#settings = assembly.SETTINGS.value
    this.#recordIds = assembly.RECORD_IDS.value
    this.#groups = assembly.GROUPS.value
    this.maximumBody = maximumBody
    this.#outputBytes = outputs.bytes
    this.program = new ProgramLoader(this.#allocate(ProgramLoader.byteCount), this.words, assembly)
    this.input = this.#allocate(inputBytes)
    this.scratch = this.#allocateLast(inputBytes)
    const stages = this.#allocateLast(inputBytes)
    this.redacted = this.#allocateLast(redactedBytes)
    const held = [this.#allocateLast(maximumBody + 1), this.#allocateLast(maximumBody + 1)]
    for (const [stream, area] of held.entries())
      this.put(assembly.HELD.value + stream * layout.HELD_SIZE + layout.ROW_BODY, area.byteOffset)
    for (const stream of held.keys()) this.#allocateGroup(stream)
    this.#set(layout.GROUP_BYTES, this.groupBytes)
    this.#set(layout.MAXIMUM_BODY, maximumBody)
    this.#set(layout.NOW_BYTES, NOW_BYTES)
    this.#set(layout.STAGE_START, stages.byteOffset)
    this.#set(layout.STAGE_END, stages.byteOffset + stages.length)
    this.#set(layout.RENDER_START, this.#allocateLast(renderBytes).byteOffset)
    const { byteOffset: at } = this.scratch
    for (const [word, meaning] of words) assembly.addWord(at, at + this.memory.write(word, at, 'latin1'), meaning)
  }

  /** Memory for the lines of the stream that wait for their followers, and for what was joined of them. */
  #allocateGroup(stream: number): void {
    for (let index = 0; index < layout.SLOT_COUNT; index += 1) {
      const area = this.#allocateLast(index === 0 ? this.groupBytes : Math.min(GROUP_LINE_BYTES, this.groupBytes))
      this.put(this.slotAt(stream, index) + layout.ROW_BODY, area.byteOffset)
    }
  }

  /** Maximum bytes of a record of several lines. */
  get groupBytes(): number {
    return Math.min(GROUP_BYTES, this.maximumBody)
  }

  /** Address of what a stream keeps of lines that wait for their followers. */
  groupAt(stream: number): number {
    return this.#groups + stream * layout.GROUP_SIZE
  }

  slotAt(stream: number, index: number): number {
    return this.groupAt(stream) + layout.GROUP_SLOTS + index * layout.SLOT_SIZE
  }

  /** A buffer for a batch. Can be called `outputs.count` times. */
  newOutput(): Output {
    const entries = entriesIn(this.#outputBytes)
    const { byteOffset } = this.#allocate(entries * layout.WORD)
    const ends = new Uint32Array(this.memory.buffer, byteOffset, entries)
    return { bytes: this.#allocate(this.#outputBytes), ends }
  }

  /** Takes effect with the next rows. */
  configure({ json, findsLevel, leastRank }: Judging): void {
    this.#set(layout.TAKES_JSON, Number(json))
    this.#set(layout.FINDS_LEVEL, Number(findsLevel))
    this.#set(layout.LEAST_LEVEL, leastRank === 0 ? 0 : leastRank + 1)
  }

  /** Which lines are joined that make one record: see layout.ts. Takes effect with the next rows. */
  set joinsLines(how: number) {
    this.#set(layout.JOINS_LINES, how)
  }

  /** One bit per stream: its last line was delivered without its end, so the next record may be that end. */
  get tornStreams(): number {
    return this.get(this.#settings + layout.TORN)
  }

  set tornStreams(bits: number) {
    this.#set(layout.TORN, bits)
  }

  /** The time of rows that have none. */
  setNow(milliseconds: number): void {
    if (milliseconds === this.#nowMs) return
    this.#nowMs = milliseconds
    const at = this.#settings + layout.NOW
    const second = Math.floor(milliseconds / 1000)
    // Not the whole text each time: it takes some microseconds, and this is called up to once per millisecond.
    if (second !== this.#nowSecond) this.memory.write(new Date(second * 1000).toISOString(), at, NOW_BYTES, 'latin1')
    this.#nowSecond = second
    const thousandths = Math.floor(milliseconds) - second * 1000
    this.memory[at + NOW_POINT + 1] = DIGIT + Math.floor(thousandths / 100)
    this.memory[at + NOW_POINT + 2] = DIGIT + (Math.floor(thousandths / 10) % 10)
    this.memory[at + NOW_POINT + 3] = DIGIT + (thousandths % 10)
    this.#set(layout.NOW_MILLISECONDS, milliseconds >>> 0)
    this.#set(layout.NOW_MILLISECONDS + layout.WORD, Math.floor(milliseconds / 2 ** 32))
  }

  /** The digests of record ids, 16 characters for each stream. `shift`: the difference between an offset in the file and its address in the input. */
  setRecordIds(digests: Uint8Array, shift: number): void {
    const at = this.#recordIds
    this.put(at + layout.RECORD_IDS_BASE, shift >>> 0)
    this.put(at + layout.RECORD_IDS_BASE + layout.WORD, Math.floor(shift / 2 ** 32) >>> 0)
    if (digests === this.#digests) return
    this.#digests = digests
    this.memory.set(digests, at + layout.RECORD_IDS_DIGESTS)
  }

  /** Copies bytes to memory that they keep: a word's address. For a few kilobytes in all. */
  placeLiteral(bytes: Uint8Array): number {
    const area = this.#allocateLast(bytes.length)
    area.set(bytes)
    return area.byteOffset
  }

  /** Copies a body to memory that is kept until the next window. Returns its address; undefined if there is no room. */
  keepForStage(body: Uint8Array): number | undefined {
    const at = this.get(this.#settings + layout.STAGE_NEXT)
    const next = (at + body.length + this.assembly.GUARD.value + 15) & ~15
    if (next > this.get(this.#settings + layout.STAGE_END)) return undefined
    this.memory.set(body, at)
    this.#set(layout.STAGE_NEXT, next)
    return at
  }

  get(address: number): number {
    return this.words[address >>> layout.WORD_SHIFT] as number
  }

  put(address: number, value: number): void {
    this.words[address >>> layout.WORD_SHIFT] = value
  }

  #set(setting: number, value: number): void {
    this.put(this.#settings + setting, value)
  }

  #allocate(byteCount: number): Uint8Array {
    const start = this.#free
    this.#free = (start + this.#roomFor(byteCount) + 15) & ~15
    return this.#take(start, byteCount)
  }

  #allocateLast(byteCount: number): Uint8Array {
    this.#end = (this.#end - this.#roomFor(byteCount)) & ~15
    return this.#take(this.#end, byteCount)
  }

  #roomFor(byteCount: number): number {
    return byteCount + this.assembly.GUARD.value + CANARY.length
  }

  #take(start: number, byteCount: number): Uint8Array {
    if (this.#free > this.#end) throw new RangeError('more buffers than the kernel was made for')
    this.memory.set(CANARY, start + byteCount + this.assembly.GUARD.value)
    return this.memory.subarray(start, start + byteCount)
  }
}

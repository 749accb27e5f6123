import type { StreamName } from '../model/stream-name.ts'
import { type AssemblyExports, instantiateAssembly } from './assembly-exports.ts'
import * as layout from './layout.ts'
import { ProgramLoader } from './program-loader.ts'

const WASM_PAGE_BYTES = 65536
/** Bytes of a time as ISO 8601 has it, with milliseconds. */
const NOW_BYTES = 24
/** U+FFFD takes three bytes in the place of one. */
const REPAIRED_GROWTH = 3
/** Entries of a batch: with metadata one has more than 256 bytes as a rule. */
const BATCH_ENTRIES = 4096

/** Stands after each buffer and its guard, where nothing is written. Tests check that it stays. */
export const CANARY = Buffer.from('not to be changed')

export interface KernelOptions {
  /** Bytes that one read may bring. */
  readonly inputBytes: number
  /** Bytes of a body; a longer one is cut. */
  readonly maximumBody: number
  /** How many batches there are at a time, and how large each is. */
  readonly outputs: { readonly count: number; readonly bytes: number }
  /** Names of the members of a JSON object that may tell a level: eight of 16 ASCII characters at the most. */
  readonly members: readonly string[]
  /** Words for levels: 32 of 16 small letters at the most. `isCommon`: it tells nothing in a text. */
  readonly words: readonly { readonly word: string; readonly rank: number; readonly isCommon: boolean }[]
}

/** Where entries are written to. */
export interface Output {
  readonly bytes: Uint8Array
  /** Where each entry ends. */
  readonly ends: Uint32Array
}

/** What stages do with rows; see assembly/judge.ts. `leastRank`: place in the levels of those that are not left out. */
export interface Judging {
  readonly json: boolean
  readonly leastRank: number
}

/**
 * The hot path: one WebAssembly module that finds lines, recognises them, and renders them by a program. It works on memory of its own, of fixed size, so
 * that its buffers stay where they are: chunks are read into `input`, batches written to what `newOutput` gives. Guarded by test/bench; the plain
 * implementation that it is compared with is in test/kernel/oracle.
 */
export class Kernel {
  /** To read into. */
  readonly input: Uint8Array
  /** All of its memory, as bytes and as words. */
  readonly memory: Buffer
  readonly words: Uint32Array
  readonly assembly: AssemblyExports
  readonly program: ProgramLoader
  /** For what a table's rows point to, and are not in the input. */
  readonly scratch: Uint8Array
  readonly maximumBody: number
  readonly #outputBytes: number
  readonly #settings: number
  #free: number
  /** What is seldom used lies at the end: batches next to the input take less time (measured: 15 % of short lines 16 MiB away). */
  #end: number
  #nowMs = Number.NaN
  #digests: Readonly<Record<StreamName, string>> | undefined

  constructor({ inputBytes, maximumBody, outputs, members, words }: KernelOptions) {
    const renderBytes = Math.max(inputBytes, maximumBody * REPAIRED_GROWTH)
    const outputBytes = outputs.count * (outputs.bytes + BATCH_ENTRIES * layout.WORD + 256)
    const sizes = [inputBytes * 3, renderBytes, maximumBody * 2, ProgramLoader.byteCount, outputBytes, WASM_PAGE_BYTES]
    const pages = Math.ceil(sizes.reduce((sum, bytes) => sum + bytes, 0) / WASM_PAGE_BYTES)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const assembly = instantiateAssembly(memory)
    this.assembly = assembly
    this.memory = Buffer.from(memory.buffer)
    this.words = new Uint32Array(memory.buffer)
    this.#free = assembly.FREE.value
    this.#end = this.memory.length
    this.#settings = assembly.SETTINGS.value
    this.maximumBody = maximumBody
    this.#outputBytes = outputs.bytes
    this.program = new ProgramLoader(this.#allocate(ProgramLoader.byteCount), this.words, assembly)
    this.input = this.#allocate(inputBytes)
    this.scratch = this.#allocateLast(inputBytes)
    const stages = this.#allocateLast(inputBytes)
    const held = [this.#allocateLast(maximumBody + 1), this.#allocateLast(maximumBody + 1)]
    for (const [stream, area] of held.entries())
      this.put(assembly.HELD.value + stream * layout.HELD_SIZE + layout.ROW_BODY, area.byteOffset)
    this.#set(layout.MAXIMUM_BODY, maximumBody)
    this.#set(layout.NOW_BYTES, NOW_BYTES)
    this.#set(layout.STAGE_START, stages.byteOffset)
    this.#set(layout.STAGE_END, stages.byteOffset + stages.length)
    this.#set(layout.RENDER_START, this.#allocateLast(renderBytes).byteOffset)
    const { MEMBERS, NAMES, NAME_BYTES, WORDS, WORD_LEVELS } = assembly
    for (const [index, name] of members.slice(0, MEMBERS.value).entries())
      this.memory.write(name, NAMES.value + index * NAME_BYTES.value, 'latin1')
    for (const [index, { word, rank, isCommon }] of words.entries()) {
      this.memory.write(word, WORDS.value + index * NAME_BYTES.value, 'latin1')
      this.memory[WORD_LEVELS.value + index] = rank + (isCommon ? 129 : 1)
    }
  }

  /** One of the buffers for batches; as many as were asked for. */
  newOutput(): Output {
    const { byteOffset } = this.#allocate(BATCH_ENTRIES * layout.WORD)
    const ends = new Uint32Array(this.memory.buffer, byteOffset, BATCH_ENTRIES)
    return { bytes: this.#allocate(this.#outputBytes), ends }
  }

  /** From the next rows on. */
  configure({ json, leastRank }: Judging): void {
    this.#set(layout.TAKES_JSON, Number(json))
    this.#set(layout.LEAST_LEVEL, leastRank === 0 ? 0 : leastRank + 1)
  }

  /** Streams whose next record may be the end of another one, one bit each. */
  get tornStreams(): number {
    return this.get(this.#settings + layout.TORN)
  }

  set tornStreams(bits: number) {
    this.#set(layout.TORN, bits)
  }

  /** For rows that have no time of their own. */
  setNow(milliseconds: number): void {
    if (milliseconds === this.#nowMs) return
    this.#nowMs = milliseconds
    this.memory.write(new Date(milliseconds).toISOString(), this.#settings + layout.NOW, NOW_BYTES, 'latin1')
    this.memory.writeBigUInt64LE(BigInt(Math.floor(milliseconds)) * 1_000_000n, this.#settings + layout.NOW_NANOSECONDS)
  }

  /** What ids of rows begin with: 16 characters for each stream. `shift`: of an address in the input, to what stands there in the file. */
  setRecordIds(digests: Readonly<Record<StreamName, string>>, shift: number): void {
    const at = this.assembly.RECORD_IDS.value
    this.put(at + layout.RECORD_IDS_BASE, shift >>> 0)
    this.put(at + layout.RECORD_IDS_BASE + layout.WORD, Math.floor(shift / 2 ** 32) >>> 0)
    if (digests === this.#digests) return
    this.#digests = digests
    this.memory.write(digests.stdout + digests.stderr, at + layout.RECORD_IDS_DIGESTS, 'latin1')
  }

  /** Copies a body to where it stays until the next window. Returns its address; undefined when there is no room. */
  keepForStage(body: Uint8Array): number | undefined {
    const at = this.get(this.#settings + layout.STAGE_NEXT)
    const next = (at + body.length + this.assembly.GUARD.value + 15) & ~15
    if (next > this.get(this.#settings + layout.STAGE_END)) return undefined
    this.memory.set(body, at)
    this.#set(layout.STAGE_NEXT, next)
    return at
  }

  get(address: number): number {
    return this.words[address / layout.WORD] as number
  }

  put(address: number, value: number): void {
    this.words[address / layout.WORD] = value
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

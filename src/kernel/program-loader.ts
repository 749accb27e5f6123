import type { Condition, NumberForm, Op, Program, TimeUnit } from '../model/program.ts'
import type { AssemblyExports } from './assembly-exports.ts'
import * as layout from './layout.ts'

/** Bytes for literals. Pods usually have 1 to 4 KB of metadata. A literal without room is written by TypeScript, for each entry. */
const LITERAL_BYTES = 256 * 1024
const OPERATIONS = 2048

const FORMS: Readonly<Record<NumberForm, number>> = {
  decimal: layout.AS_DECIMAL,
  varint: layout.AS_VARINT,
  byte: layout.AS_BYTE,
  'uint32-be': layout.AS_UINT32_BE,
  fixed64: layout.AS_FIXED64,
  'uint64-be': layout.AS_UINT64_BE,
}
const NANOSECONDS: Readonly<Record<TimeUnit, number>> = { ns: 1, ms: 1_000_000, s: 1_000_000_000 }
const STREAMS = { stdout: 0, stderr: 1, unknown: 2 } as const
const FLAGS = {
  partial: layout.PARTIAL,
  malformed: layout.MALFORMED,
  truncated: layout.TRUNCATED,
  lost: layout.LOST,
} as const
/** Flags of usual rows: both streams, text and JSON. For each there is a list of operations without conditions. */
const USUAL = [0, 1, layout.JSON_FORM, layout.JSON_FORM | 1]

/** A compiled program. Kept, since lanes take turns and compiling takes 20 µs. */
interface Loaded {
  operations: Uint32Array
  lists: Uint32Array
  /** Addresses of its literals and of its tables of literals. */
  readonly placed: Map<Uint8Array, number>
  readonly tables: Map<number, readonly number[]>
  /** Literals that TypeScript writes, by the address of their operation. */
  readonly foreign: Map<number, Uint8Array>
}

function nothing(): Loaded {
  const none = new Uint32Array(0)
  return { operations: none, lists: none, placed: new Map(), tables: new Map(), foreign: new Map() }
}

/** Compiles programs into the kernel's memory. */
export class ProgramLoader {
  /** Bytes of memory that it needs. */
  static readonly byteCount = LITERAL_BYTES + OPERATIONS * layout.OP_SIZE
  readonly #words: Uint32Array
  readonly #area: Uint8Array
  readonly #programAt: number
  readonly #guard: number
  /** By their operations, which programs may share. */
  readonly #known = new WeakMap<readonly Op[], Loaded>()
  #loaded: Loaded = nothing()
  #ops: readonly Op[] | undefined
  /** Beginning and end of the literal that the next operation is to have. */
  readonly #literal: [number, number] = [0, 0]
  #opAt = 0
  #literalAt = 0
  #decodes = false

  /** `area`: `byteCount` bytes of the kernel's memory, all of which are `words`. */
  constructor(area: Uint8Array, words: Uint32Array, assembly: AssemblyExports) {
    this.#area = area
    this.#words = words
    this.#programAt = assembly.PROGRAM.value
    this.#guard = assembly.GUARD.value
  }

  load({ ops }: Program): void {
    if (ops === this.#ops) return
    this.#ops = ops
    this.#loaded = this.#known.get(ops) ?? nothing()
    if (this.#loaded.operations.length === 0) this.#compile(ops)
    else this.#recall(this.#loaded)
  }

  #recall({ operations, lists, placed, tables }: Loaded): void {
    this.#words.set(operations, this.#area.byteOffset / layout.WORD)
    this.#words.set(lists, this.#programAt / layout.WORD)
    for (const [bytes, at] of placed) this.#area.set(bytes, at - this.#area.byteOffset)
    for (const [at, spans] of tables) this.#words.set(spans, at / layout.WORD)
  }

  #compile(ops: readonly Op[]): void {
    this.#opAt = this.#area.byteOffset
    this.#literalAt = this.#opAt + OPERATIONS * layout.OP_SIZE
    this.#decodes = false
    for (const flags of USUAL) this.#setList(flags * layout.WORD, ops, flags)
    this.#setList(layout.PROGRAM_ODD, ops, undefined)
    this.#words[(this.#programAt + layout.PROGRAM_DECODES) / layout.WORD] = Number(this.#decodes)
    const wordsOf = (start: number, end: number) => this.#words.slice(start / layout.WORD, end / layout.WORD)
    this.#loaded.operations = wordsOf(this.#area.byteOffset, this.#opAt)
    this.#loaded.lists = wordsOf(this.#programAt, this.#programAt + layout.PROGRAM_SIZE)
    this.#known.set(ops, this.#loaded)
  }

  /** The literal that TypeScript writes for the operation at that address. */
  foreign(address: number): Uint8Array {
    return this.#loaded.foreign.get(address) as Uint8Array
  }

  #setList(at: number, ops: readonly Op[], flags: number | undefined): void {
    this.#words[(this.#programAt + at) / layout.WORD] = this.#opAt
    for (const op of ops) this.#add(op, flags)
    this.#put(layout.OP_END)
  }

  /** `flags` of the rows that the list is for; undefined for all rows. */
  #add(op: Op, flags: number | undefined): void {
    switch (op.op) {
      case 'literal':
        this.#addLiteral(op.bytes)
        break
      case 'time':
        if (op.as === 'written') this.#put(layout.OP_TIME)
        else this.#put(layout.OP_TIME_NUMBER, FORMS[op.as], NANOSECONDS[op.unit])
        break
      case 'now':
        this.#put(layout.OP_NOW_NUMBER, FORMS[op.as], NANOSECONDS[op.unit])
        break
      case 'body':
        if (op.as === 'raw') this.#decodes = true
        this.#put(op.as === 'string' ? layout.OP_BODY_STRING : layout.OP_BODY)
        break
      case 'level':
        this.#put(layout.OP_LEVEL, 0, this.#placeTable(op.literals))
        break
      case 'level-word':
        this.#put(layout.OP_LEVEL_WORD)
        break
      case 'record-id':
        this.#put(layout.OP_RECORD_ID)
        break
      case 'lines':
        this.#put(layout.OP_LINES, FORMS[op.as])
        break
      case 'original-bytes':
        this.#put(layout.OP_TRUE_BYTES, FORMS[op.as])
        break
      case 'lost':
        this.#put(layout.OP_NOTE)
        break
      case 'prefix':
        this.#addGroup(layout.OP_PREFIX, [FORMS[op.as], 0], op.ops, flags)
        break
      case 'if': {
        const [mask, value] = maskOf(op.when)
        if (flags === undefined) this.#addGroup(layout.OP_IF, [mask, value], op.ops, flags)
        // In usual rows no lines are joined: see OP_IF.
        else if (mask !== 0 && (flags & mask) === value) for (const inner of op.ops) this.#add(inner, flags)
      }
    }
  }

  #addGroup(kind: number, [form, value]: readonly number[], ops: readonly Op[], flags: number | undefined): void {
    const at = this.#opAt
    this.#put(kind, form, value)
    for (const op of ops) this.#add(op, flags)
    this.#endLiteral()
    this.#words[(at + layout.OP_NEXT) / layout.WORD] = this.#opAt
  }

  #addLiteral(bytes: Uint8Array): void {
    this.#endLiteral()
    const start = this.#place(bytes)
    if (start !== undefined) {
      this.#literal[0] = start
      this.#literal[1] = start + bytes.length
      return
    }
    this.#loaded.foreign.set(this.#opAt, bytes)
    this.#put(layout.OP_FOREIGN, 0, bytes.length)
  }

  /** Writes the pending literal, if no operation follows it. */
  #endLiteral(): void {
    if (this.#literal[1] > 0) this.#put(layout.OP_NOTHING)
  }

  #placeTable(literals: readonly Uint8Array[]): number {
    const starts = literals.map((bytes) => this.#place(bytes) ?? 0)
    const at = (this.#literalAt + 3) & ~3
    const spans = starts.flatMap((start, index) => [start, start + (literals[index]?.length ?? 0)])
    this.#words.set(spans, at / layout.WORD)
    this.#loaded.tables.set(at, spans)
    this.#literalAt = at + literals.length * layout.SPAN_SIZE
    return at
  }

  /** Copies a literal to the area. Returns its address; undefined if there is no room. */
  #place(bytes: Uint8Array): number | undefined {
    const known = this.#loaded.placed.get(bytes)
    if (known !== undefined) return known
    const start = this.#literalAt
    const offset = start - this.#area.byteOffset
    if (offset + bytes.length + this.#guard > this.#area.length) return undefined
    this.#area.set(bytes, offset)
    this.#loaded.placed.set(bytes, start)
    this.#literalAt = start + bytes.length + this.#guard
    return start
  }

  #put(kind: number, form = 0, value = 0): void {
    if (this.#opAt - this.#area.byteOffset >= OPERATIONS * layout.OP_SIZE)
      throw new RangeError('the program is too long')
    this.#words.set([kind, ...this.#literal, form, value], this.#opAt / layout.WORD)
    this.#literal.fill(0)
    this.#opAt += layout.OP_SIZE
  }
}

/** The flags to look at, and the value that they must have. */
function maskOf(when: Condition): readonly [mask: number, value: number] {
  if ('stream' in when) return [layout.STREAM, STREAMS[when.stream]]
  if ('form' in when) return [layout.JSON_FORM, when.form === 'json' ? layout.JSON_FORM : 0]
  if ('usual' in when) return [layout.ODD, when.usual ? 0 : layout.ODD]
  return when.is === 'joined' ? [0, 0] : [FLAGS[when.is], FLAGS[when.is]]
}

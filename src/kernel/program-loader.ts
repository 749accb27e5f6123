import type { Condition, NumberForm, Op, Program, TimeUnit } from '../model/program.ts'
import type { AssemblyExports } from './assembly-exports.ts'
import * as layout from './layout.ts'

/**
 * Bytes for the literals, and the number of operations, of all loaded programs. A pod usually has 1 to 4 KB of metadata and 50 operations. At least half of
 * it is free for a program; a literal that has no room even so is written by TypeScript, for each entry.
 */
const LITERAL_BYTES = 4 << 20
const OPERATIONS = 65_536
/** Bytes that literals leave free for the tables of levels. */
const TABLE_BYTES = 16 * 1024

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
/** The flags to look at, and which of them must be set. */
const FLAGS = {
  joined: [0, 0],
  partial: [layout.PARTIAL, layout.PARTIAL],
  redacted: [0, 1],
  malformed: [layout.SAMPLED, layout.MALFORMED],
  truncated: [layout.TRUNCATED, layout.TRUNCATED],
  lost: [layout.SAMPLED, layout.LOST],
  sampled: [layout.SAMPLED, layout.SAMPLED],
} as const
/** Flags of usual rows: both streams, text and JSON. For each there is a list of operations without conditions. */
const USUAL = [0, 1, layout.JSON_FORM, layout.JSON_FORM | 1]

/** Operations in the kernel's memory. */
interface Loaded {
  /** PROGRAM: see layout.ts. */
  readonly settings: Uint32Array
  /** Addresses of the operations that have one of the container's own literals, each followed by the literal's index. */
  readonly ownAt: number[]
  /** Literals that TypeScript writes, by the address of their operation. */
  readonly foreign: Map<number, Uint8Array>
}

/** A program there. `spans`: beginning and end of each of the container's own literals; if there is no room for them, the operations have them. */
interface Placement {
  readonly loaded: Loaded
  readonly spans: readonly number[]
}

/**
 * Compiles programs into the kernel's memory. They stay there, since lanes take turns, until half of it is used: then all are forgotten, and compiled again
 * when they are needed. Operations that are the same for many containers are there once, and get the literals of the one whose turn it is.
 */
export class ProgramLoader {
  /** Bytes of memory that it needs. Those that were never used cost nothing. */
  static readonly byteCount = LITERAL_BYTES + OPERATIONS * layout.OP_SIZE
  readonly #words: Uint32Array
  readonly #area: Uint8Array
  readonly #programAt: number
  readonly #guard: number
  /** By their operations, which programs may share. */
  #known = new WeakMap<readonly Op[], Loaded>()
  #placements = new WeakMap<Program, Placement>()
  #program: Program | undefined
  #loaded: Loaded = { settings: new Uint32Array(0), ownAt: [], foreign: new Map() }
  /** Addresses of the literals of the program that is being compiled. */
  readonly #placed = new Map<Uint8Array, number>()
  /** Beginning and end of the literal that the next operation is to have. */
  readonly #literal: [number, number] = [0, 0]
  /** The same for one of the container's own: its index. */
  #ownIndex: number | undefined
  #opAt = 0
  #literalAt = 0
  #decodes = false

  /** `area`: `byteCount` bytes of the kernel's memory, all of which are `words`. */
  constructor(area: Uint8Array, words: Uint32Array, assembly: AssemblyExports) {
    this.#area = area
    this.#words = words
    this.#programAt = assembly.PROGRAM.value
    this.#guard = assembly.GUARD.value
    this.#forgetAll()
  }

  load(program: Program): void {
    if (program === this.#program) return
    this.#program = program
    const inPlace = this.#loaded // before another one is compiled
    const { loaded, spans } = this.#placements.get(program) ?? this.#placementOf(program)
    if (loaded !== inPlace) this.#words.set(loaded.settings, this.#programAt / layout.WORD)
    this.#loaded = loaded
    const { ownAt } = loaded
    for (let at = 0; at < ownAt.length; at += 2) {
      const address = ownAt[at] ?? 0
      const span = 2 * (ownAt[at + 1] ?? 0)
      this.#set(address + layout.OP_LITERAL, spans[span] ?? 0)
      this.#set(address + layout.OP_LITERAL_END, spans[span + 1] ?? 0)
    }
  }

  #placementOf(program: Program): Placement {
    this.#makeRoom()
    const { ops, literals = [] } = program
    const spans = this.#placeOwn(literals)
    const placement =
      spans === undefined
        ? { loaded: this.#compile(withLiterals(ops, literals)), spans: [] }
        : { loaded: this.#known.get(ops) ?? this.#compile(ops), spans }
    if (spans !== undefined) this.#known.set(ops, placement.loaded)
    this.#placements.set(program, placement)
    return placement
  }

  /** The literal that TypeScript writes for the operation at that address. */
  foreign(address: number): Uint8Array {
    return this.#loaded.foreign.get(address) as Uint8Array
  }

  get #literalsFrom(): number {
    return this.#area.byteOffset + OPERATIONS * layout.OP_SIZE
  }

  #forgetAll(): void {
    this.#known = new WeakMap()
    this.#placements = new WeakMap()
    this.#opAt = this.#area.byteOffset
    this.#literalAt = this.#literalsFrom
  }

  #makeRoom(): void {
    const areOpsHalfUsed = this.#opAt - this.#area.byteOffset > (OPERATIONS * layout.OP_SIZE) / 2
    if (areOpsHalfUsed || this.#literalAt - this.#literalsFrom > LITERAL_BYTES / 2) this.#forgetAll()
  }

  #compile(ops: readonly Op[]): Loaded {
    const loaded = { settings: new Uint32Array(layout.PROGRAM_SIZE / layout.WORD), ownAt: [], foreign: new Map() }
    this.#loaded = loaded
    this.#decodes = false
    this.#placed.clear()
    for (const flags of USUAL) this.#setList(flags * layout.WORD, ops, flags)
    this.#setList(layout.PROGRAM_ODD, ops, undefined)
    loaded.settings[layout.PROGRAM_DECODES / layout.WORD] = Number(this.#decodes)
    return loaded
  }

  #setList(at: number, ops: readonly Op[], flags: number | undefined): void {
    this.#loaded.settings[at / layout.WORD] = this.#opAt
    for (const op of ops) this.#add(op, flags)
    this.#put(layout.OP_END)
  }

  /** `flags` of the rows that the list is for; undefined for all rows. */
  #add(op: Op, flags: number | undefined): void {
    switch (op.op) {
      case 'literal':
        this.#addLiteral(op.bytes)
        break
      case 'own-literal':
        this.#endLiteral()
        this.#ownIndex = op.index
        break
      case 'time':
        if (op.as === 'written') this.#put(layout.OP_TIME)
        else if (op.as === 'seconds') this.#put(layout.OP_TIME_NUMBER, layout.AS_SECONDS, NANOSECONDS.ns)
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
      case 'trace':
        this.#decodes = true
        this.#put(layout.OP_TRACE, 0, this.#placeTable(op.literals))
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
      case 'note':
        this.#put(layout.OP_NOTE, Number(op.as === 'string'))
        break
      case 'redacted':
        this.#put(layout.OP_REDACTED, Number(op.as === 'text'))
        break
      case 'prefix':
        this.#addGroup(layout.OP_PREFIX, [FORMS[op.as], 0], op.ops, flags)
        break
      case 'if': {
        const [mask, value] = maskOf(op.when)
        if (flags === undefined) this.#addGroup(layout.OP_IF, [mask, value], op.ops, flags)
        // In usual rows no lines are joined, and nothing is redacted: see OP_IF.
        else if (mask !== 0 && (flags & mask) === value) for (const inner of op.ops) this.#add(inner, flags)
      }
    }
  }

  #addGroup(kind: number, [form, value]: readonly number[], ops: readonly Op[], flags: number | undefined): void {
    const at = this.#opAt
    this.#put(kind, form, value)
    for (const op of ops) this.#add(op, flags)
    this.#endLiteral()
    this.#set(at + layout.OP_NEXT, this.#opAt)
  }

  #addLiteral(bytes: Uint8Array): void {
    this.#endLiteral()
    const start = this.#place(bytes, TABLE_BYTES)
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
    if (this.#literal[1] > 0 || this.#ownIndex !== undefined) this.#put(layout.OP_NOTHING)
  }

  /** Undefined if there is no room for all of them. */
  #placeOwn(literals: readonly Uint8Array[]): number[] | undefined {
    this.#placed.clear()
    const spans: number[] = []
    for (const bytes of literals) {
      const start = this.#place(bytes, TABLE_BYTES)
      if (start === undefined) return undefined
      spans.push(start, start + bytes.length)
    }
    return spans
  }

  #placeTable(literals: readonly Uint8Array[]): number {
    const spans = literals.flatMap((bytes) => {
      const start = this.#place(bytes, 0)
      if (start === undefined) throw new RangeError('the levels are too long')
      return [start, start + bytes.length]
    })
    const at = (this.#literalAt + 3) & ~3
    this.#words.set(spans, at / layout.WORD)
    this.#literalAt = at + literals.length * layout.SPAN_SIZE
    return at
  }

  /** Copies a literal to the area. Returns its address; undefined if then fewer than `spare` bytes are left. */
  #place(bytes: Uint8Array, spare: number): number | undefined {
    const known = this.#placed.get(bytes)
    if (known !== undefined) return known
    const start = this.#literalAt
    const offset = start - this.#area.byteOffset
    if (offset + bytes.length + this.#guard + spare > this.#area.length) return undefined
    this.#area.set(bytes, offset)
    this.#placed.set(bytes, start)
    this.#literalAt = start + bytes.length + this.#guard
    return start
  }

  #put(kind: number, form = 0, value = 0): void {
    if (this.#opAt >= this.#literalsFrom) throw new RangeError('the program is too long')
    const at = this.#opAt
    this.#set(at + layout.OP_KIND, kind)
    this.#set(at + layout.OP_LITERAL, this.#literal[0])
    this.#set(at + layout.OP_LITERAL_END, this.#literal[1])
    this.#set(at + layout.OP_FORM, form)
    this.#set(at + layout.OP_VALUE, value)
    this.#literal.fill(0)
    if (this.#ownIndex !== undefined) this.#loaded.ownAt.push(at, this.#ownIndex)
    this.#ownIndex = undefined
    this.#opAt = at + layout.OP_SIZE
  }

  #set(address: number, value: number): void {
    this.#words[address >>> layout.WORD_SHIFT] = value
  }
}

/** The same operations, with the literals in them. */
function withLiterals(ops: readonly Op[], literals: readonly Uint8Array[]): Op[] {
  return ops.map((op): Op => {
    if (op.op === 'own-literal') return { op: 'literal', bytes: literals[op.index] ?? new Uint8Array(0) }
    return 'ops' in op ? { ...op, ops: withLiterals(op.ops, literals) } : op
  })
}

/** The flags to look at, and the value that they must have. */
function maskOf(when: Condition): readonly [mask: number, value: number] {
  if ('stream' in when) return [layout.STREAM, STREAMS[when.stream]]
  if ('form' in when) return [layout.JSON_FORM, when.form === 'json' ? layout.JSON_FORM : 0]
  if ('usual' in when) return [layout.ODD, when.usual ? 0 : layout.ODD]
  return FLAGS[when.is]
}

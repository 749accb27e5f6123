import type { Kernel } from './kernel.ts'
import * as layout from './layout.ts'
import type { Table } from './table.ts'

// Hot file: runs once per chunk, and for records that may have something to redact. Guarded by test/bench.

/** What is put in place of a row's body. */
export interface Replacement {
  readonly text: string
  /** Bytes of the body that it replaces, decoded. */
  readonly bytes: number
  /** The rules that hit, one bit each, and their names as a list of JSON and as a text. */
  readonly rules: number
  readonly list: string
  readonly names: string
}

/** What the kernel looks for in rows, and where it keeps what is put in place of their bodies. */
export class Redactions {
  readonly #kernel: Kernel
  readonly #settings: number
  readonly #suspects: number
  #used = 0

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#settings = kernel.assembly.SETTINGS.value
    this.#suspects = kernel.assembly.SUSPECTS.value
    kernel.put(this.#settings + layout.REDACT_BYTES, kernel.redacted.length)
  }

  /** Texts that the kernel finds by itself: those of patterns. Call once. */
  setLiterals(literals: readonly Uint8Array[]): void {
    const spans = literals.flatMap((literal) => {
      const at = this.#kernel.placeLiteral(literal)
      return [at, at + literal.length]
    })
    const at = this.#kernel.placeLiteral(new Uint8Array(Uint32Array.from(spans).buffer))
    this.#kernel.put(this.#settings + layout.LITERALS, at)
    this.#kernel.put(this.#settings + layout.LITERAL_COUNT, literals.length)
  }

  /** What is looked for in the next rows: bits as in layout.ts. */
  set looks(bits: number) {
    this.#kernel.put(this.#settings + layout.LOOKS, bits)
    this.#kernel.put(this.#settings + layout.KEEPS_KEYS, Number((bits & layout.LOOK_TOKENS) !== 0))
  }

  /** Forgets what was put for the window before. */
  begin(): void {
    this.#used = 0
  }

  /** What the row may have: bits as in layout.ts. */
  suspicionOf(index: number): number {
    return this.#kernel.get(this.#suspects + index * layout.WORD)
  }

  /** The row has nothing to redact. */
  clear(index: number): void {
    this.#kernel.put(this.#suspects + index * layout.WORD, 0)
  }

  /** Replaces the row's body. What stood as JSON is JSON still, unless it has become too long. */
  replace(table: Table, index: number, replacement: Replacement): void {
    const kernel = this.#kernel
    const row = table.row(index)
    const flags = table.flagsOf(index)
    const whole = Buffer.from(replacement.text.toWellFormed())
    const missing = missingBytes(
      flags,
      kernel.get(row + layout.ROW_TRUE_BYTES),
      kernel.get(row + layout.ROW_BODY_BYTES),
    )
    const isLong = missing > 0 || whole.length > kernel.maximumBody
    // No more than is delivered, and whether there is more: for so much the kernel knows that there is room.
    const body = whole.subarray(0, kernel.maximumBody + 1)
    const isJson = (flags & layout.JSON_FORM) !== 0 && !isLong
    const wasCut = (flags & (layout.LONG | layout.TRUNCATED)) !== 0
    kernel.put(row + layout.ROW_BODY, this.#keep(body))
    kernel.put(row + layout.ROW_BODY_BYTES, body.length)
    kernel.put(row + layout.ROW_TRUE_BYTES, wasCut ? replacement.bytes + missing : whole.length)
    const changed = layout.ESCAPED | layout.LONG | layout.JSON_FORM
    const now = layout.ODD | (isLong ? layout.LONG : 0) | (isJson ? layout.JSON_FORM : 0)
    table.setFlags(index, (flags & ~changed) | now)
    kernel.put(this.#suspects + index * layout.WORD, this.#keepNames(replacement))
  }

  #keepNames({ rules, list, names }: Replacement): number {
    const bytes = Buffer.from(list + names)
    const head = Uint32Array.of(rules, list.length, names.length)
    return this.#keep(Buffer.concat([Buffer.from(head.buffer), bytes]))
  }

  #keep(bytes: Uint8Array): number {
    const { redacted, memory, assembly } = this.#kernel
    const at = redacted.byteOffset + this.#used
    this.#used += (bytes.length + assembly.GUARD.value + 15) & ~15
    if (this.#used > redacted.length) throw new RangeError('what was redacted has no room')
    memory.set(bytes, at)
    return at
  }
}

/** Bytes of a body's end that were not kept. Of what is escaped, all is there. */
function missingBytes(flags: number, trueBytes: number, bytes: number): number {
  return (flags & (layout.LONG | layout.ESCAPED)) === layout.LONG ? trueBytes - bytes : 0
}

import type { AssemblyExports } from './assembly-exports.ts'
import { SPAN_END, SPAN_SIZE, SPAN_START, WORD } from './layout.ts'

/** Bytes of a value that are looked at. */
const VALUE_BYTES = 32

/** What the JSON object that the kernel recognised last has for some members. */
export class JsonMembers {
  readonly #memory: Buffer
  readonly #valueWords: Uint32Array

  /** `names`: eight of 16 ASCII characters at the most. */
  constructor(names: readonly string[], memory: Buffer, assembly: AssemblyExports) {
    this.#memory = memory
    this.#valueWords = new Uint32Array(
      memory.buffer,
      assembly.VALUES.value,
      (assembly.MEMBERS.value * SPAN_SIZE) / WORD,
    )
    for (const [index, name] of names.entries())
      memory.write(name, assembly.NAMES.value + index * assembly.NAME_BYTES.value, 'latin1')
  }

  /**
   * The string or number that it has for the name at that place; else undefined. Strings as they are written, without their quotes. Of
   * what takes more than 32 bytes these, as a string.
   */
  valueAt(place: number): string | number | undefined {
    const start = this.#valueWords[(place * SPAN_SIZE + SPAN_START) / WORD] as number
    if (start === 0) return undefined
    const end = this.#valueWords[(place * SPAN_SIZE + SPAN_END) / WORD] as number
    const isCut = end - start > VALUE_BYTES
    const written = this.#memory.toString('latin1', start, isCut ? start + VALUE_BYTES : end)
    if (written.startsWith('"')) return written.slice(1, isCut ? undefined : -1)
    if (isCut) return written.startsWith('{') || written.startsWith('[') ? undefined : written
    const number = Number(written)
    return Number.isNaN(number) ? undefined : number
  }
}

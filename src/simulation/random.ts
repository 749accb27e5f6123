/** The characters that Kubernetes uses in generated names. Source: apimachinery, `util/rand`. */
const NAME_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** A seeded random generator: the same seed gives the same names, ids and lines. Xorshift; not for secrets. */
export class Random {
  #state: number

  constructor(seed: number) {
    // Similar seeds must not give similar numbers, and xorshift never leaves zero.
    this.#state = Math.imul(seed + 1, 0x9e3779b1) || 1
  }

  /** At least 0, below 1. */
  next(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return (state >>> 0) / 2 ** 32
  }

  /** A whole number of at least 0, below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** One of the values; throws a RangeError if there is none. */
  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)]
    if (value === undefined) throw new RangeError('nothing to pick from')
    return value
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.below(16).toString(16)).join('')
  }

  /** 36 characters, like a uid of the API server. */
  uuid(): string {
    const variant = this.pick(['8', '9', 'a', 'b'])
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`
  }

  /** The generated suffix of a name: five characters for a pod, nine or ten for a pod template's hash. */
  nameSuffix(length: number): string {
    return Array.from({ length }, () => NAME_CHARACTERS[this.below(NAME_CHARACTERS.length)]).join('')
  }
}

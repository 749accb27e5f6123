/** Counts by name. Only the first names have counts of their own, since names come from other programs and each may become a series of a metric. */
export class CountsByName {
  readonly #mostNames: number
  readonly #counts = new Map<string, number>()

  /** `mostNames`: names that are not among the first so many share `other`. */
  constructor(mostNames: number) {
    this.#mostNames = mostNames
  }

  add(name: string, count: number): void {
    const key = this.#counts.has(name) || this.#counts.size < this.#mostNames ? name : 'other'
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count)
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }
}

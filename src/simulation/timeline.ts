/** Steps to take at given times; nothing happens until `advance` says how late it is. */
export class Timeline {
  #now = 0
  /** The earliest first; of the same time, the one planned first. */
  readonly #due: { readonly at: number; readonly step: () => void }[] = []

  /** Takes a step that many milliseconds from now; a step may plan others. */
  after(milliseconds: number, step: () => void): void {
    this.#due.push({ at: this.#now + milliseconds, step })
    this.#due.sort((one, other) => one.at - other.at)
  }

  /** Takes the same step again and again, the first time after `firstMs`. */
  every(milliseconds: number, step: () => void, { firstMs = milliseconds } = {}): void {
    this.after(firstMs, () => {
      step()
      this.every(milliseconds, step)
    })
  }

  /** Takes all steps up to that many milliseconds since the start, in the order of their times. */
  advance(elapsedMs: number): void {
    for (let next = this.#due[0]; next !== undefined && next.at <= elapsedMs; next = this.#due[0]) {
      this.#due.shift()
      this.#now = next.at
      next.step()
    }
    this.#now = Math.max(this.#now, elapsedMs)
  }
}

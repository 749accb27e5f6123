/** Steps at planned times; they run when `advance` reaches them. */
export class Timeline {
  #now = 0
  /** In the order of their times; for equal times in the order of planning. */
  readonly #due: { readonly at: number; readonly step: () => void }[] = []

  /** Plans a step in so many milliseconds; a step may plan others. */
  after(milliseconds: number, step: () => void): void {
    this.#due.push({ at: this.#now + milliseconds, step })
    this.#due.sort((one, other) => one.at - other.at)
  }

  /** Plans a repeated step, the first time after `firstMs`. */
  every(milliseconds: number, step: () => void, { firstMs = milliseconds } = {}): void {
    this.after(firstMs, () => {
      step()
      this.every(milliseconds, step)
    })
  }

  /** Runs all steps up to that many milliseconds since the start, in the order of their times. */
  advance(elapsedMs: number): void {
    for (let next = this.#due[0]; next !== undefined && next.at <= elapsedMs; next = this.#due[0]) {
      this.#due.shift()
      this.#now = next.at
      next.step()
    }
    this.#now = Math.max(this.#now, elapsedMs)
  }
}

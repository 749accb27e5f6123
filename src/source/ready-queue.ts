/** Whose turn is next: each waits once, in the order of coming; one that comes back goes to the end. */
export class ReadyQueue<T> {
  readonly #waiting = new Set<T>()
  readonly #timers = new Map<T, NodeJS.Timeout>()
  #announce: () => void = () => {}

  get size(): number {
    return this.#waiting.size
  }

  has(one: T): boolean {
    return this.#waiting.has(one)
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#waiting.values()
  }

  add(one: T): void {
    this.#waiting.add(one)
    this.#announce()
  }

  /** Before all others: what it needs is an empty batch, which only the first of a round is sure to get. */
  addFirst(one: T): void {
    const others = [...this.#waiting].filter((other) => other !== one)
    this.#waiting.clear()
    for (const next of [one, ...others]) this.#waiting.add(next)
    this.#announce()
  }

  /** Adds it then, unless it is taken before; a later call replaces an earlier one. Infinity: not by time. */
  addIn(one: T, milliseconds: number): void {
    clearTimeout(this.#timers.get(one))
    this.#timers.delete(one)
    if (!Number.isFinite(milliseconds)) return
    const timer = setTimeout(() => {
      this.#timers.delete(one)
      this.add(one)
    }, milliseconds)
    this.#timers.set(one, timer)
  }

  /** The first in the queue, which leaves it. */
  take(): T | undefined {
    const [first] = this.#waiting
    if (first !== undefined) this.remove(first)
    return first
  }

  remove(one: T): void {
    this.#waiting.delete(one)
    clearTimeout(this.#timers.get(one))
    this.#timers.delete(one)
  }

  /** Resolves as soon as anyone waits, or at the next `poke`. */
  async filled(): Promise<void> {
    if (this.#waiting.size > 0) return
    await new Promise<void>((resolve) => {
      this.#announce = resolve
    })
  }

  /** Ends a wait in `filled`. */
  poke(): void {
    this.#announce()
  }
}

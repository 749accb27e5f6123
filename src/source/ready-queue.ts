import type { Clock } from '../lib/clock.ts'
import { Timer } from '../lib/timer.ts'

/** Whose turn is next: each waits once, in the order of coming; one that comes back goes to the end. */
export class ReadyQueue<T> {
  readonly #clock: Clock
  readonly #waiting = new Set<T>()
  /** At least one that waits is known to have bytes, not only an event. */
  #isUrgent = false
  readonly #timers = new Map<T, Timer>()
  #announce: () => void = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Somebody waits, and all who do were merely woken: they may wait a moment for others. */
  get isPatient(): boolean {
    return this.#waiting.size > 0 && !this.#isUrgent
  }

  has(one: T): boolean {
    return this.#waiting.has(one)
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#waiting.values()
  }

  add(one: T): void {
    this.#isUrgent = true
    this.addWoken(one)
  }

  /** There may be something for it. */
  addWoken(one: T): void {
    this.#waiting.add(one)
    this.#announce()
  }

  /** Before all others: what it needs is an empty batch, which only the first of a round is sure to get. */
  addFirst(one: T): void {
    const others = [...this.#waiting].filter((other) => other !== one)
    this.#waiting.clear()
    for (const next of [one, ...others]) this.#waiting.add(next)
    this.#isUrgent = true
    this.#announce()
  }

  /** Adds it then, unless it is taken before; a later call replaces an earlier one. Infinity: not by time. */
  addIn(one: T, milliseconds: number): void {
    this.#clearTimer(one)
    if (!Number.isFinite(milliseconds)) return
    const timer = new Timer(this.#clock)
    timer.set(milliseconds, () => {
      this.#timers.delete(one)
      this.add(one)
    })
    this.#timers.set(one, timer)
  }

  /** The first in the queue, which leaves it. */
  take(): T | undefined {
    const [first] = this.#waiting
    if (first === undefined) return undefined
    this.remove(first)
    if (this.#waiting.size === 0) this.#isUrgent = false
    return first
  }

  remove(one: T): void {
    this.#waiting.delete(one)
    this.#clearTimer(one)
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

  #clearTimer(one: T): void {
    this.#timers.get(one)?.clear()
    this.#timers.delete(one)
  }
}

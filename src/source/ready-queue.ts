import type { Clock } from '../lib/clock.ts'
import { Timer } from '../lib/timer.ts'

/** Whose turn is next: first in, first out, each at most once. */
export class ReadyQueue<T> {
  readonly #clock: Clock
  readonly #waiting = new Set<T>()
  /** At least one in the queue is known to have bytes, not only an event. */
  #isUrgent = false
  readonly #timers = new Map<T, Timer>()
  #announce: () => void = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#waiting.size
  }

  /** The queue is not empty, and everything in it had only an event: it may wait a moment for more. */
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

  /** There may be something to read. */
  addWoken(one: T): void {
    this.#waiting.add(one)
    this.#announce()
  }

  /** Goes to the front: it needs an empty batch, and only the first of a round is sure to get one. */
  addFirst(one: T): void {
    const others = [...this.#waiting].filter((other) => other !== one)
    this.#waiting.clear()
    for (const next of [one, ...others]) this.#waiting.add(next)
    this.#isUrgent = true
    this.#announce()
  }

  /** Adds it after so many milliseconds, unless it is taken before; a later call replaces an earlier one. Infinity: no timer. */
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

  /** Removes and returns the first in the queue. */
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

  /** Resolves when the queue is not empty, or at the next `poke`. */
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

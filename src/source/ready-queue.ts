import type { Clock } from '../lib/clock.ts'
import { Timer } from '../lib/timer.ts'

/** Turns of quiet logs, one after the other, before a busy one has one too: some 5 ms. */
const MOST_BEFORE = 64
/** Of so many turns for those that have more to read than a turn takes, one goes to the one that waits longest. */
const LONGEST_EACH = 4

/**
 * Whose turn is next. Those that were woken come in their order. The busy ones, which have more to read than a turn takes, or write all the time, have one
 * turn in between, however many they are: so nobody who was quiet waits for two of them. Which of these comes, its urgency decides.
 */
export class ReadyQueue<T> {
  readonly #clock: Clock
  /** The lower, the sooner it has to come. */
  readonly #urgencyOf: (one: T) => number
  readonly #first = new Set<T>()
  readonly #waiting = new Set<T>()
  readonly #busy = new Set<T>()
  /** How many of the quiet ones come before the next busy one; undefined: those that are there now. */
  #before: number | undefined
  #busyTurns = 0
  /** At least one in the queue is known to have bytes, not only an event. */
  #isUrgent = false
  readonly #timers = new Map<T, Timer>()
  #announce: () => void = () => {}

  constructor(clock: Clock, urgencyOf: (one: T) => number = () => 0) {
    this.#clock = clock
    this.#urgencyOf = urgencyOf
  }

  get size(): number {
    return this.#first.size + this.#waiting.size + this.#busy.size
  }

  /** The queue is not empty, and everything in it had only an event: it may wait a moment for more. */
  get isPatient(): boolean {
    return this.size > 0 && !this.#isUrgent
  }

  has(one: T): boolean {
    return this.#waiting.has(one) || this.#busy.has(one) || this.#first.has(one)
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.#first
    yield* this.#waiting
    yield* this.#busy
  }

  add(one: T): void {
    this.#isUrgent = true
    this.addWoken(one)
  }

  /** There may be something to read. */
  addWoken(one: T): void {
    if (!this.has(one)) this.#waiting.add(one)
    this.#announce()
  }

  /** The same for one that is busy. */
  addPolled(one: T): void {
    if (!this.has(one)) this.#busy.add(one)
    this.#announce()
  }

  /** It has had a turn, and there is more to read. */
  addBusy(one: T): void {
    this.#isUrgent = true
    this.addPolled(one)
  }

  /** Goes to the front: it needs an empty batch, and only the first of a round is sure to get one. */
  addFirst(one: T): void {
    this.remove(one)
    this.#first.add(one)
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

  /** Removes and returns the next one. */
  take(): T | undefined {
    const next = this.#next()
    if (next === undefined) return undefined
    this.remove(next)
    if (this.size === 0) this.#isUrgent = false
    return next
  }

  remove(one: T): void {
    if (!this.#waiting.delete(one) && !this.#busy.delete(one)) this.#first.delete(one)
    if (this.#timers.size > 0) this.#clearTimer(one)
  }

  /** Resolves when the queue is not empty, or at the next `poke`. */
  filled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.size > 0) resolve()
      else this.#announce = resolve
    })
  }

  /** Ends a wait in `filled`. */
  poke(): void {
    this.#announce()
  }

  #next(): T | undefined {
    if (this.#first.size > 0) return firstOf(this.#first)
    this.#before ??= Math.min(MOST_BEFORE, this.#waiting.size)
    if (this.#waiting.size > 0 && (this.#before > 0 || this.#busy.size === 0)) {
      this.#before = Math.max(0, this.#before - 1)
      return firstOf(this.#waiting)
    }
    this.#before = undefined
    return this.#nextBusy()
  }

  #nextBusy(): T | undefined {
    this.#busyTurns += 1
    const longest = firstOf(this.#busy)
    if (longest === undefined || this.#busyTurns % LONGEST_EACH === 0) return longest
    let next: T = longest
    let least = this.#urgencyOf(longest)
    // Not by an iterator, which makes an object for each one.
    this.#busy.forEach((one) => {
      const urgency = this.#urgencyOf(one)
      if (urgency < least) {
        next = one
        least = urgency
      }
    })
    return next
  }

  #clearTimer(one: T): void {
    this.#timers.get(one)?.clear()
    this.#timers.delete(one)
  }
}

/** Not by destructuring, which calls into V8 four times. */
function firstOf<T>(all: ReadonlySet<T>): T | undefined {
  return all.values().next().value
}

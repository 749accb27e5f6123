import type { Clock } from './clock.ts'

/** One call that is due in a while by the clock; a later one replaces it. 2 µs each, beside 1 µs of a bare `setTimeout`. */
export class Timer {
  readonly #clock: Clock
  /** Ends the sleep under way; used again for the next one, since to make one costs as much as the rest. */
  #ending: AbortController | undefined
  /** Counts the calls that were asked for; undefined while none is due. */
  #due: number | undefined
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `onDue` after that many milliseconds, unless it is cleared or set again before. */
  set(milliseconds: number, onDue: () => void): void {
    if (this.#due !== undefined) this.clear()
    this.#count += 1
    const due = this.#count
    this.#due = due
    this.#ending ??= new AbortController()
    void this.#clock.sleep(milliseconds, this.#ending.signal).then(() => {
      if (this.#due !== due) return
      this.#due = undefined
      onDue()
    })
  }

  clear(): void {
    this.#due = undefined
    this.#ending?.abort()
    this.#ending = undefined
  }
}

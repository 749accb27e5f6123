import type { Clock } from './clock.ts'

/** Nobody asks for it; without one, each end makes an exception with a stack. */
const CLEARED = 'cleared'

/** One delayed call; setting a new one replaces it. 2 µs each; a bare `setTimeout` takes 1 µs. */
export class Timer {
  readonly #clock: Clock
  /** Ends the current sleep. Reused for the next one: creating it costs as much as everything else here. */
  #ending: AbortController | undefined
  /** Number of the pending call; undefined if none is pending. */
  #due: number | undefined
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `onDue` after so many milliseconds, unless cleared or set again before. */
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
    this.#ending?.abort(CLEARED)
    this.#ending = undefined
  }
}

import type { Clock, SleepSignal } from './clock.ts'

/** One delayed call; setting a new one replaces it. */
export class Timer {
  readonly #clock: Clock
  /** Of the current sleep. */
  readonly #ending = new Ending()
  /** Number of the pending call; undefined if none is pending. */
  #due: number | undefined
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether a call is pending. */
  get isSet(): boolean {
    return this.#due !== undefined
  }

  /** Calls `onDue` after so many milliseconds, unless cleared or set again before. */
  set(milliseconds: number, onDue: () => void): void {
    if (this.isSet) this.clear()
    this.#count += 1
    const due = this.#count
    this.#due = due
    void this.#clock.sleep(milliseconds, this.#ending).then(() => {
      if (this.#due !== due) return
      this.#due = undefined
      onDue()
    })
  }

  clear(): void {
    this.#due = undefined
    this.#ending.end()
  }
}

/** Ends one sleep. An AbortController could too, but takes 1 KB, and each log has two timers. */
class Ending implements SleepSignal {
  readonly aborted = false
  #end: (() => void) | undefined

  addEventListener(_type: 'abort', end: () => void): void {
    this.#end = end
  }

  removeEventListener(): void {
    this.#end = undefined
  }

  end(): void {
    const end = this.#end
    this.#end = undefined
    end?.()
  }
}

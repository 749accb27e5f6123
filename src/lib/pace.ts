import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from './clock.ts'

/** Turns within WINDOW_MS from which on the loop waits for more logs to be woken. 100 lines/s are far below it, 500 above. */
const FREQUENT_TURNS = 30
const WINDOW_MS = 100
/**
 * Milliseconds. Each round costs 80 µs besides its lines, and each event that wakes the process up more than the line it tells of: with
 * 500 lines/s in 500 files this saves a quarter of the CPU.
 */
const GATHER_MS = 20
/** What nobody ever changes, to sleep on. */
const never = new Int32Array(new SharedArrayBuffer(4))

/** How fast a loop turns: while turns are frequent and nothing is known to be waiting, it sleeps a moment, so that one round serves many. */
export class Pace {
  readonly #clock: Clock
  #windowStartMs = 0
  #turns = 0
  #lastTurns = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be called at each turn. */
  countTurn(): void {
    this.#turnOver()
    this.#turns += 1
  }

  /**
   * Sleeps while turns are frequent, and the whole process with it, so that no event wakes it up; then all events that came meanwhile
   * are heard in one go. Else it returns at once.
   */
  async gather(): Promise<void> {
    this.#turnOver()
    if (this.#lastTurns < FREQUENT_TURNS) return
    Atomics.wait(never, 0, 0, GATHER_MS)
    // The first may come before the process listens to events again: in the round of the loop that was under way.
    await nextTurn()
    await nextTurn()
  }

  /** Begins another window when one is over. */
  #turnOver(): void {
    const passedMs = this.#clock.monotonic() - this.#windowStartMs
    if (passedMs < WINDOW_MS) return
    this.#lastTurns = passedMs < 2 * WINDOW_MS ? this.#turns : 0
    this.#turns = 0
    this.#windowStartMs += passedMs
  }
}

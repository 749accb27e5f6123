import type { Clock } from './clock.ts'
import { Histogram } from './histogram.ts'

/** Seconds that a tick comes late, because of long-running work or too little CPU on the node. */
const DELAY_LIMITS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]

/**
 * Whether a loop still turns, and how late it is. A tick at fixed intervals shows by its own delay how long everything else
 * has to wait. This costs nothing; Node's own histogram of delays wakes the process a hundred times a second.
 */
export class Pulse {
  readonly delaySeconds = new Histogram(DELAY_LIMITS)
  readonly #intervalMs: number
  readonly #clock: Clock
  #tickedMs: number
  #turnedMs: number

  constructor(intervalMs: number, clock: Clock) {
    this.#intervalMs = intervalMs
    this.#clock = clock
    this.#tickedMs = clock.monotonic()
    this.#turnedMs = this.#tickedMs
  }

  /** Milliseconds since the loop last turned; before its first turn, since this object was created. */
  get silentMs(): number {
    return this.#clock.monotonic() - this.#turnedMs
  }

  /** Call when the intervals begin. */
  start(): void {
    this.#tickedMs = this.#clock.monotonic()
  }

  /** Call at each tick. */
  tick(): void {
    const nowMs = this.#clock.monotonic()
    this.delaySeconds.add(Math.max(0, nowMs - this.#tickedMs - this.#intervalMs) / 1000)
    this.#tickedMs = nowMs
  }

  /** Call when the loop has done the work of a tick. */
  turn(): void {
    this.#turnedMs = this.#clock.monotonic()
  }
}

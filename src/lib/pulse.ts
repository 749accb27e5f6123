import type { Clock } from './clock.ts'
import { Histogram } from './histogram.ts'

/** Seconds that a tick comes late: by a long stretch of work, or on a node that is short of CPU. */
const DELAY_LIMITS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]

/**
 * Whether a loop turns, and how late it is. A tick that is to come at fixed intervals tells by its own lateness how long everything
 * has to wait, at no cost: Node's own histogram of delays wakes the process a hundred times a second.
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

  /** Milliseconds since the loop came round; at first, since it was made. */
  get silentMs(): number {
    return this.#clock.monotonic() - this.#turnedMs
  }

  /** To be called when the intervals begin. */
  start(): void {
    this.#tickedMs = this.#clock.monotonic()
  }

  /** To be called at each tick. */
  tick(): void {
    const nowMs = this.#clock.monotonic()
    this.delaySeconds.add(Math.max(0, nowMs - this.#tickedMs - this.#intervalMs) / 1000)
    this.#tickedMs = nowMs
  }

  /** To be called when the loop has done what the tick asks for. */
  turn(): void {
    this.#turnedMs = this.#clock.monotonic()
  }
}

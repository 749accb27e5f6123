import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/lib/clock.ts'

/** Milliseconds. Whoever wakes within one of these wakes at once. */
const TICK_MS = 10

/** Time that passes as fast as what happens in it can be computed, for thousands of sleepers. */
export class VirtualClock implements Clock {
  #nowMs = 0
  /** By tick. */
  readonly #sleepers = new Map<number, Set<() => void>>()

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const tick = Math.ceil((this.#nowMs + milliseconds) / TICK_MS)
      const others = this.#sleepers.get(tick) ?? new Set()
      // Listeners that stay make each new one of that signal slower.
      const wake = () => {
        signal?.removeEventListener('abort', cancel)
        resolve()
      }
      const cancel = () => {
        others.delete(wake)
        wake()
      }
      this.#sleepers.set(tick, others.add(wake))
      signal?.addEventListener('abort', cancel)
    })
  }

  /** Lets time pass; resolves when all that happens until then has happened. */
  async pass(milliseconds: number): Promise<void> {
    const last = Math.ceil((this.#nowMs + milliseconds) / TICK_MS)
    await setImmediate()
    for (let tick = Math.ceil(this.#nowMs / TICK_MS); tick <= last; tick += 1) {
      this.#nowMs = tick * TICK_MS
      const due = this.#sleepers.get(tick)
      if (due === undefined) continue
      this.#sleepers.delete(tick)
      for (const wake of due) wake()
      await setImmediate()
    }
  }
}

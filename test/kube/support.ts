import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/lib/clock.ts'
import type { Log } from '../../src/model/log.ts'

/** Milliseconds: for a loaded machine. A wait that is not in vain ends when its condition holds. */
const TIMEOUT_MS = 60_000

/** Resolves when the condition holds; rejects when it does not for a minute. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition}`)
    await setImmediate()
  }
}

/** Time that passes when the test says so. */
export class ManualClock implements Clock {
  #time = 0
  #sleepers: { readonly until: number; readonly wake: () => void }[] = []

  now(): number {
    return this.#time
  }

  monotonic(): number {
    return this.#time
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const sleeper = { until: this.#time + milliseconds, wake: resolve }
      this.#sleepers.push(sleeper)
      const end = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        resolve()
      }
      signal?.addEventListener('abort', end, { once: true })
    })
  }

  /** Sleeps that nobody has ended yet. */
  get sleeperCount(): number {
    return this.#sleepers.length
  }

  advance(milliseconds: number): void {
    this.#time += milliseconds
    const due = this.#sleepers.filter((sleeper) => sleeper.until <= this.#time)
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.until > this.#time)
    for (const sleeper of due) sleeper.wake()
  }
}

/** What was logged, as `level message` with its fields. */
export class RecordingLog implements Log {
  readonly entries: { readonly text: string; readonly fields: object }[] = []

  debug(): void {}

  info(message: string, fields: object = {}): void {
    this.entries.push({ text: `info ${message}`, fields })
  }

  warn(message: string, fields: object = {}): void {
    this.entries.push({ text: `warn ${message}`, fields })
  }

  error(message: string, fields: object = {}): void {
    this.entries.push({ text: `error ${message}`, fields })
  }
}

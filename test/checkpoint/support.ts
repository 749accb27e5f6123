import { ByteRanges } from '../../src/lib/byte-ranges.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { Checkpoint, Settling } from '../../src/model/checkpoint.ts'
import type { Log } from '../../src/model/log.ts'

/** All before that, by stream. */
export function upTo(stdout: number, stderr = stdout): Settling {
  return { stdout: { from: 0, to: stdout }, stderr: { from: 0, to: stderr } }
}

/** What is stored after `upTo`. */
export function at(stdout: number, stderr: number, isDone = false): Checkpoint {
  const [head, other] = [
    { from: 0, to: stdout },
    { from: 0, to: stderr },
  ]
  return { stdout: ByteRanges.none.with(head), stderr: ByteRanges.none.with(other), isDone }
}

/** A log that keeps what it is told, as `level: message`; debug left out. */
export class KeptLog implements Log {
  readonly lines: string[] = []

  debug(): void {}

  info(message: string): void {
    this.lines.push(`info: ${message}`)
  }

  warn(message: string): void {
    this.lines.push(`warn: ${message}`)
  }

  error(message: string): void {
    this.lines.push(`error: ${message}`)
  }
}

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** Time that stands still until it is turned. */
export class ManualClock implements Clock {
  #ms = 1_800_000_000_000
  readonly #sleepers = new Set<Sleeper>()

  now(): number {
    return this.#ms
  }

  monotonic(): number {
    return this.#ms
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { atMs: this.#ms + milliseconds, wake: resolve }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', () => this.#wake(sleeper), { once: true })
    })
  }

  get sleepers(): number {
    return this.#sleepers.size
  }

  /** Lets time pass, and what waited for it run. */
  async pass(milliseconds: number): Promise<void> {
    this.#ms += milliseconds
    for (const sleeper of this.#sleepers) if (sleeper.atMs <= this.#ms) this.#wake(sleeper)
    await new Promise((resolve) => setImmediate(resolve))
  }

  #wake(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper)
    sleeper.wake()
  }
}

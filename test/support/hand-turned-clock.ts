import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../src/lib/clock.ts'

/** A clock that stands still until it is turned: `pass` ends the sleeps that are due, in their order. */
export function handTurnedClock(): Clock & { pass(milliseconds: number): Promise<void> } {
  let nowMs = 1000
  const sleepers = new Set<{ readonly untilMs: number; wake(): void }>()
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const sleeper = {
          untilMs: nowMs + milliseconds,
          wake: () => {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', sleeper.wake)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', sleeper.wake)
      }),
    pass: async (milliseconds) => {
      const untilMs = nowMs + milliseconds
      for (;;) {
        const [next] = [...sleepers].sort((a, b) => a.untilMs - b.untilMs)
        if (next === undefined || next.untilMs > untilMs) break
        nowMs = next.untilMs
        next.wake()
        await nextTurn()
      }
      nowMs = untilMs
    },
  }
}

/** What ends a sleep: the part of an AbortSignal that a clock needs. */
export interface SleepSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', end: () => void): void
  removeEventListener(type: 'abort', end: () => void): void
}

/** All code takes the time from a Clock, so that tests can pass a manual one. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds that never go backwards, for durations. */
  monotonic(): number
  /** Resolves after so many milliseconds, or at once when the signal aborts. Never rejects. */
  sleep(milliseconds: number, signal?: SleepSignal): Promise<void>
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, Math.max(0, milliseconds))
      signal?.addEventListener('abort', finish)
    }),
}

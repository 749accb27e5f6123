import { type Clock, systemClock } from '../../src/lib/clock.ts'

/** A clock that runs so many times as fast, and keeps what it was asked to wait. */
export function hastyClock(speed = 100): Clock & { readonly waits: number[] } {
  const waits: number[] = []
  return {
    waits,
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * speed,
    sleep: (milliseconds, signal) => {
      waits.push(milliseconds)
      return systemClock.sleep(milliseconds / speed, signal)
    },
  }
}

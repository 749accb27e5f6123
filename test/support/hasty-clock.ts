import { type Clock, systemClock } from '../../src/lib/clock.ts'

/** A clock that runs a hundred times as fast, and keeps what it was asked to wait. */
export function hastyClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = []
  return {
    waits,
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * 100,
    sleep: (milliseconds, signal) => {
      waits.push(milliseconds)
      return systemClock.sleep(milliseconds / 100, signal)
    },
  }
}

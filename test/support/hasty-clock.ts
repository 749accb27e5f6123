import { type Clock, systemClock } from '../../src/lib/clock.ts'

/**
 * A clock whose waits take so many times less, and that keeps what it was asked to wait. What takes long for other reasons, such as a busy
 * machine, does not take longer by this clock.
 */
export function hastyClock(speed = 100): Clock & { readonly waits: number[] } {
  const waits: number[] = []
  let aheadMs = 0
  const monotonic = () => systemClock.monotonic() + aheadMs
  return {
    waits,
    now: () => systemClock.now(),
    monotonic,
    sleep: async (milliseconds, signal) => {
      waits.push(milliseconds)
      const untilMs = monotonic() + milliseconds
      await systemClock.sleep(milliseconds / speed, signal)
      if (signal?.aborted !== true) aheadMs = Math.max(aheadMs, untilMs - systemClock.monotonic())
    },
  }
}

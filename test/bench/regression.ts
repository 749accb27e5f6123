import type { ThroughputResult } from './throughput.ts'

// Ratios to `cat` of the same bytes in the same run, so that they mean the same on a slow machine and on a busy one. Not to `wc -l`:
// how fast that is depends on the vector instructions it was built for. Wide enough that only a change of kind exceeds them.

/** Seconds of the agent for each second of `cat`, while it reads. Measured: 50 on two cores that others used. */
const MOST_WALL_RATIO = 150
/** CPU seconds of all its threads for each second of `cat`. Measured: 60. */
const MOST_CPU_RATIO = 180

/** Ratios to `cat`, of medians. */
export function ratiosToCat({ megabytesPerSecond, cpuSecondsPerGigabyte, catMegabytesPerSecond }: ThroughputResult) {
  return {
    wall: catMegabytesPerSecond.median / megabytesPerSecond.median,
    cpu: (cpuSecondsPerGigabyte.median * catMegabytesPerSecond.median) / 1000,
  }
}

/** A sentence for each. */
export function regressions(result: ThroughputResult): string[] {
  const { wall, cpu } = ratiosToCat(result)
  const tell = (what: string, ratio: number, most: number) =>
    ratio <= most ? [] : [`${result.corpus}: ${ratio.toFixed(0)} ${what} for each second of cat; ${most} at the most`]
  return [...tell('seconds', wall, MOST_WALL_RATIO), ...tell('CPU seconds', cpu, MOST_CPU_RATIO)]
}

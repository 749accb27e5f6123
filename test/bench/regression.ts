import type { ThroughputResult } from './throughput.ts'

// Ratios to `cat` of the same bytes in the same run, so that they mean the same on a slow machine and on a busy one. Not to `wc -l`:
// how fast that is depends on the vector instructions it was built for. Wide enough that only a change of kind exceeds them.

/** Seconds of the agent for each second of `cat`, while it reads. Measured: 35 on two cores that others used too. */
const MOST_WALL_RATIO = 100
/** CPU seconds of all its threads for each second of `cat`. Measured: 35. */
const MOST_CPU_RATIO = 100

/** A sentence for each ratio that is too high in the best run: what else the machine has to do makes a run slower, never faster. */
export function regressions(result: ThroughputResult): string[] {
  const catSecondsPerGigabyte = 1000 / result.catMegabytesPerSecond.median
  const wall = 1000 / result.megabytesPerSecond.most / catSecondsPerGigabyte
  const cpu = result.cpuSecondsPerGigabyte.least / catSecondsPerGigabyte
  const tell = (what: string, ratio: number, most: number) =>
    ratio <= most ? [] : [`${result.corpus}: ${ratio.toFixed(0)} ${what} for each second of cat; ${most} at the most`]
  return [...tell('seconds', wall, MOST_WALL_RATIO), ...tell('CPU seconds', cpu, MOST_CPU_RATIO)]
}

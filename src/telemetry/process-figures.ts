import { readdirSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

/** What the system and Node tell of this process. */
export interface ProcessFigures {
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly heapBytes: number
  readonly externalBytes: number
  /** Undefined where there is no /proc. */
  readonly openDescriptors: number | undefined
  /** Since 1970. */
  readonly startedSeconds: number
  /** Seconds that the event loop did not wait for something to do. */
  readonly loopBusySeconds: number
}

/** As of now. */
export function processFigures(): ProcessFigures {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    openDescriptors: openDescriptors(),
    startedSeconds: performance.timeOrigin / 1000,
    loopBusySeconds: performance.eventLoopUtilization().active / 1000,
  }
}

function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined // no Linux
  }
}

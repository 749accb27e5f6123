import { readdirSync } from 'node:fs'

/** What the system and Node report about this process. */
export interface ProcessFigures {
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly heapBytes: number
  readonly externalBytes: number
  /** Undefined if there is no /proc. */
  readonly openDescriptors: number | undefined
  /** Seconds since 1970. */
  readonly startedSeconds: number
  /** Seconds in which the event loop was not idle. */
  readonly loopBusySeconds: number
}

/** The current values. */
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
    return undefined // not Linux
  }
}

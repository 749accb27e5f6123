import { readFileSync } from 'node:fs'

/** Clock ticks in a second; the kernel shows 100 to programs on all machines that Node runs on. */
const TICKS_PER_SECOND = 100

/** What a process has used so far. */
export interface Usage {
  readonly cpuSeconds: number
  readonly peakRssMiB: number
}

/** Linux only; undefined when the process is gone. */
export function usageOf(pid: number): Usage | undefined {
  try {
    // After the name, which may hold anything but ends with the last parenthesis, user and system time are fields 12 and 13.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const peak = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
    return { cpuSeconds, peakRssMiB: Number(peak ?? Number.NaN) / 1024 }
  } catch {
    return undefined
  }
}

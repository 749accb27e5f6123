import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks in a second; the kernel shows 100 to programs on all machines that Node runs on. */
const TICKS_PER_SECOND = 100

/** What a process has used so far. */
export interface Usage {
  readonly cpuSeconds: number
  readonly peakRssMiB: number
  readonly rssMiB: number
}

/** Linux only; undefined when the process is gone. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const mebibytes = (name: string) => numberOf(status, name) / 1024
    return { cpuSeconds: cpuSecondsOf(pid), peakRssMiB: mebibytes('VmHWM'), rssMiB: mebibytes('VmRSS') }
  } catch {
    return undefined
  }
}

/** Of all its threads, also those that have ended. Linux only; throws when the process is gone. */
export function cpuSecondsOf(pid: number): number {
  const { user, system } = cpuTimesOf(pid)
  return user + system
}

/** Seconds, as `cpuSecondsOf`. */
export function cpuTimesOf(pid: number): { readonly user: number; readonly system: number } {
  // After the name, which may hold anything but ends with the last parenthesis, user and system time are fields 12 and 13.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return { user: Number(fields[11]) / TICKS_PER_SECOND, system: Number(fields[12]) / TICKS_PER_SECOND }
}

/** Bytes that a process has handed to write calls so far, wherever they went. Linux only; throws when the process is gone. */
export function writtenBytesOf(pid: number): number {
  return numberOf(readFileSync(`/proc/${pid}/io`, 'utf8'), 'wchar')
}

/** What the threads that a process has now have used. */
export interface ThreadUsage {
  /** To the nanosecond, where `cpuSecondsOf` counts ticks of 10 ms. */
  readonly cpuSeconds: number
  /** How often a thread went to sleep of its own will, and so was woken up. */
  readonly wakeUps: number
}

/** Linux only; throws when the process is gone. */
export function threadUsageOf(pid: number): ThreadUsage {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
  const nanoseconds = threads.map((path) => Number(readFileSync(`${path}/schedstat`, 'utf8').split(' ')[0]))
  const switches = threads.map((path) => numberOf(readFileSync(`${path}/status`, 'utf8'), 'voluntary_ctxt_switches'))
  return { cpuSeconds: sum(nanoseconds) / 1e9, wakeUps: sum(switches) }
}

/**
 * Milliseconds for which the main thread of a process was ready and had no CPU, since other programs used it. Linux only; throws when the
 * process is gone. Source: sched-stats.rst of the kernel.
 */
export function cpuWaitMsOf(pid: number): number {
  return waitedMs(pid, pid)
}

/** The same of all its threads together, since the main thread also waits for those that read and write. 0 for what has ended. */
export function cpuWaitMsOfThreads(pid: number): number {
  const orNothing = <T>(read: () => T, nothing: T): T => {
    try {
      return read()
    } catch {
      return nothing
    }
  }
  const threads = orNothing(() => readdirSync(`/proc/${pid}/task`), [])
  return sum(threads.map((thread) => orNothing(() => waitedMs(pid, thread), 0)))
}

function waitedMs(pid: number, thread: number | string): number {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[1]) / 1e6
}

/** The number in a line `name: number …`; not a number when there is none. */
function numberOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

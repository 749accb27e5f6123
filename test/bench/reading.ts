import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentReport, AgentUnderTest } from '../support/agent-under-test.ts'
import { usageOf, writtenBytesOf } from '../support/process-usage.ts'

/** Milliseconds between two looks at the process. */
const LOOK_MS = 2
/** Milliseconds without output after which the agent is asked whether it is done. */
const QUIET_MS = 150
/** Milliseconds without output after which it is stuck. */
const STUCK_MS = 30_000
/** Bytes. More than an agent writes before the first entries: its own log and an empty database. */
const FIRST_OUTPUT_BYTES = 256 * 1024

/** How long an agent took for a corpus, and what it used. */
export interface Reading {
  /** From the last look before its first output to the last ack. */
  readonly seconds: number
  readonly cpuSeconds: number
  /** From the start of the process to that look. */
  readonly startSeconds: number
  /** From the start of the process to the end of reading. */
  readonly wholeCpuSeconds: number
  readonly peakRssMiB: number
  readonly deliveredBytes: number
}

interface Look {
  readonly atMs: number
  readonly writtenBytes: number
}

/**
 * Watches an agent that has just started until it has delivered so many entries. Only the kernel's counters are looked at, so the
 * agent is not disturbed: what it has written tells when it began, and at the end its own count of bytes tells when it was done.
 */
export async function watchReading(agent: AgentUnderTest, expected: Expected): Promise<Reading> {
  const begin = await firstOutput(agent)
  const looks: Look[] = []
  let total: AgentReport['total'] | undefined
  while (total === undefined) {
    await watchUntilQuiet(agent, looks)
    total = await verdict(agent, expected, looks)
  }
  const end = looks.find(({ writtenBytes }) => writtenBytes - begin.writtenBytes >= (total.bytes ?? Number.NaN))
  const usage = usageOf(agent.pid)
  if (end === undefined || usage === undefined) throw new Error('the end of the output was not seen')
  return {
    seconds: (end.atMs - begin.atMs) / 1000,
    cpuSeconds: usage.cpuSeconds - begin.cpuSeconds,
    startSeconds: (begin.atMs - agent.spawnedMs) / 1000,
    wholeCpuSeconds: usage.cpuSeconds,
    peakRssMiB: usage.peakRssMiB,
    deliveredBytes: total.bytes ?? Number.NaN,
  }
}

/** What must have been delivered in the end. */
export interface Expected {
  readonly entries: number
  readonly lines: number
  readonly byteCount: number
}

async function firstOutput({ pid }: AgentUnderTest) {
  const first = writtenBytesOf(pid)
  for (let last = look(pid), cpuSeconds = 0; ; ) {
    cpuSeconds = usageOf(pid)?.cpuSeconds ?? Number.NaN
    await sleep(1)
    const now = look(pid)
    if (now.writtenBytes - first > FIRST_OUTPUT_BYTES) return { ...last, cpuSeconds }
    if (now.atMs - last.atMs > STUCK_MS) throw new Error('the agent writes nothing')
    last = now
  }
}

async function watchUntilQuiet({ pid }: AgentUnderTest, looks: Look[]): Promise<void> {
  let last = look(pid)
  looks.push(last)
  for (let now = last; now.atMs - last.atMs < QUIET_MS; now = look(pid)) {
    if (now.writtenBytes > last.writtenBytes) {
      last = now
      looks.push(now)
    }
    await sleep(LOOK_MS)
  }
}

/** Returns undefined while the agent has more to do. Throws when it can never be right. */
async function verdict(agent: AgentUnderTest, expected: Expected, looks: readonly Look[]) {
  const { total, containers } = await agent.report()
  const sum = (counter: string) => containers.reduce((count, container) => count + Number(container[counter]), 0)
  if (total.entries === expected.entries) {
    const found = {
      lines: sum('lines'),
      bytes: sum('bytes'),
      delivered: sum('delivered'),
      odd: sum('malformed') + sum('truncated') + sum('losses'),
    }
    const right = { lines: expected.lines, bytes: expected.byteCount, delivered: expected.entries, odd: 0 }
    if (JSON.stringify(found) === JSON.stringify(right)) return total
    throw new Error(`the agent delivered ${JSON.stringify(found)} instead of ${JSON.stringify(right)}`)
  }
  const isStuck = performance.now() - (looks.at(-1)?.atMs ?? 0) > STUCK_MS
  if (isStuck || (total.entries ?? 0) > expected.entries)
    throw new Error(`the agent delivered ${total.entries} entries of ${expected.entries}`)
  return undefined
}

function look(pid: number): Look {
  return { atMs: performance.now(), writtenBytes: writtenBytesOf(pid) }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentUnderTest } from '../support/agent-under-test.ts'
import { cpuTimesOf, usageOf, writtenBytesOf } from '../support/process-usage.ts'

/** Milliseconds between two looks at the process. */
const LOOK_MS = 2
/** Milliseconds with hardly any output after which the agent is asked whether it is done. */
const QUIET_MS = 100
/** Bytes. An agent that only waits writes too: its threads wake each other up so, and positions are saved. */
const QUIET_BYTES = 64 * 1024
/** An agent that takes longer is stuck: so many milliseconds, and those that its corpus takes at so many bytes in each. */
const STUCK_MS = 30_000
const SLOWEST_BYTES_PER_MS = 5000
/** Bytes. More than an agent writes before the first entries: its own log and an empty database. */
const FIRST_OUTPUT_BYTES = 256 * 1024

/** How long an agent took for a corpus, and what it used. */
export interface Reading {
  /** From the last look before its first output to the last ack. */
  readonly seconds: number
  readonly cpuSeconds: number
  /** Of these, outside the system. */
  readonly userSeconds: number
  /** From the start of the process to that look. */
  readonly startSeconds: number
  /** From the start of the process to the end of reading. */
  readonly wholeCpuSeconds: number
  readonly peakRssMiB: number
  readonly deliveredBytes: number
}

/** At the process. */
interface Look {
  readonly atMs: number
  readonly writtenBytes: number
  readonly cpuSeconds: number
  readonly userSeconds: number
}

/**
 * Watches an agent from its very start until it has delivered so many entries. Only the kernel's counters are looked at, so the
 * agent is not disturbed: what it has written tells when it began, and at the end its own count of bytes tells when it was done.
 */
export async function watchReading(agent: AgentUnderTest, expected: Expected): Promise<Reading> {
  const untilMs = performance.now() + STUCK_MS + expected.byteCount / SLOWEST_BYTES_PER_MS
  const begin = await firstOutput(agent, untilMs)
  const looks: Look[] = []
  let deliveredBytes: number | undefined
  while (deliveredBytes === undefined) {
    await watchUntilQuiet(agent, looks)
    deliveredBytes = await verdict(agent, expected, untilMs)
  }
  looks.push(look(agent))
  const end = looks.find(({ writtenBytes }) => writtenBytes >= deliveredBytes)
  if (end === undefined) throw new Error('the end of the output was not seen')
  return {
    seconds: (end.atMs - begin.atMs) / 1000,
    cpuSeconds: end.cpuSeconds - begin.cpuSeconds,
    userSeconds: end.userSeconds - begin.userSeconds,
    startSeconds: (begin.atMs - agent.spawnedMs) / 1000,
    wholeCpuSeconds: end.cpuSeconds,
    peakRssMiB: usageOf(agent.pid)?.peakRssMiB ?? Number.NaN,
    deliveredBytes,
  }
}

/** What must have been delivered in the end. */
export interface Expected {
  readonly entries: number
  readonly lines: number
  readonly byteCount: number
}

/** The last look before it. */
async function firstOutput(agent: AgentUnderTest, untilMs: number): Promise<Look> {
  for (let last = look(agent); ; ) {
    await sleep(1)
    const now = look(agent)
    if (now.writtenBytes > FIRST_OUTPUT_BYTES) return last
    if (now.atMs > untilMs) throw new Error('the agent writes nothing')
    last = now
  }
}

async function watchUntilQuiet(agent: AgentUnderTest, looks: Look[]): Promise<void> {
  let last = look(agent)
  for (let now = last; now.atMs - last.atMs < QUIET_MS; now = look(agent)) {
    looks.push(now)
    if (now.writtenBytes - last.writtenBytes > QUIET_BYTES) last = now
    await sleep(LOOK_MS)
  }
}

/** The bytes delivered in all; undefined while the agent has more to do. Throws when it can never be right. */
async function verdict(agent: AgentUnderTest, expected: Expected, untilMs: number): Promise<number | undefined> {
  const { total, containers } = await agent.report()
  const sum = (counter: string) => containers.reduce((count, container) => count + Number(container[counter]), 0)
  if ((total.entries ?? 0) < expected.entries && performance.now() < untilMs) return undefined
  const found = {
    entries: total.entries,
    lines: sum('lines'),
    bytes: sum('bytes'),
    odd: sum('malformed') + sum('truncated') + sum('losses'),
  }
  const right = { entries: expected.entries, lines: expected.lines, bytes: expected.byteCount, odd: 0 }
  if (JSON.stringify(found) === JSON.stringify(right)) return total.bytes
  throw new Error(`the agent delivered ${JSON.stringify(found)} instead of ${JSON.stringify(right)}`)
}

function look(agent: AgentUnderTest): Look {
  if (!agent.isRunning) throw new Error(`the agent has ended: ${agent.noise.join('\n')}`)
  const { pid } = agent
  const { user, system } = cpuTimesOf(pid)
  return { atMs: performance.now(), writtenBytes: writtenBytesOf(pid), cpuSeconds: user + system, userSeconds: user }
}

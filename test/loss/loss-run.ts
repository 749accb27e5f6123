import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { AgentUnderTest } from '../support/agent-under-test.ts'
import { Collector } from '../support/collector.ts'
import { usageOf } from '../support/process-usage.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type Load, preciseNow, type WriterMessage } from './load.ts'
import { formatReport, missedRequirements, type Report } from './report.ts'
import { Tally } from './tally.ts'

// The loss run: a noisy log rotated each second, quiet ones beside it, a destination that fails, and an agent that is killed
// again and again. Nothing may be lost, and each stack trace has to come whole. `--reader tail` puts a plain reader in the agent's place.

/** Milliseconds after the last line was written in which the rest must have arrived. */
const DRAIN_MS = 60_000
const USAGE_MS = 100

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50000' },
    rotation: { type: 'string', default: 'rename' },
    'rotate-every': { type: 'string', default: '1' },
    'kill-every': { type: 'string', default: '3' },
    'fail-rate': { type: 'string', default: '0.2' },
    'in-flight': { type: 'string', default: '' },
    program: { type: 'string', default: 'dist/loggy.mjs' },
    reader: { type: 'string', default: 'loggy' },
    json: { type: 'boolean', default: false },
  },
})

const root = mkdtempSync(join(tmpdir(), 'loggy-loss-'))
const load: Load = {
  root,
  seconds: Number(values.seconds),
  linesPerSecond: Number(values.rate),
  quietContainers: 20,
  quietLinesPerSecond: 100,
  rotateEvery: Number(values['rotate-every']),
  maxLogFiles: 3,
  hasTraces: values.reader === 'loggy',
  rotation: values.rotation === 'tmp' ? 'tmp' : 'rename',
}
const tally = new Tally(load)

/** What reads the logs while they are written. */
interface Reader {
  /** While the writer writes. */
  begin(): void
  /** No more faults: what is left may be read. */
  calm(): void
  stop(): Promise<{ readonly cpuSeconds: number; readonly peakRssMiB: number; readonly kills: number }>
}

function startWriter(api: FakeApiServer) {
  const child = fork(new URL('writer.ts', import.meta.url), [JSON.stringify(load)])
  const ready = Promise.withResolvers<readonly string[]>()
  const written = Promise.withResolvers<Extract<WriterMessage, { is: 'written' }>>()
  child.on('message', (message: WriterMessage) => {
    if (message.is === 'upsert') api.upsert(message.object as Parameters<FakeApiServer['upsert']>[0])
    if (message.is === 'delete') api.delete(message.object as Parameters<FakeApiServer['delete']>[0])
    if (message.is === 'ready') ready.resolve(message.paths)
    if (message.is === 'written') written.resolve(message)
  })
  child.once('exit', (code) => {
    ready.reject(new Error(`the writer ended with ${code}`))
    written.reject(new Error(`the writer ended with ${code}`))
  })
  written.promise.catch(() => {}) // awaited later
  return { child, ready: ready.promise, written: written.promise }
}

/** The agent, killed every few seconds and started again at once. */
async function startLoggy(api: FakeApiServer): Promise<Reader> {
  const collector = new Collector({ onEntries: (lines) => tally.take(lines) })
  await collector.start()
  const failRate = Number(values['fail-rate'])
  collector.failRate(failRate, { seed: 1, reaction: { status: 503 } })
  const configPath = join(root, 'loggy.yaml')
  writeFileSync(join(root, 'kubeconfig'), api.kubeconfig)
  const inFlight = values['in-flight'] === '' ? {} : { maxInFlight: Number(values['in-flight']) }
  const config = {
    source: { directory: join(root, 'containers') },
    state: { directory: join(root, 'state') },
    kubernetes: { nodeName: 'node-1', kubeconfig: join(root, 'kubeconfig') },
    sink: { type: 'http', url: collector.url, ...inFlight },
  }
  writeFileSync(configPath, JSON.stringify(config))
  const { program } = values
  const usage = new UsageSum()
  let agent = await AgentUnderTest.start({ configPath, program })
  const sampling = setInterval(() => usage.sample(agent.pid), USAGE_MS)
  const killEveryMs = Number(values['kill-every']) * 1000
  const calm = new AbortController()
  let killing = Promise.resolve()
  const killAgain = async () => {
    for (;;) {
      await sleep(killEveryMs, undefined, { signal: calm.signal })
      usage.sample(agent.pid)
      tally.agentKilled()
      await agent.kill()
      agent = await AgentUnderTest.start({ configPath, program })
    }
  }
  return {
    begin() {
      if (killEveryMs > 0)
        killing = killAgain().catch((error: Error) => {
          if (error.name !== 'AbortError') throw error
        })
    },
    calm: () => calm.abort(),
    async stop() {
      await killing
      usage.sample(agent.pid)
      clearInterval(sampling)
      await agent.stop()
      await collector.stop()
      for (const line of agent.log.filter(({ level }) => level === 'error').slice(0, 5))
        process.stderr.write(`${JSON.stringify(line)}\n`)
      return { ...usage.total, kills: tally.kills }
    },
  }
}

/** The npm package `tail` on each log's live path, with its defaults, as a plain user would have it. */
async function startTail(paths: readonly string[]): Promise<Reader> {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'tail-reader.ts'), ...paths], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const usage = new UsageSum()
  const sampling = setInterval(() => usage.sample(child.pid ?? 0), USAGE_MS)
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1
    if (end === 0) rest += text
    else {
      tally.take(rest + text.slice(0, end))
      rest = text.slice(end)
    }
  })
  return {
    begin() {},
    calm() {},
    async stop() {
      usage.sample(child.pid ?? 0)
      clearInterval(sampling)
      const closed = once(child, 'close')
      child.kill()
      await closed
      return { ...usage.total, kills: 0 }
    },
  }
}

/** What several processes, one after the other, have used. */
class UsageSum {
  #pid = 0
  #cpuOfEarlier = 0
  #cpuOfThis = 0
  #peakRssMiB = 0

  sample(pid: number): void {
    const usage = usageOf(pid)
    if (usage === undefined || Number.isNaN(usage.peakRssMiB)) return
    if (pid !== this.#pid) {
      this.#cpuOfEarlier += this.#cpuOfThis
      this.#pid = pid
    }
    this.#cpuOfThis = usage.cpuSeconds
    this.#peakRssMiB = Math.max(this.#peakRssMiB, usage.peakRssMiB)
  }

  get total() {
    return { cpuSeconds: this.#cpuOfEarlier + this.#cpuOfThis, peakRssMiB: this.#peakRssMiB }
  }
}

/** Resolves when all has arrived, or nothing has for long. */
async function drain(total: number): Promise<void> {
  const untilMs = preciseNow() + DRAIN_MS
  const isOver = () => tally.distinctRecords >= total || preciseNow() > untilMs
  const isQuiet = () => preciseNow() - tally.lastTakenMs > 10_000
  await waitUntil('all lines', () => isOver() || isQuiet(), DRAIN_MS + 10_000)
}

async function measure(): Promise<Report> {
  const api = await FakeApiServer.start()
  const writer = startWriter(api)
  try {
    const paths = await writer.ready
    const reader = values.reader === 'tail' ? await startTail(paths) : await startLoggy(api)
    await sleep(1000)
    const startMs = preciseNow()
    writer.child.send('go')
    reader.begin()
    const { records, lines, rotations, pauseMs } = await writer.written
    const writtenMs = preciseNow()
    const total = records.reduce((sum, count) => sum + count, 0)
    const behind = total - tally.distinctRecords
    reader.calm()
    await drain(total)
    const usage = await reader.stop()
    const lost = records.map((count, container) => count - tally.distinct(container))
    return {
      reader: values.reader,
      seconds: (writtenMs - startMs) / 1000,
      rotations,
      pauseMs,
      written: total,
      lines,
      wholeTraces: tally.wholeTraces,
      brokenRecords: tally.brokenRecords,
      broken: tally.broken,
      lost: lost.reduce((sum, count) => sum + count, 0),
      lostOfNoisy: lost[0] ?? 0,
      gaps: tally.gaps(0, { written: records[0] ?? 0, limit: 5 }),
      duplicates: tally.duplicates,
      needlessDuplicates: tally.needless,
      oldestDuplicateMs: tally.oldestDuplicateMs,
      lossMarkers: tally.lossMarkers,
      behindAtEnd: behind,
      drainMs: Math.max(0, tally.lastTakenMs - writtenMs),
      quietLatencyMs: { p50: tally.latency(0.5), p99: tally.latency(0.99) },
      ...usage,
    }
  } finally {
    writer.child.kill()
    await api.close()
  }
}

try {
  const report = await measure()
  process.stdout.write(
    values.json ? `${JSON.stringify(report)}\n` : `${formatReport(report)}\n${JSON.stringify(report)}\n`,
  )
  const missed = values.reader === 'loggy' ? missedRequirements(report) : []
  for (const sentence of missed) process.stderr.write(`MISSED: ${sentence}\n`)
  process.exitCode = missed.length > 0 ? 1 : 0
} finally {
  rmSync(root, { recursive: true, force: true })
}

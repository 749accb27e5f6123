import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { threadUsageOf, usageOf } from '../support/process-usage.ts'
import { waitUntil } from '../support/wait-until.ts'
import { BenchNode } from './bench-node.ts'
import { EntryPipe } from './entry-pipe.ts'
import { LatencyHistogram, type LatencySummary } from './latency-histogram.ts'
import { mark, type PacedLoad, type PacedWriting, type PacedWritten } from './paced-load.ts'
import { sharedNowMs } from './shared-clock.ts'

/** Seconds at the beginning that do not count: code is compiled, and files that were just read are still watched closely. */
const WARM_UP_SECONDS = 5
/** Milliseconds after the last write in which all must have arrived. */
const DRAIN_MS = 120_000

/** What is written to some logs of a node while the agent follows it. */
interface SteadyLoad {
  readonly about: string
  readonly files: number
  /** Over all of them together. */
  readonly linesPerSecond: number
  readonly block?: PacedLoad['block']
}

const CALM = { about: '200 lines/s over 200 files', files: 200, linesPerSecond: 200 }

/** The loads of each scenario, by its name. */
export const steadyScenarios = {
  quiet: [{ about: '100 lines/s over 50 files', files: 50, linesPerSecond: 100 }],
  busy: [
    { about: '50,000 lines/s in one file', files: 1, linesPerSecond: 50_000 },
    { about: '50 lines/s in five files beside it', files: 5, linesPerSecond: 50 },
  ],
  idle: [{ about: 'nothing written to 500 files', files: 500, linesPerSecond: 0 }],
  calm: [CALM],
  flood: [
    CALM,
    {
      about: '100 MB/s in one file beside it',
      files: 1,
      linesPerSecond: 100_000,
      block: { lines: 64, lineBytes: 1000 },
    },
  ],
  trickle: [{ about: 'a line each second in each of 500 files', files: 500, linesPerSecond: 500 }],
} as const satisfies Readonly<Record<string, readonly SteadyLoad[]>>

export type SteadyName = keyof typeof steadyScenarios

/** What following the node cost, and how long lines took. */
export interface SteadyResult {
  readonly scenario: SteadyName
  /** What was written. */
  readonly about: string
  readonly seconds: number
  readonly files: number
  /** Of one core. */
  readonly cpuPercent: number
  readonly wakeUpsPerSecond: number
  readonly rssMiB: number
  /** By load; none of a load that writes nothing. */
  readonly latencies: readonly (LatencySummary & { readonly about: string })[]
}

/** The latencies of one load's lines. */
class Arrivals {
  count = 0
  /** Lines from before the end of the warm-up are not measured. */
  fromMs = Number.POSITIVE_INFINITY
  readonly latencies = new LatencyHistogram()

  add(writtenMs: number, arrivedMs: number): void {
    this.count += 1
    if (writtenMs >= this.fromMs) this.latencies.add(arrivedMs - writtenMs)
  }
}

export interface SteadyRun {
  readonly seconds: number
  /** Before anything counts. */
  readonly warmUpSeconds?: number
  /** Another bundle than this checkout's. */
  readonly program?: string
  /** Options for the agent. */
  readonly config?: object
}

/** Throws when a line does not arrive. */
export async function measureSteady(name: SteadyName, run: SteadyRun): Promise<SteadyResult> {
  const { seconds, warmUpSeconds = WARM_UP_SECONDS, program, config = {} } = run
  const scenario: readonly SteadyLoad[] = steadyScenarios[name]
  const node = await BenchNode.start()
  const arrivals = scenario.map(() => new Arrivals())
  const pipe = new EntryPipe(node.root, (load, writtenMs, arrivedMs) => arrivals[load]?.add(writtenMs, arrivedMs))
  try {
    const loads = startLoads(node, scenario)
    const files = loads.reduce((sum, { paths }) => sum + paths.length, 0)
    const agent = node.spawnAgent({ stdout: pipe.writer, program, config })
    await agent.started()
    await waitUntil('all files are known', () => pipe.entries === files)
    for (const load of arrivals) load.count = 0
    const writing = writeLoads(loads, warmUpSeconds + seconds)
    await Promise.race([sleep(warmUpSeconds * 1000), writing])
    for (const load of arrivals) load.fromMs = sharedNowMs()
    const { written, ...usage } = await usageWhile(agent.pid, writing)
    const isAllThere = () => arrivals.every(({ count }, load) => count === (written.lines[load] ?? 0))
    await waitUntil('all lines arrive', isAllThere, DRAIN_MS)
    const about = scenario.map((load) => load.about).join(', ')
    return { scenario: name, about, seconds, files, ...usage, latencies: summaries(scenario, arrivals) }
  } finally {
    await node.close()
    pipe.close()
  }
}

function summaries(loads: readonly SteadyLoad[], arrivals: readonly Arrivals[]): SteadyResult['latencies'] {
  return loads.flatMap(({ about }, load) => {
    const summary = arrivals[load]?.latencies.summary()
    return summary === undefined || summary.count === 0 ? [] : [{ about, ...summary }]
  })
}

/** Logs with one line each. */
function startLoads(node: BenchNode, loads: readonly SteadyLoad[]): PacedLoad[] {
  const count = loads.reduce((sum, { files }) => sum + files, 0)
  const containers = node.startContainers(count).slice(0, count) // there is one more if pods have two
  for (const { log } of containers) log.write('stdout', mark(0, 0))
  const paths = containers.map(({ logPath }) => logPath)
  return loads.map(({ files, linesPerSecond, block }) => ({ linesPerSecond, block, paths: paths.splice(0, files) }))
}

async function writeLoads(loads: readonly PacedLoad[], seconds: number): Promise<PacedWritten> {
  const writing: PacedWriting = { loads: loads.filter(({ linesPerSecond }) => linesPerSecond > 0), seconds }
  if (writing.loads.length === 0) return sleep(seconds * 1000, { lines: [] })
  const child = fork(new URL('paced-writer.ts', import.meta.url), [JSON.stringify(writing)])
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the writer ended with ${code}`)))
  const [written]: PacedWritten[] = await Promise.race([once(child, 'message'), died])
  if (written === undefined) throw new Error('the writer does not tell what it has written')
  died.catch(() => {}) // it may end now
  return written
}

/** What the agent uses until all is written. */
async function usageWhile(pid: number, writing: Promise<PacedWritten>) {
  const [fromMs, before] = [sharedNowMs(), threadUsageOf(pid)]
  const written = await writing
  const after = threadUsageOf(pid)
  const seconds = (sharedNowMs() - fromMs) / 1000
  return {
    written,
    cpuPercent: (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds,
    wakeUpsPerSecond: (after.wakeUps - before.wakeUps) / seconds,
    rssMiB: usageOf(pid)?.rssMiB ?? Number.NaN,
  }
}

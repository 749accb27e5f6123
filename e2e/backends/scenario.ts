import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/simulation/free-port.ts'
import { type MeasuredNode, startMeasuredNode } from '../../test/loss/measured-node.ts'
import { Agents } from './agents.ts'
import type { Backend } from './backend.ts'
import { Comparison } from './comparison.ts'
import { type FaultCounts, Faults } from './faults.ts'
import type { Kit } from './kit.ts'
import { Link } from './link.ts'
import { HostileWriter } from './written-lines.ts'

export interface ScenarioOptions {
  readonly kit: Kit
  readonly records: number
  readonly pods: number
  readonly seconds: number
  readonly program: string
  readonly say: (text: string) => void
}

/** What is printed of one backend. */
export interface Outcome {
  readonly backend: string
  readonly written: number
  readonly rotations: number
  readonly faults: FaultCounts
  /** Of requests, for whatever reason. */
  readonly retries: number
  readonly lost: number
  readonly twice: number
  readonly twiceWithOtherId: number
  readonly different: number
  readonly deadLetters: number
  /** Records that are there again where none may be. */
  readonly forbidden: number
  /** Of all agents. */
  readonly cpuSeconds: number
  readonly complaints: readonly string[]
}

const LABELS = { app: 'shop', 'app.kubernetes.io/name': 'wéb "shop"' }
/** Milliseconds between two writes, and such writes between two rotations. */
const TICK_MS = 50
const ROTATE_TICKS = 5
/** Lines that are told of those that are missing. */
const TOLD = 5
const TOLD_CHARACTERS = 200

/**
 * Containers write hostile lines while logs are rotated, server and agent are killed again and again, and the link between them has each of its
 * faults: all of it is stored as it was written.
 */
export async function runScenario(backend: Backend, options: ScenarioOptions): Promise<Outcome> {
  const cluster = `e2e-${process.pid}-${Date.now()}`
  // One that runs already has other flags.
  if (backend.flags !== undefined) await options.kit.down(backend.server)
  const { kit } = options
  const env = { ...process.env, ...(await kit.up(backend.server, backend.flags)), ...(await kit.up('faults')) }
  await backend.prepare?.(env)
  const sink = backend.sink(env)
  const link = await Link.to(sink.url, env.TOXIPROXY ?? '')
  const port = await freePort()
  const config = {
    select: { minLevel: 'debug' },
    enrich: { recordId: true, cluster },
    sink: { ...sink, url: link.through(sink.url) },
    metrics: { port },
  }
  // More files than are ever needed: no line is lost because the agent was away.
  const node = await startMeasuredNode('backends', { config, kubelet: { maxLogFiles: 1000 } })
  const { configPath } = node
  const agents = new Agents({ configPath, program: options.program, port })
  try {
    const writers = startWriters(node, options.pods)
    await agents.start()
    const faults = new Faults(backend, { env, kit, agents, link })
    const rotations = await writeAll([...writers.values()], options, faults)
    options.say(`${backend.name}: all is written; waiting for the rest`)
    const deadLetters = await agents.deliver()
    options.say(`${backend.name}: comparing`)
    const comparison = new Comparison(writers, LABELS)
    await backend.settle?.(env)
    for await (const line of kit.dump(backend.server)) {
      const record = backend.read(line)
      if (record?.cluster === cluster) comparison.take(record)
    }
    const { written, lost, twice, twiceWithOtherId, different, differences } = comparison
    const retries = agents.retries + (await agents.scrape()).value('loggy_sink_retries_total')
    const { cpuSeconds } = agents
    const counts = { written, rotations, faults: faults.counts, retries, lost, twice, twiceWithOtherId, different }
    const forbidden = backend.storesTwice === false ? twice : 0
    const missing = comparison.missing(TOLD).map((key) => `not there: ${key}`)
    return {
      backend: backend.name,
      ...counts,
      deadLetters,
      forbidden,
      cpuSeconds,
      complaints: [...differences, ...missing],
    }
  } finally {
    await agents.end()
    for (const words of agents.heard) options.say(`${backend.name}: heard: ${words.slice(0, TOLD_CHARACTERS)}`)
    await link.close()
    await node.close()
  }
}

function startWriters({ kubelet }: MeasuredNode, pods: number): ReadonlyMap<string, HostileWriter> {
  const writers = Array.from({ length: pods }, (_, number) => {
    const containers = [{ name: 'app', image: 'shop/web:1' }]
    const spec = { namespace: 'shop', name: `web-${number}`, labels: LABELS, containers }
    return [spec.name, new HostileWriter(kubelet.startPod(spec).container(), number + 1)] as const
  })
  return new Map(writers)
}

/** For as long as there are faults. Returns how often logs were rotated. */
async function writeAll(writers: readonly HostileWriter[], options: ScenarioOptions, faults: Faults): Promise<number> {
  const ticks = Math.ceil((options.seconds * 1000) / TICK_MS)
  const perTick = Math.ceil(options.records / writers.length / ticks)
  let [rotations, isOver] = [0, false]
  for (let tick = 1; tick <= ticks || !isOver; tick += 1) {
    for (const writer of writers) writer.write(perTick)
    if (tick % ROTATE_TICKS === 0) {
      writers[rotations % writers.length]?.instance.rotate()
      rotations += 1
    }
    if (tick % Math.ceil(ticks / (faults.count + 1)) === 0) faults.next()
    if (tick === ticks) void faults.over.finally(() => (isOver = true)).catch(() => {})
    await sleep(TICK_MS)
  }
  await faults.over
  return rotations
}

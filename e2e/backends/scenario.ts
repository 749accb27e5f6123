import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/simulation/free-port.ts'
import { type MeasuredNode, startMeasuredNode } from '../../test/loss/measured-node.ts'
import { Agents } from './agents.ts'
import type { Backend } from './backend.ts'
import { Comparison } from './comparison.ts'
import type { Kit } from './kit.ts'
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
  readonly serverKills: number
  readonly agentKills: number
  readonly lost: number
  readonly twice: number
  readonly twiceWithOtherId: number
  readonly different: number
  readonly deadLetters: number
  /** Of all agents. */
  readonly cpuSeconds: number
  readonly complaints: readonly string[]
}

const LABELS = { app: 'shop', 'app.kubernetes.io/name': 'wéb "shop"' }
/** Milliseconds between two writes, and such writes between two rotations. */
const TICK_MS = 50
const ROTATE_TICKS = 5
/** Milliseconds that a killed server is away. */
const DOWN_MS = 1500
/** Lines that are told of those that are missing. */
const TOLD = 5

/** Containers write hostile lines while logs are rotated, and server and agent are killed again and again: all of it is stored as it was written. */
export async function runScenario(backend: Backend, options: ScenarioOptions): Promise<Outcome> {
  const cluster = `e2e-${process.pid}-${Date.now()}`
  const env = { ...process.env, ...(await options.kit.up(backend.server)) }
  const port = await freePort()
  const config = {
    select: { minLevel: 'debug' },
    enrich: { recordId: true, cluster },
    sink: backend.sink(env),
    metrics: { port },
  }
  // More files than are ever needed: no line is lost because the agent was away.
  const node = await startMeasuredNode('backends', { config, kubelet: { maxLogFiles: 1000 } })
  const { configPath } = node
  const agents = new Agents({ configPath, program: options.program, port })
  try {
    const writers = startWriters(node, options.pods)
    await agents.start()
    const faults = new Faults(backend.server, options.kit, agents)
    const rotations = await writeAll([...writers.values()], options, faults)
    await faults.over
    options.say(`${backend.name}: all is written; waiting for the rest`)
    const deadLetters = await agents.deliver()
    options.say(`${backend.name}: comparing`)
    const comparison = new Comparison(writers, LABELS)
    for await (const line of options.kit.dump(backend.server)) {
      const record = backend.read(line)
      if (record?.cluster === cluster) comparison.take(record)
    }
    const { written, lost, twice, twiceWithOtherId, different, differences } = comparison
    const { serverKills } = faults
    const { kills: agentKills, cpuSeconds } = agents
    const counts = { written, rotations, serverKills, agentKills, lost, twice, twiceWithOtherId, different }
    const missing = comparison.missing(TOLD).map((key) => `not there: ${key}`)
    return { backend: backend.name, ...counts, deadLetters, cpuSeconds, complaints: [...differences, ...missing] }
  } finally {
    await agents.end()
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

/** Returns how often logs were rotated. */
async function writeAll(writers: readonly HostileWriter[], options: ScenarioOptions, faults: Faults): Promise<number> {
  const ticks = Math.ceil((options.seconds * 1000) / TICK_MS)
  const perTick = Math.ceil(options.records / writers.length / ticks)
  let rotations = 0
  for (let tick = 1; tick <= ticks; tick += 1) {
    for (const writer of writers) writer.write(perTick)
    if (tick % ROTATE_TICKS === 0) {
      writers[rotations % writers.length]?.instance.rotate()
      rotations += 1
    }
    if (tick % Math.ceil(ticks / (FAULTS.length + 1)) === 0) faults.next()
    await sleep(TICK_MS)
  }
  return rotations
}

/** In this order, while containers write. */
const FAULTS = ['server', 'agent', 'both', 'agent', 'server'] as const

class Faults {
  serverKills = 0
  over: Promise<unknown> = Promise.resolve()
  readonly #server: string
  readonly #kit: Kit
  readonly #agents: Agents
  #count = 0

  constructor(server: string, kit: Kit, agents: Agents) {
    this.#server = server
    this.#kit = kit
    this.#agents = agents
  }

  /** Begins when the one before is over. */
  next(): void {
    const fault = FAULTS[this.#count]
    this.#count += 1
    this.over = this.over.then(() =>
      Promise.all([
        fault === 'server' || fault === 'both' ? this.#killServer() : undefined,
        fault === 'agent' || fault === 'both' ? this.#agents.kill() : undefined,
      ]),
    )
    this.over.catch(() => {}) // awaited later
  }

  async #killServer(): Promise<void> {
    this.serverKills += 1
    await this.#kit.kill(this.#server)
    await sleep(DOWN_MS)
    await this.#kit.up(this.#server)
  }
}

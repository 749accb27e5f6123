import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import type { AgentUnderTest } from '../support/agent-under-test.ts'
import type { Corpus } from './corpus.ts'

/** An agent that reads a node's logs and sends them. */
export interface Running {
  readonly pid: number
  /** Throws with its words if it has ended. */
  assertRuns(): void
  /** Throws if it has not delivered everything. */
  check(): Promise<void>
  stop(): Promise<void>
}

/** What is compared. */
export interface Sender {
  readonly agent: string
  readonly sends: string
  start(corpus: Corpus, url: string): Promise<Running>
}

/** Loggy with each sink. */
const SINKS: readonly (readonly [path: string, compression: string, sink: object])[] = [
  ['/v1/logs', 'gzip', { type: 'otlp' }],
  ['/v1/logs', 'zstd', { type: 'otlp' }],
  ['/loki/api/v1/push', 'gzip', { type: 'loki' }],
  ['/_bulk', 'gzip', { type: 'elasticsearch' }],
  ['/services/collector/event', 'gzip', { type: 'splunk' }],
  ['/api/v2/logs', 'gzip', { type: 'datadog' }],
  ['/ndjson', 'none', { type: 'http' }],
  ['/ndjson', 'gzip', { type: 'http' }],
  ['/ndjson', 'zstd', { type: 'http' }],
]

export function loggySenders(program?: string): Sender[] {
  return SINKS.map(([path, compression, sink]) => ({
    agent: 'Loggy',
    sends: `${(sink as { type: string }).type}, ${compression}`,
    async start(corpus, url) {
      const config = { sink: { ...sink, url: url + path, compression } }
      const agent = corpus.node.spawnAgent({ stdout: openSync('/dev/null', 'w'), config, program })
      return {
        pid: agent.pid,
        assertRuns() {
          if (!agent.isRunning) throw new Error(`the agent has ended: ${agent.noise.join('\n')}`)
        },
        check: () => checkEntries(agent, corpus),
        stop: async () => void (await agent.stop()),
      }
    },
  }))
}

async function checkEntries(agent: AgentUnderTest, { entries }: Corpus): Promise<void> {
  const { total } = await agent.report()
  if (total.entries !== entries) throw new Error(`${total.entries} entries are delivered in place of ${entries}`)
}

/** The OpenTelemetry Collector and vlagent, from the kit of real servers: `tool NAME` prints the path of a program. */
export function peerSenders(kit: string): Sender[] {
  return [
    { agent: 'OpenTelemetry Collector', sends: 'OTLP, gzip', start: (corpus, url) => startCollector(kit, corpus, url) },
    { agent: 'vlagent', sends: 'native, zstd', start: (corpus, url) => startVlagent(kit, corpus, url) },
  ]
}

/** As its Helm chart sets it up. */
async function startCollector(kit: string, { node }: Corpus, url: string): Promise<Running> {
  const state = mkdtempSync(join(node.root, 'collector-'))
  const config = parse(readFileSync(join(resolve(kit, '..'), 'otelcol/agent.yaml'), 'utf8'))
  config.receivers.file_log.include = [join(node.root, 'pods/*/*/*.log')]
  config.processors.k8s_attributes.filter.node = node.nodeName
  const path = join(state, 'config.yaml')
  writeFileSync(path, JSON.stringify(config))
  return startPeer(await toolOf(kit, 'otelcol'), ['--config', path], {
    STATE: state,
    OTLP_ENDPOINT: url,
    KUBECONFIG: node.kubeconfig,
  })
}

/** As documented, with all metadata of pods, since Loggy's entries have it too. */
async function startVlagent(kit: string, { node }: Corpus, url: string): Promise<Running> {
  const state = mkdtempSync(join(node.root, 'vlagent-'))
  mkdirSync(join(state, 'queue'))
  const flags = [
    '-kubernetesCollector',
    `-kubernetesCollector.logsPath=${node.logDirectory}`,
    '-kubernetesCollector.includePodAnnotations',
    `-remoteWrite.url=${url}/insert/native`,
    `-tmpDataPath=${state}`,
    `-remoteWrite.tmpDataPath=${join(state, 'queue')}`,
    '-httpListenAddr=',
  ]
  const env = { KUBECONFIG: node.kubeconfig, NODE_NAME: node.nodeName, K8S_NODE_NAME: node.nodeName }
  return startPeer(await toolOf(kit, 'vlagent'), flags, env)
}

async function toolOf(kit: string, name: string): Promise<string> {
  const child = spawn(kit, ['tool', name], { stdio: ['ignore', 'pipe', 'inherit'] })
  const text = Buffer.concat(await child.stdout.toArray()).toString()
  return text.trim().split('\n').at(-1) ?? ''
}

async function startPeer(program: string, flags: readonly string[], env: Record<string, string>): Promise<Running> {
  const log: string[] = []
  const child: ChildProcess = spawn(program, flags, {
    env: { PATH: process.env.PATH, GOMAXPROCS: '2', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log.push(text))
  await once(child, 'spawn')
  const isRunning = () => child.exitCode === null && child.signalCode === null
  return {
    pid: child.pid ?? 0,
    assertRuns() {
      if (!isRunning()) throw new Error(`${program} has ended: ${log.join('').slice(-2000)}`)
    },
    // It has no count of what it has delivered.
    async check() {},
    async stop() {
      if (!isRunning()) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

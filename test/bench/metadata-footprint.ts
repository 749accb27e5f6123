import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { kubeconfigFor } from '../../src/simulation/api-kubeconfig.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import { usageOf } from '../support/process-usage.ts'
import { waitUntil } from '../support/wait-until.ts'
import { imageOf } from './image.ts'
import { MAXIMUM_ANNOTATION_BYTES, metadataPod } from './metadata-pods.ts'

// What the agent costs while nothing is written, and how soon it is there: `npm run bench:footprint`. 250 pods, 500 files.

const PODS = 250
/** Pods whose annotations are as long as the API allows. */
const LARGE_PODS = 10

const { values } = parseArgs({
  options: {
    program: { type: 'string', default: 'dist/loggy.mjs' },
    /** Passed to Node, separated by spaces; the image's flags, if absent. */
    node: { type: 'string' },
    starts: { type: 'string', default: '5' },
    /** Seconds of idling, and of one line a second in each file; 0 leaves that out. */
    idle: { type: 'string', default: '30' },
    lines: { type: 'string', default: '0' },
  },
})
const image = imageOf(values.program)
const root = mkdtempSync(join(tmpdir(), 'loggy-footprint-'))
const tls = (name: string) => readFileSync(join(import.meta.dirname, '../support/tls', name), 'utf8')
// With TLS, as in a cluster: it takes some megabytes of its own.
const api = await FakeApiServer.start({ tls: { key: tls('server.key'), cert: tls('server.crt') } })
const kubelet = new Kubelet(root, api)
const configPath = join(root, 'loggy.yaml')
writeFileSync(join(root, 'kubeconfig'), kubeconfigFor(api.url, { ca: tls('authority.crt') }))
const containers = ['app', 'proxy'].map((name) => ({ name, image: `registry.example/shop/${name}:1.2.3` }))
const pods = Array.from({ length: PODS }, (_, index) => {
  const annotationBytes = index < LARGE_PODS ? MAXIMUM_ANNOTATION_BYTES - 1024 : 0
  const { labels, annotations } = metadataPod({ nodeName: kubelet.nodeName, index, annotationBytes }).metadata
  return kubelet.startPod({
    namespace: `team-${index % 20}`,
    name: `web-${index}`,
    labels: labels as Record<string, string>,
    annotations: annotations as Record<string, string>,
    containers,
  })
})

function writeLines(text: string): void {
  for (const pod of pods) for (const { name } of containers) pod.container(name).write('stdout', text)
}

/** An agent that has never run before; each line of its output is counted. */
class Agent {
  firstEntryMs = Number.NaN
  entries = 0
  readonly #startMs = performance.now()
  readonly child: ChildProcess

  constructor(state: string) {
    const config = {
      source: { directory: kubelet.logDirectory },
      state: { directory: state },
      kubernetes: { nodeName: kubelet.nodeName, kubeconfig: join(root, 'kubeconfig') },
    }
    writeFileSync(configPath, JSON.stringify(config))
    const argv = [
      ...(values.node?.split(' ').filter(Boolean) ?? image.nodeFlags),
      values.program,
      'run',
      '--config',
      configPath,
    ]
    this.child = spawn(process.execPath, argv, {
      env: { ...image.env, ...process.env, KUBECONFIG: undefined },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.child.stdout?.on('data', (bytes: Buffer) => {
      if (this.entries === 0) this.firstEntryMs = performance.now() - this.#startMs
      for (const byte of bytes) if (byte === 0x0a) this.entries += 1
    })
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  /** Of `/proc/<pid>/status`, in MiB. */
  memory(field: 'VmRSS' | 'VmHWM' | 'RssAnon' | 'RssFile'): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1]) / 1024
  }

  get cpuMs(): number {
    return (usageOf(this.pid)?.cpuSeconds ?? Number.NaN) * 1000
  }

  /** Open descriptors, and what inotify watches through them. */
  descriptors(): { readonly open: number; readonly watches: number } {
    const names = readdirSync(`/proc/${this.pid}/fd`)
    const notifiers = names.filter((name) => readlinkSync(`/proc/${this.pid}/fd/${name}`) === 'anon_inode:inotify')
    const infos = notifiers.map((name) => readFileSync(`/proc/${this.pid}/fdinfo/${name}`, 'utf8'))
    return { open: names.length, watches: infos.join('').match(/^inotify /gm)?.length ?? 0 }
  }

  async read(entries: number): Promise<void> {
    await waitUntil(`${entries} entries`, () => this.entries >= entries, 20_000)
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM')
    await once(this.child, 'exit')
  }
}

async function reportStart(): Promise<void> {
  const [first, all, cpu]: [number[], number[], number[]] = [[], [], []]
  for (let start = 0; start < Number(values.starts); start += 1) {
    const startMs = performance.now()
    const agent = new Agent(join(root, `state-${start}`))
    await agent.read(2 * PODS)
    all.push(performance.now() - startMs)
    first.push(agent.firstEntryMs)
    cpu.push(agent.cpuMs)
    await agent.stop()
  }
  print('start to first entry', `${median(first).toFixed(0)} ms (${first.map((ms) => ms.toFixed(0))})`)
  print('start to an entry of each file', `${median(all).toFixed(0)} ms, ${median(cpu).toFixed(0)} ms of CPU`)
}

async function reportIdle(): Promise<void> {
  const agent = new Agent(join(root, 'state-idle'))
  await agent.read(2 * PODS)
  await sleep(5000)
  print('RSS 5 s after the start', `${agent.memory('VmRSS').toFixed(1)} MiB, peak ${agent.memory('VmHWM').toFixed(1)}`)
  const idleSeconds = Number(values.idle)
  const before = agent.cpuMs
  await sleep(idleSeconds * 1000)
  const { open, watches } = agent.descriptors()
  print(`CPU over ${idleSeconds} idle seconds`, `${((agent.cpuMs - before) / idleSeconds / 10).toFixed(3)} % of a core`)
  print(
    'RSS then',
    `${agent.memory('VmRSS').toFixed(1)} MiB, of which files ${agent.memory('RssFile').toFixed(1)}, own ${agent.memory('RssAnon').toFixed(1)}`,
  )
  print('descriptors', `${open} open, ${watches} inotify watches`)
  await agent.stop()
}

async function reportLines(seconds: number): Promise<void> {
  const agent = new Agent(join(root, 'state-lines'))
  await agent.read(2 * PODS)
  await sleep(5000)
  const [before, entries] = [agent.cpuMs, agent.entries]
  const logs = pods.flatMap((pod) => containers.map(({ name }) => pod.container(name)))
  const startMs = performance.now()
  for (let line = 0; line < seconds * logs.length; line += 1) {
    logs[line % logs.length]?.write('stdout', `GET /health 200 ${line} ${'x'.repeat(100)}`)
    const aheadMs = startMs + (line * 1000) / logs.length - performance.now()
    if (aheadMs > 1) await sleep(aheadMs)
  }
  await agent.read(entries + seconds * logs.length)
  print(
    `CPU at one line a second in each file, ${seconds} s`,
    `${((agent.cpuMs - before) / seconds / 10).toFixed(2)} % of a core, RSS ${agent.memory('VmRSS').toFixed(1)} MiB`,
  )
  await agent.stop()
}

function print(name: string, figure: string): void {
  process.stdout.write(`${name.padEnd(48)}${figure}\n`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

try {
  writeLines('a line from before the start')
  await reportStart()
  if (Number(values.idle) > 0) await reportIdle()
  if (Number(values.lines) > 0) await reportLines(Number(values.lines))
} finally {
  kubelet.close()
  await api.close()
  rmSync(root, { recursive: true })
}

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { connectClient } from '../../src/kube/client.ts'
import { ClusterMetadata } from '../../src/kube/cluster-metadata.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'

// The metadata side of the agent and nothing else, in a process of its own: metadata-bench.ts asks it what it costs.

/** A message to the process: the first one starts it, `collect` has the garbage collected before memory is measured. */
export interface MetadataQuestion {
  readonly collect: boolean
}

/** What the process answers. */
export interface MetadataUsage {
  /** Of the process, since its start. */
  readonly cpuMs: number
  readonly rssMiB: number
  readonly heapMiB: number
  /** Longest time for which nothing else could run since the last message, in milliseconds. */
  readonly longestStallMs: number
  /** Calls of `onChange` since the start: each makes the agent look at all of its logs. */
  readonly changes: number
}

/** Milliseconds. Waits of the reflector end at 31 s; limits of requests begin at 60 s and keep their length. */
const LONGEST_WAIT_MS = 40_000

/** Waits after failures take a hundredth of their time, so that a run with twenty of them is over soon. */
const hastyClock: Clock = {
  ...systemClock,
  sleep: (milliseconds, signal) =>
    systemClock.sleep(milliseconds > LONGEST_WAIT_MS ? milliseconds : milliseconds / 100, signal),
}
const [kubeconfig = ''] = process.argv.slice(2)
const options = {
  nodeName: 'node-1',
  deletedPodGracePeriod: 600_000,
  namespaceLabels: false,
  nodeLabels: false,
  maxAnnotationBytes: 16_384,
}
const log = { debug() {}, info() {}, warn() {}, error() {} }
const stalls = monitorEventLoopDelay({ resolution: 1 })
let changes = 0
const client = connectClient({ kubeconfig }, { clock: hastyClock, env: {} })
const metadata = new ClusterMetadata(options, { client, clock: hastyClock, log })
metadata.onChange(() => {
  changes += 1
})
process.on('message', ({ collect }: MetadataQuestion) => {
  const longestStallMs = stalls.max / 1e6
  const { user, system } = process.cpuUsage()
  if (collect) globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const usage: MetadataUsage = {
    cpuMs: (user + system) / 1000,
    rssMiB: rss / 2 ** 20,
    heapMiB: heapUsed / 2 ** 20,
    longestStallMs,
    changes,
  }
  process.send?.(usage)
  stalls.reset()
})
process.on('disconnect', () => process.exit())
if (process.argv.includes('--stalls')) stalls.enable()
process.send?.('ready')
process.once('message', () => void metadata.run(new AbortController().signal))

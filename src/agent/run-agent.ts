import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { EntryFeed } from '../api/entry-feed.ts'
import { ApiServer } from '../api/server.ts'
import { CheckpointStore } from '../checkpoint/checkpoint-store.ts'
import type { Config } from '../config/schema.ts'
import { connectClient } from '../kube/client.ts'
import { ClusterMetadata } from '../kube/cluster-metadata.ts'
import { EventQueue } from '../kube/event-queue.ts'
import { MetadataCache, type MetadataCacheParts } from '../kube/metadata-cache.ts'
import { systemClock } from '../lib/clock.ts'
import { createRedactor } from '../redact/redactor.ts'
import { OwnPod } from '../select/own-pod.ts'
import { ownPodUid } from '../select/pod-uid.ts'
import { type AgentLog, createLog } from '../telemetry/log.ts'
import { serveTelemetry, type TelemetryOptions } from '../telemetry/server.ts'
import { Agent } from './agent.ts'
import { createSink } from './create-sink.ts'
import { type ConfigSource, followConfig } from './follow-config.ts'
import { keptKeys } from './kept-keys.ts'
import { kubeletOf } from './kubelet-of.ts'
import { rotationOf } from './part-options.ts'
import { readRedactKey } from './redact-key.ts'

/** Milliseconds to keep the position of a file that has disappeared. A rename takes less than one, a copy some seconds. */
const GRACE_MS = 600_000

/** What the agent uses of the process. Entries go to descriptor 1, not through a stream. */
export interface RunAgentIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stderr: NodeJS.WritableStream
  /** Stops the agent: what was read is still delivered, then `runAgent` resolves. */
  readonly signal: AbortSignal
  /** Registers the handler for a request to print the counters. */
  onReportRequest(report: () => void): void
  /** Registers the handler for a request to reload the configuration. */
  onReloadRequest(reload: () => void): void
}

/** The composition root: creates all parts of an agent from the configuration and runs it. Rejects if the agent cannot go on. */
export async function runAgent(
  config: Config,
  source: ConfigSource,
  { env, stderr, signal, onReportRequest, onReloadRequest }: RunAgentIo,
): Promise<void> {
  const log = createLog(config.log.level, stderr)
  const clock = systemClock
  const redactor = createRedactor({ patterns: config.redact.patterns, key: await readRedactKey(config.redact) })
  const client = connectClient(config.kubernetes, { clock, env })
  const cache = metadataCache(config, { clock, log })
  const kubelet = kubeletOf(config, { clock, env })
  const metadata = new ClusterMetadata(
    { ...config.kubernetes, ...config.enrich },
    { client, ...(kubelet && { kubelet }), clock, log, cache },
  )
  const events = new EventQueue({ client, node: config.kubernetes.nodeName, clock, log })
  const sink = await createSink(config.sink, { env, clock, log, stateDirectory: config.state.directory })
  const self = ownPod(env, log)
  const checkpoints = await CheckpointStore.open(config.state.directory, { clock, log, signal, graceMs: GRACE_MS })
  const feed = new EntryFeed()
  const agent = new Agent(config, { metadata, events, checkpoints, sink, redactor, self, tap: feed, clock, log })
  onReportRequest(() => stderr.write(`${JSON.stringify({ report: agent.overview.report() })}\n`))
  const ended = new AbortController()
  const over = AbortSignal.any([signal, ended.signal])
  const following = followConfig(config, source, { agent, log, onReloadRequest, signal: over })
  const { nodeName: node } = config.kubernetes
  const api = new ApiServer({ subject: agent.overview, feed, node, version: manifest.version, clock, log })
  const serving = config.api.port === 0 ? [] : [api.run(config.api.port, over)]
  // Before anything is read: the announcement must be in the agent's log ahead of anything that it logs about its own lines.
  log.announce('started', { node, directory: config.source.directory, sink: config.sink.type, instance: self.instance })
  try {
    const running = agent.run(signal)
    // Stops only after the last acks: a terminating pod is still probed.
    serving.push(serveTelemetry(telemetryOptions(config), { agent: agent.overview, clock, log, signal: ended.signal }))
    await running
  } finally {
    ended.abort()
    await Promise.all([following, ...serving])
    await agent.close()
    checkpoints.close()
  }
}

/** Beside the positions. */
function metadataCache(config: Config, parts: Pick<MetadataCacheParts, 'clock' | 'log'>): MetadataCache {
  const path = join(config.state.directory, 'metadata.cache')
  return new MetadataCache({ ...parts, path, node: config.kubernetes.nodeName, kept: keptKeys(config) })
}

/** An empty value counts as not set. */
function ownPod(env: RunAgentIo['env'], log: AgentLog): OwnPod {
  const [namespace, pod] = [env.POD_NAMESPACE || undefined, env.POD_NAME || undefined]
  const self = new OwnPod({ namespace, pod, uid: ownPodUid(), instance: randomUUID(), log })
  if (self.knownBy === 'nothing' && env.KUBERNETES_SERVICE_HOST)
    log.warn('POD_NAME and POD_NAMESPACE are not set: the agent can recognise its own pod only by its output')
  return self
}

function telemetryOptions(config: Config): TelemetryOptions {
  const { metrics, source, sink } = config
  const about = {
    version: manifest.version,
    nodeVersion: process.versions.node,
    sink: sink.type,
    heldLimits: source.held,
  }
  return { port: metrics.port, about, rotation: rotationOf(config) }
}

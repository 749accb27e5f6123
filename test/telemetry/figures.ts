import type { HistogramCounts } from '../../src/lib/histogram.ts'
import type { LineCounters } from '../../src/model/line-counters.ts'
import type { ContainerStatus } from '../../src/model/log-status.ts'
import { noLines } from '../../src/pipeline/line-counters.ts'
import type { DeliveryFigures, Figures } from '../../src/telemetry/figures.ts'
import { someContainer } from '../support/some-container.ts'

const nothing: HistogramCounts = { limits: [1], counts: [0, 0], sum: 0 }

/** The way to a sink that has taken nothing yet. */
export const restingDelivery: DeliveryFigures = {
  name: 'stdout',
  counters: {
    batches: 0,
    bytes: 0,
    requests: 0,
    plainBytes: 0,
    packedBytes: 0,
    acceptedEntries: 0,
    retries: 0,
    rejectedEntries: 0,
    shortenedEntries: 0,
    deadLetterBytes: 0,
    deadLetterDeletedBytes: 0,
  },
  inFlight: 0,
  requestsInFlight: 0,
  reasons: { retried: new Map(), deadLettered: new Map() },
  window: { requests: 1, bytes: 1 << 20 },
  oldestMs: 0,
  latencySeconds: nothing,
  requestSeconds: new Map(),
  fault: undefined,
}

/** Those of an agent that has just started, and is well. */
export const restingFigures: Figures = {
  lines: { ...noLines(), pathOnlyEntries: 0, cachedEntries: 0 },
  redacted: new Map(),
  source: {
    found: 0,
    unparsable: 0,
    finished: 0,
    faults: 0,
    stuck: 0,
    yields: 0,
    delays: { logs: 0, seconds: 0 },
    descriptors: { limit: 1024, parked: 0, unopened: 0 },
    obstacles: [],
  },
  deliveries: [restingDelivery],
  checkpoints: { rows: 0, flushes: 0, failures: 0, setAside: 0 },
  metadata: { isComplete: true, pods: 0, cachedPods: 0, cacheFailures: 0, reflectors: [] },
  hints: { invalidHints: 0, eventsSent: 0, eventsFailed: 0, eventsForbidden: 0 },
  node: { absentLogs: 0, isWrong: false, ownPod: 'uid' },
  loop: { silentMs: 0, delaySeconds: nothing },
}

/** A container that is read, so far behind, of which so much has been read. */
export function statusOf(
  name: string,
  { lagBytes = 0, lagSeconds = 0, bytes = 0 }: { lagBytes?: number; lagSeconds?: number; bytes?: number } = {},
): ContainerStatus {
  const counters: LineCounters = { ...noLines(), bytes }
  return {
    ref: { ...someContainer, container: name },
    path: `/var/log/pods/${name}/0.log`,
    state: 'read',
    reading: undefined,
    lagBytes,
    lagSeconds,
    openFiles: 0,
    heldFiles: 0,
    heldBytes: 0,
    fault: undefined,
    rule: 'select.namespaces.include: *',
    metadata: 'known',
    counters,
  }
}

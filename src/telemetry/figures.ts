import type { HistogramCounts } from '../lib/histogram.ts'
import type { LineCounters } from '../model/line-counters.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import type { SinkFault } from '../model/sink.ts'

/** The counters of the agent's parts, without labels. Totals never decrease while the process lives. */
export interface Figures {
  /** Sums over all containers since the start. pipeline/line-counters.ts says how the counters add up. */
  readonly lines: LineCounters & { readonly pathOnlyEntries: number; readonly cachedEntries: number }
  /** Records in which a rule has redacted something, by the rule's name. */
  readonly redacted: ReadonlyMap<string, number>
  readonly source: {
    readonly found: number
    readonly unparsable: number
    readonly finished: number
    readonly faults: number
    readonly stuck: number
    /** How often a limit gave way; logs that wait as they have used their limits up, and for how long, all together. */
    readonly yields: number
    readonly delays: { readonly logs: number; readonly seconds: number }
    /** The file descriptor limit, and how many files are closed or cannot be opened because of it. */
    readonly descriptors: { readonly limit: number; readonly parked: number; readonly unopened: number }
    /** What keeps logs from being read, such as a folder that may not be entered, one sentence each. */
    readonly obstacles: readonly string[]
  }
  readonly deliveries: readonly DeliveryFigures[]
  readonly checkpoints: {
    readonly rows: number
    readonly flushes: number
    readonly failures: number
    readonly setAside: number
  }
  readonly metadata: {
    readonly isComplete: boolean
    readonly pods: number
    /** Pods that are known from the disk only. */
    readonly cachedPods: number
    /** Failures to store what is known of pods. */
    readonly cacheFailures: number
    readonly reflectors: readonly ReflectorFigures[]
  }
  readonly hints: {
    /** Annotations of known pods that are ignored. */
    readonly invalidHints: number
    readonly eventsSent: number
    readonly eventsFailed: number
    readonly eventsForbidden: number
  }
  readonly node: {
    /** Containers that have been running without a log for a minute. */
    readonly absentLogs: number
    /** No log belongs to a pod that the API server has on this node. */
    readonly isWrong: boolean
    readonly ownPod: 'uid' | 'name' | 'output' | 'nothing'
  }
  readonly loop: { readonly silentMs: number; readonly delaySeconds: HistogramCounts }
}

/** The delivery to one sink. */
export interface DeliveryFigures {
  /** The sink's name. */
  readonly name: string
  readonly counters: {
    readonly batches: number
    readonly bytes: number
    readonly requests: number
    readonly plainBytes: number
    readonly packedBytes: number
    readonly acceptedEntries: number
    readonly retries: number
    readonly rejectedEntries: number
    readonly shortenedEntries: number
    readonly deadLetterBytes: number
    readonly deadLetterDeletedBytes: number
  }
  readonly inFlight: number
  readonly requestsInFlight: number
  /** Entries by why they were sent again, and by why they became dead letters. */
  readonly reasons: {
    readonly retried: ReadonlyMap<string, number>
    readonly deadLettered: ReadonlyMap<string, number>
  }
  /** What may be in flight: so many requests, each of so many bytes. */
  readonly window: { readonly requests: number; readonly bytes: number }
  readonly oldestMs: number
  readonly latencySeconds: HistogramCounts
  /** Of single requests, by outcome. */
  readonly requestSeconds: ReadonlyMap<string, HistogramCounts>
  readonly fault: SinkFault | undefined
}

/** The state of the watch on one kind of object in the API. */
export interface ReflectorFigures {
  readonly resource: string
  readonly state: 'listing' | 'watching' | 'waiting' | 'stopped'
  readonly hasListed: boolean
  readonly counters: {
    readonly lists: number
    readonly watches: number
    readonly events: number
    readonly expired: number
    readonly errors: number
  }
}

/** What Observer reads from the agent. */
export interface Observed extends Pick<Figures, 'loop'> {
  figures(): Figures
  containers(): Promise<ContainerStatus[]>
}

import type { CheckpointStore } from '../checkpoint/checkpoint-store.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { compileLoggy } from '../formats/loggy-program.ts'
import type { ClusterMetadata } from '../kube/cluster-metadata.ts'
import type { EventQueue } from '../kube/event-queue.ts'
import { namesOf } from '../lib/bits.ts'
import type { Clock } from '../lib/clock.ts'
import type { Pulse } from '../lib/pulse.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { ExplainedLines } from '../model/explained-line.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import type { PodRecord } from '../model/pod-record.ts'
import { PRESETS, type Redactor } from '../model/redaction.ts'
import type { SinkStatus } from '../model/sink-status.ts'
import { explainLines } from '../pipeline/explain-lines.ts'
import type { Lane } from '../pipeline/lane.ts'
import type { Lanes } from '../pipeline/lanes.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Admission } from '../select/admission.ts'
import { describeHint } from '../select/hint-rules.ts'
import type { NodeCheck } from '../select/node-check.ts'
import type { OwnPod } from '../select/own-pod.ts'
import { readLogEnd } from '../source/log-end.ts'
import type { Source } from '../source/source.ts'
import type { Budgets } from './budgets.ts'
import { sinkStatus } from './sink-status.ts'

/** Bytes of a log of which lines are explained: the longest record twice, so that what stands before does not matter. */
const EXPLAINED_BYTES = 512 * 1024

/** The parts that the overview reads from. */
export interface OverviewParts {
  readonly source: Source
  readonly admission: Admission
  readonly budgets: Budgets
  readonly lanes: Lanes
  readonly pipeline: Pick<Pipeline, 'redacted'>
  readonly delivery: Delivery
  readonly nodeCheck: NodeCheck
  readonly self: OwnPod
  readonly pulse: Pulse
  readonly metadata: ClusterMetadata
  readonly events: EventQueue
  readonly checkpoints: CheckpointStore
  readonly redactor: Redactor
  readonly clock: Clock
  readonly maxLineBytes: number
}

/** The state of a running agent for SIGUSR2, metrics and the local API; read from its parts on request. */
export class Overview {
  readonly #parts: OverviewParts

  constructor(parts: OverviewParts) {
    this.#parts = parts
  }

  /** What was read and what became of it, in total and per container. */
  report() {
    const { source, lanes, delivery, events, checkpoints } = this.#parts
    const containers = [...lanes].map(([{ ref }, { counters }]) => ({ ...ref, ...counters }))
    const total = { ...source.counters, ...delivery.counters, ...checkpoints.counters }
    return { total: { ...total, invalidHints: this.#invalidHints, ...events.counters }, containers }
  }

  /** How the agent's loop turns. */
  get loop(): Pulse {
    return this.#parts.pulse
  }

  /** Counters of each part, for health and metrics. */
  figures() {
    const { source, lanes, delivery, metadata, events, checkpoints, nodeCheck, self } = this.#parts
    return {
      lines: { ...lanes.totals(), pathOnlyEntries: lanes.pathOnlyEntries, cachedEntries: lanes.cachedEntries },
      redacted: this.#parts.pipeline.redacted,
      source: {
        ...source.counters,
        descriptors: source.descriptors,
        obstacles: source.obstacles,
        yields: source.limited.yields,
        delays: source.limited.figures,
      },
      deliveries: [delivery],
      checkpoints: checkpoints.counters,
      metadata: {
        isComplete: metadata.isComplete,
        pods: metadata.podCounts.reported,
        cachedPods: metadata.podCounts.cached,
        cacheFailures: metadata.cacheFailures,
        reflectors: metadata.status(),
      },
      hints: { invalidHints: this.#invalidHints, ...events.counters },
      node: { absentLogs: nodeCheck.absent.length, isWrong: nodeCheck.isNodeWrong, ownPod: self.knownBy },
      loop: this.loop,
    }
  }

  /** All containers of this node that have a log, including excluded ones. */
  async containers(): Promise<ContainerStatus[]> {
    const { source, lanes, admission } = this.#parts
    const known = new Map<ContainerRef, Lane>()
    for (const [{ ref }, lane] of lanes) known.set(ref, lane)
    const logs = await source.status()
    return logs.map((log) => ({
      ...log,
      rule: admission.explain(log.ref).rule,
      metadata: this.#metadataOf(log.ref),
      counters: known.get(log.ref)?.counters,
      joining: joiningOf(known.get(log.ref)),
      redacting: redactingOf(known.get(log.ref)),
      limit: this.#limitOf(log.ref),
    }))
  }

  /**
   * How the last lines of the container's live file are joined, as it is set up now. Undefined if it is not read, or each line is a record. Rejects if the
   * file cannot be read.
   */
  async explainLines({ ref, state, path }: ContainerStatus, count: number): Promise<ExplainedLines | undefined> {
    const { lanes, redactor, clock, maxLineBytes } = this.#parts
    const [owner] = [...lanes].find(([one]) => one.ref === ref) ?? []
    if (state !== 'read' || owner === undefined) return undefined
    const end = await readLogEnd(path, EXPLAINED_BYTES)
    const { multiline, redacts } = lanes.of(owner)
    if (multiline === 'off') return undefined
    const program = compileLoggy({ fields: {}, kubernetes: {} }, { hasIds: true })
    const explained = explainLines(end, { ref, multiline, redacts }, { redactor, clock, maxLineBytes, program })
    return { path, ...explained, lines: explained.lines.slice(-count) }
  }

  /** The container's pod, as the API server reported it or an earlier run stored it. */
  find(ref: ContainerRef): PodRecord | undefined {
    return this.#parts.metadata.find(ref)
  }

  #limitOf(ref: ContainerRef): ContainerStatus['limit'] {
    const rules = this.#parts.budgets.rulesOf(ref)
    return rules.length === 0 ? undefined : { rules, state: this.#parts.source.limitStateOf(ref) }
  }

  #metadataOf(ref: ContainerRef): ContainerStatus['metadata'] {
    const pod = this.find(ref)
    if (pod === undefined) return 'path-only'
    return pod.isCached || this.#parts.metadata.around(ref).isCached ? 'cached' : 'known'
  }

  /** The `loggy.io/` annotations of the container's pod that are ignored, one sentence each. */
  ignoredHints(ref: ContainerRef): string[] {
    return this.#parts.admission.hints(ref).map(describeHint)
  }

  /** What is wrong with the agent's settings for its node and its pod, and what was lost, one sentence each. */
  get warnings(): string[] {
    const { nodeCheck, self, delivery, source } = this.#parts
    const { complaint, counters } = delivery
    const rejected = `${counters.rejectedEntries} entries were rejected by the destination, which does not say which, and are lost: ${complaint}.`
    return [
      ...source.obstacles,
      ...nodeCheck.warnings,
      ...(self.fault === undefined ? [] : [capitalised(`${self.fault}.`)]),
      ...(complaint === undefined ? [] : [rejected]),
    ]
  }

  /** Names of the pod's containers that have been running without a log for a minute. */
  absentLogs(namespace: string, pod: string): string[] {
    const start = `${namespace}/${pod}/`
    const own = this.#parts.nodeCheck.absent.filter((name) => name.startsWith(start))
    return own.map((name) => name.slice(start.length))
  }

  /** Whether the annotations of pods are used. */
  get usesAnnotations(): boolean {
    return this.#parts.admission.usesAnnotations
  }

  /** Where each destination stands. */
  get sinks(): readonly SinkStatus[] {
    return [sinkStatus(this.#parts.delivery)]
  }

  get #invalidHints(): number {
    const { admission, metadata } = this.#parts
    return admission.countInvalidHints(metadata.pods())
  }
}

function joiningOf(lane: Lane | undefined): ContainerStatus['joining'] {
  return lane && { isOn: lane.multiline !== 'off', rule: lane.multilineRule }
}

function redactingOf(lane: Lane | undefined): ContainerStatus['redacting'] {
  if (lane === undefined || lane.redacts === 0) return undefined
  return { presets: namesOf(PRESETS, lane.redacts), rule: lane.redactRule }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

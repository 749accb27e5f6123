import type { Config } from './config/schema.ts'
import type { ClusterMetadata } from './kube/cluster-metadata.ts'
import { createSelection, invalidHints, type Selection } from './kube/selection.ts'
import { parseSelector } from './kube/selector.ts'
import type { Clock } from './lib/clock.ts'
import type { Batch, ContainerRef, Log, PodRecord, Sink } from './model.ts'
import { BatchBuilder } from './pipeline/batch-builder.ts'
import { Lane } from './pipeline/lane.ts'
import { Pipeline } from './pipeline/pipeline.ts'
import { createResourceRenderer, type RenderResource, type Surroundings } from './pipeline/resource.ts'
import { Outbox } from './sink/outbox.ts'
import type { ContainerLog, Loss } from './source/container-log.ts'
import { type Admission, Source, type SourceTurn } from './source/source.ts'

/** Batches that may wait for their ack while the next one is filled. */
const SLOTS = 2
/** Milliseconds after which a partial is delivered without its end. A container's last words without a newline never get one. */
const UNFINISHED_MS = 60_000
const UNFINISHED_CHECK_MS = 1000
/** So that a report is not repeated at each change of a pod, and memory does not grow with pods. */
const REMEMBERED_HINTS = 1000

export interface AgentParts {
  readonly metadata: ClusterMetadata
  readonly sink: Sink
  /** The agent's own pod, never collected; undefined outside a cluster. */
  readonly self: { readonly namespace: string | undefined; readonly pod: string | undefined }
  readonly clock: Clock
  readonly log: Log
}

/** A container log on its way through the pipeline, and what its resource was rendered from. */
interface Flow {
  readonly lane: Lane
  pod?: PodRecord | undefined
  around?: Surroundings
  render?: RenderResource
}

type Verdict = ReturnType<Selection['decide']>['verdict']

/** The options that can change while the agent runs, compiled. */
interface Live {
  readonly selection: Selection
  readonly render: RenderResource
  readonly waitForMetadataMs: number
}

/** The node agent: wires source, pipeline, metadata and sink together, and is the one loop that moves the lines. */
export class Agent {
  readonly #parts: AgentParts
  readonly #shutdownMs: number
  readonly #pipeline: Pipeline
  readonly #source: Source
  readonly #outbox: Outbox
  readonly #builders: BatchBuilder[] = Array.from({ length: SLOTS + 1 }, () => new BatchBuilder())
  readonly #sent = new Map<Batch, BatchBuilder>()
  readonly #flows = new Map<ContainerLog, Flow>()
  readonly #buffer: Uint8Array
  #live: Live
  #verdicts = new WeakMap<ContainerRef, { readonly pod: PodRecord | undefined; readonly verdict: Verdict }>()
  readonly #losses: { readonly turn: Loss; readonly lane: Lane }[] = []
  /** Lanes of logs that have ended: what they hold is delivered as it is. */
  readonly #ended = new Set<Lane>()
  readonly #reportedHints = new Set<string>()

  constructor(config: Config, parts: AgentParts) {
    this.#parts = parts
    this.#shutdownMs = config.shutdown.timeout
    this.#live = compile(config, parts.self)
    this.#pipeline = new Pipeline(config.source, parts.clock)
    this.#buffer = new Uint8Array(Math.max(1 << 20, this.#pipeline.longestLineBytes * 2))
    this.#source = new Source(config.source, { ...parts, admit: this.#admit.bind(this), history: () => new Map() })
    this.#outbox = new Outbox(parts.sink, { slots: SLOTS, onAck: this.#onAck.bind(this) })
  }

  /** Collects until the signal aborts; resolves after the last ack. Rejects when the sink fails for good. */
  async run(signal: AbortSignal): Promise<void> {
    const { metadata, clock, log } = this.#parts
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    void aborted.then(() => this.#source.poke())
    const following = metadata.run(signal)
    metadata.onChange(() => this.#source.reconsider())
    const overdueCheck = setInterval(() => this.#source.poke(), UNFINISHED_CHECK_MS)
    try {
      await this.#source.start()
      while (!signal.aborted) {
        if (this.#ended.size + this.#losses.length === 0) await this.#source.ready()
        await Promise.race([this.#outbox.free(), aborted])
        if (!signal.aborted) await this.#sendRound()
      }
    } finally {
      clearInterval(overdueCheck)
      await this.#source.close()
    }
    const isDrained = this.#outbox.drained().then(() => true)
    if (!(await Promise.race([isDrained, clock.sleep(this.#shutdownMs).then(() => false)]))) {
      log.warn('stopping without the last acks: what they cover is read again at the next start')
    }
    await following
    log.info('stopped', this.counters)
  }

  /** Takes over what can change while running: selection and enrichment. */
  apply(config: Config): void {
    this.#live = compile(config, this.#parts.self)
    this.#verdicts = new WeakMap()
    this.#source.reconsider()
  }

  get counters() {
    return { ...this.#source.counters, ...this.#outbox.counters }
  }

  /** One round: each ready log has one turn, as long as the batch has room. */
  async #sendRound(): Promise<void> {
    const builder = this.#builders.pop()
    if (builder === undefined) return // cannot be: there is one more than slots, and one slot is free
    let hasRoom = this.#flushHeld(builder)
    for (let left = this.#source.readyCount; left > 0 && hasRoom; left -= 1) {
      const turn = await this.#source.take(this.#buffer)
      if (turn !== undefined) hasRoom = await this.#encodeTurn(turn, builder)
    }
    this.#send(builder)
  }

  /** Delivers partials whose end will not come. Returns false when the batch is full. */
  #flushHeld(builder: BatchBuilder): boolean {
    if (!this.#flushLosses(builder)) return false
    for (const lane of this.#ended) {
      if (!this.#pipeline.flushHeld(lane, builder)) return false
      this.#ended.delete(lane)
    }
    const overdueMs = this.#parts.clock.monotonic() - UNFINISHED_MS
    for (const { lane } of this.#flows.values()) {
      const isOverdue = lane.heldSinceMs !== undefined && lane.heldSinceMs <= overdueMs
      if (isOverdue && !this.#pipeline.flushHeld(lane, builder, overdueMs)) return false
    }
    return true
  }

  #flushLosses(builder: BatchBuilder): boolean {
    for (let next = this.#losses[0]; next !== undefined; next = this.#losses[0]) {
      if (!this.#pipeline.encodeLoss(next.turn, next.lane, builder)) return false
      this.#losses.shift()
    }
    return true
  }

  /** Returns false when the batch is full. */
  async #encodeTurn({ log, turn }: SourceTurn, builder: BatchBuilder): Promise<boolean> {
    const flow = this.#flowOf(log)
    if (turn.is === 'closed') {
      this.#flows.delete(log)
      this.#ended.add(flow.lane)
    }
    if (turn.is === 'lost') {
      this.#parts.log.error('bytes of a log are lost', {
        ...log.ref,
        path: turn.path,
        bytes: turn.bytes,
        reason: turn.reason,
      })
      this.#losses.push({ turn, lane: flow.lane })
      return this.#flushLosses(builder)
    }
    if (turn.is !== 'chunk') return true
    const malformed = flow.lane.counters.malformed
    const done = this.#pipeline.encode(turn.chunk, flow.lane, builder)
    if (malformed === 0 && flow.lane.counters.malformed > 0) {
      this.#parts.log.warn('lines of no known format, delivered whole', { path: log.path })
    }
    await this.#source.consume(log, done)
    return !done.isBatchFull
  }

  /** The log's flow, its resource rendered anew when the pod, what is around it or the options have changed. */
  #flowOf(log: ContainerLog): Flow {
    const flow = this.#flows.get(log) ?? { lane: new Lane(new Uint8Array(0)) }
    this.#flows.set(log, flow)
    const { render } = this.#live
    const pod = this.#parts.metadata.find(log.ref)
    const around = this.#parts.metadata.around(log.ref)
    if (pod !== flow.pod || around !== flow.around || render !== flow.render) {
      flow.lane.resource = render(log.ref, pod, around)
      Object.assign(flow, { pod, around, render })
    }
    return flow
  }

  #admit(ref: ContainerRef, waitedMs: number): Admission {
    const pod = this.#parts.metadata.find(ref)
    const verdict = this.#verdictOn(ref, pod)
    if (verdict === 'exclude') return { is: 'exclude' }
    if (pod !== undefined && verdict === 'read') return { is: 'read' }
    const forMs = verdict === 'read' ? this.#live.waitForMetadataMs - waitedMs : Number.POSITIVE_INFINITY
    return forMs > 0 ? { is: 'wait', forMs } : { is: 'read' }
  }

  #verdictOn(ref: ContainerRef, pod: PodRecord | undefined): Verdict {
    const known = this.#verdicts.get(ref)
    if (known !== undefined && known.pod === pod) return known.verdict
    if (pod !== undefined) this.#reportInvalidHints(pod)
    const { verdict } = this.#live.selection.decide(ref, pod)
    this.#verdicts.set(ref, { pod, verdict })
    return verdict
  }

  #reportInvalidHints(pod: PodRecord): void {
    for (const hint of invalidHints(pod)) {
      const key = `${pod.uid} ${hint.annotation} ${hint.value}`
      if (this.#reportedHints.has(key)) continue
      if (this.#reportedHints.size >= REMEMBERED_HINTS) this.#reportedHints.clear()
      this.#reportedHints.add(key)
      this.#parts.log.warn('invalid annotation: ignored', { namespace: pod.namespace, pod: pod.name, ...hint })
    }
  }

  #send(builder: BatchBuilder): void {
    if (builder.isEmpty) {
      this.#builders.push(builder)
      return
    }
    const batch = builder.seal()
    this.#sent.set(batch, builder)
    this.#outbox.send(batch)
  }

  #onAck(batch: Batch): void {
    const builder = this.#sent.get(batch)
    this.#sent.delete(batch)
    if (builder === undefined) return
    builder.clear()
    this.#builders.push(builder)
  }
}

function compile(config: Config, self: AgentParts['self']): Live {
  const { namespaces, containers, labels, annotations, podAnnotations } = config.select
  const selectors = {
    labels: parseSelector(labels, { values: 'label' }),
    annotations: parseSelector(annotations, { values: 'annotation' }),
  }
  return {
    selection: createSelection({ namespaces, containers, podAnnotations, ...selectors }, self),
    render: createResourceRenderer(config.enrich),
    waitForMetadataMs: config.enrich.waitForMetadata,
  }
}

import type { CheckpointStore } from '../checkpoint/checkpoint-store.ts'
import type { Config } from '../config/schema.ts'
import { Delivery, type Sink } from '../delivery/delivery.ts'
import { ASIDE_BATCHES } from '../delivery/route.ts'
import { compileLoggy } from '../formats/loggy-program.ts'
import type { ClusterMetadata } from '../kube/cluster-metadata.ts'
import type { EventQueue } from '../kube/event-queue.ts'
import type { Clock } from '../lib/clock.ts'
import { descriptorLimit } from '../lib/descriptors.ts'
import { Pace } from '../lib/pace.ts'
import { Pulse } from '../lib/pulse.ts'
import type { Chunk } from '../model/chunk.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { EntryTap } from '../model/entry-tap.ts'
import type { Log } from '../model/log.ts'
import type { Redactor } from '../model/redaction.ts'
import type { BatchBuilder, BuiltBatch } from '../pipeline/batch-builder.ts'
import { Lanes } from '../pipeline/lanes.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { Admission } from '../select/admission.ts'
import { NodeCheck } from '../select/node-check.ts'
import type { OwnPod } from '../select/own-pod.ts'
import { Tenants } from '../select/tenant.ts'
import type { ContainerLog } from '../source/container-log.ts'
import { Source, type SourceTurn } from '../source/source.ts'
import { Budgets } from './budgets.ts'
import { compileSoon } from './compile-soon.ts'
import { keptKeys } from './kept-keys.ts'
import { Leave } from './leave.ts'
import { OpenBatches } from './open-batches.ts'
import { Overview } from './overview.ts'
import {
  admissionOptions,
  budgetsOptions,
  judgeOptions,
  lanesOptions,
  maxLineBytes,
  rotationOf,
  tenantOptions,
} from './part-options.ts'

/** Milliseconds between two checks for what has no event: partials without an end, and files to keep open. */
const TICK_MS = 1000
/** Milliseconds between two reports to the checkpoint store of which files exist. */
const SEEN_MS = 60_000

/** Milliseconds until a log is looked at again that was not at its end, or had no batch, when its lines had waited long enough for a follower. */
const LOOK_AGAIN_MS = 200
/** Milliseconds between two checks whether the agent may end, after it was asked to. */
const LEAVE_LOOK_MS = 50
/** Milliseconds for the last acks when `shutdown.grace` is over; together they are less than the manifests' grace period. */
const LAST_ACKS_MS = 10_000

/** Batches that one turn may fill. With much metadata it could fill hundreds, and other logs would have to wait. */
const TURN_BATCHES = 4
/** Additional batches if there are several partitions, some of which may be refused for long. */
const PARTITION_BATCHES = 16

export interface AgentParts {
  readonly metadata: ClusterMetadata
  readonly events: EventQueue
  readonly checkpoints: CheckpointStore
  readonly sink: Sink
  readonly redactor: Redactor
  /** The agent's own pod, which is never collected. */
  readonly self: OwnPod
  /** Undefined if there is no local API. */
  readonly tap?: EntryTap | undefined
  readonly clock: Clock
  readonly log: Log
}

/** The node agent: one loop that moves lines from the source through the pipeline to delivery. */
export class Agent {
  readonly overview: Overview
  readonly #parts: AgentParts
  readonly #shutdown: Config['shutdown']
  readonly #admission: Admission
  readonly #budgets: Budgets
  readonly #pipeline: Pipeline
  readonly #lanes: Lanes
  readonly #source: Source
  readonly #nodeCheck: NodeCheck
  readonly #delivery: Delivery<BuiltBatch>
  readonly #batches: OpenBatches
  readonly #tenants: Tenants
  readonly #pulse: Pulse
  readonly #pace: Pace
  /** From the signal to end on. */
  #leave: Leave | undefined
  #isTickDue = false
  /** All that was there at the start is read. */
  #hasCaughtUp = false
  #seenMs = 0

  constructor(config: Config, parts: AgentParts) {
    const { metadata, events, checkpoints, sink, clock, log, self } = parts
    this.#parts = parts
    this.#pulse = new Pulse(TICK_MS, clock)
    this.#pace = new Pace(clock)
    this.#shutdown = config.shutdown
    const find = metadata.find.bind(metadata)
    const onInvalidHint = events.report.bind(events)
    const tenant = tenantOptions(config.sink)
    this.#tenants = new Tenants(tenant)
    this.#admission = new Admission(admissionOptions(config), {
      find,
      self,
      tenants: this.#tenants,
      log,
      onInvalidHint,
    })
    this.#budgets = new Budgets(budgetsOptions(config), { find, clock })
    const isPartitioned = tenant.allow.length > 0
    // One to fill while every slot is taken, and those that can give up their slots.
    const batches = sink.transport.slots + 1 + ASIDE_BATCHES + (isPartitioned ? PARTITION_BATCHES : 0)
    const { batchBytes } = sink.transport
    const { redactor, tap } = parts
    this.#pipeline = new Pipeline({ maxLineBytes: maxLineBytes(config), batches, batchBytes, redactor, tap }, clock)
    this.#pipeline.configure(judgeOptions(config))
    this.#lanes = new Lanes(lanesOptions(config, sink), {
      pipeline: this.#pipeline,
      compile: sink.format.compile,
      compileOwn: compileLoggy,
      clock,
      samples: {
        bucketOf: (ref) => this.#budgets.of(ref)?.sample,
        ruleOf: (ref) => this.#budgets.sampleRuleOf(ref),
      },
      lookUp: (ref) => ({ pod: metadata.find(ref), around: metadata.around(ref) }),
      partitionOf: (pod) => this.#tenants.of(pod),
    })
    // Only the very first start may skip existing lines. Later, a file without a checkpoint is new.
    const startAt = checkpoints.isFirstStart ? config.source.startAt : 'beginning'
    this.#source = new Source(
      { ...config.source, startAt, rotation: rotationOf(config), descriptorLimit: descriptorLimit() },
      { admission: this.#admission, checkpoints, clock, log, bucketOf: (ref) => this.#budgets.of(ref)?.delay },
    )
    const onAside = () => this.#source.release()
    this.#delivery = new Delivery(sink, { clock, log, onAck: this.#onAck.bind(this), onAside })
    const builders = Array.from({ length: batches }, () => this.#pipeline.newBatch())
    const only = isPartitioned ? undefined : tenant.name
    this.#batches = new OpenBatches({ builders, delivery: this.#delivery, only })
    this.#nodeCheck = new NodeCheck(
      { ...config.kubernetes, ...config.source },
      {
        pods: () => (metadata.hasListedPods ? metadata.pods() : undefined),
        logs: () => this.#source.refs(),
        clock,
        log,
      },
    )
    const watched = {
      nodeCheck: this.#nodeCheck,
      source: this.#source,
      admission: this.#admission,
      budgets: this.#budgets,
      lanes: this.#lanes,
      pipeline: this.#pipeline,
      delivery: this.#delivery,
      maxLineBytes: maxLineBytes(config),
    }
    this.overview = new Overview({ ...parts, ...watched, pulse: this.#pulse })
  }

  /** Collects until the signal aborts; resolves after the last ack. Rejects if the sink fails permanently. */
  async run(signal: AbortSignal): Promise<void> {
    const { metadata, events, log } = this.#parts
    let look: NodeJS.Timeout | undefined
    const onAbort = () => {
      look = setInterval(() => this.#wake(), LEAVE_LOOK_MS)
      this.#tick()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const ended = new AbortController()
    const following = Promise.all([metadata.run(ended.signal), events.run(ended.signal)])
    metadata.onChange(() => this.#reconsider())
    this.#pulse.start()
    const tick = setInterval(() => {
      this.#pulse.tick()
      this.#tick()
    }, TICK_MS)
    try {
      await this.#source.start()
      while (!this.#isOver(signal)) {
        if (!this.#lanes.hasPending(this.#hasRoomFor) && !this.#isTickDue) {
          await this.#source.ready()
          // While many wake up one by one it waits a moment longer, so that one round serves more of them.
          if (this.#source.isPatient && this.#pace.isFrequent) await this.#pace.gather()
        }
        if (this.#isTickDue) await this.#tend()
        if (this.#batches.hasRoom) await this.#sendRound()
        else await this.#delivery.changed() // back-pressure: nothing is read
      }
    } finally {
      clearInterval(tick)
      signal.removeEventListener('abort', onAbort)
      clearInterval(look)
      ended.abort()
      await this.#source.close()
    }
    this.#lanes.tellLeftOut(this.#batchOf)
    this.#sendAll()
    await this.#drain()
    await following
    log.info('stopped', this.overview.report().total)
  }

  /** Pods or their surroundings have changed. */
  #reconsider(): void {
    this.#budgets.reconsider()
    this.#lanes.reconsider()
    this.#source.reconsider()
  }

  /** Applies the options that can change while the agent runs: selection, parsing and enrichment. */
  apply(config: Config): void {
    this.#pipeline.configure(judgeOptions(config))
    this.#admission.configure(admissionOptions(config))
    this.#budgets.configure(budgetsOptions(config))
    this.#lanes.configure(lanesOptions(config, this.#parts.sink))
    this.#parts.metadata.keep(keptKeys(config))
    this.#source.reconsider()
  }

  /** Closes the destination; call after `run`. */
  close(): Promise<void> {
    return this.#delivery.close()
  }

  /** Ends any wait of the loop. */
  #tick(): void {
    this.#isTickDue = true
    this.#wake()
  }

  #wake(): void {
    this.#source.poke()
    this.#delivery.poke()
  }

  /** Whether nothing more is to be read. */
  #isOver(signal: AbortSignal): boolean {
    if (!signal.aborted) return false
    const { metadata, self, clock, log } = this.#parts
    this.#leave ??= new Leave({
      graceMs: this.#shutdown.grace,
      hurry: () => metadata.hurry(),
      pods: () => (metadata.hasListedPods ? metadata.pods() : []),
      nodeState: () => metadata.nodeState,
      isWatching: () => metadata.isWatchingPods,
      isOwn: ({ namespace, name, uid }) =>
        self.owns({ namespace, pod: name, uid, container: '', containerID: undefined, restartCount: undefined }),
      find: (ref) => metadata.find(ref),
      logs: () => this.#source.reading(),
      clock,
      log,
    })
    const isOver = this.#leave.isOver()
    if (this.#leave.leftMs !== undefined) this.#source.limited.hurry()
    return isOver
  }

  async #tend(): Promise<void> {
    this.#isTickDue = false
    await this.#source.tend()
    this.#budgets.rebalance()
    this.#nodeCheck.look()
    this.#pulse.turn()
    if (!this.#hasCaughtUp && this.#source.readyCount === 0) {
      this.#hasCaughtUp = true
      compileSoon()
    }
    const nowMs = this.#parts.clock.monotonic()
    if (nowMs - this.#seenMs < SEEN_MS) return
    this.#seenMs = nowMs
    this.#parts.checkpoints.seen(this.#source.keys())
  }

  /** One round: each ready log has one turn, as long as the destination accepts batches. */
  async #sendRound(): Promise<void> {
    const isFlushed = this.#lanes.flush(this.#batchOf)
    for (let left = isFlushed ? this.#source.readyCount : 0; left > 0 && this.#batches.hasRoom; left -= 1) {
      if (this.#isTickDue) break // with hundreds of busy logs a round may take seconds
      const turn = await this.#source.take(this.#pipeline.input, this.#canTake)
      this.#pace.countTurn(turn?.turn.kind === 'chunk' ? turn.turn.chunk.bytes.length : 0)
      if (turn?.turn.kind === 'chunk' && this.#parts.self.recognises(turn.log.ref, turn.turn.chunk))
        this.#source.reconsider()
      else if (turn?.turn.kind === 'chunk') await this.#encode(turn.log, turn.turn.chunk)
      else if (turn !== undefined) this.#note(turn)
    }
    this.#sendAll()
  }

  #sendAll(): void {
    for (const builder of this.#batches) this.#send(builder)
  }

  readonly #batchOf = (partition: string): BatchBuilder | undefined => this.#batches.of(partition)
  readonly #hasRoomFor = (partition: string): boolean => this.#batches.hasRoomFor(partition)

  /** While a tenant's batches are not accepted, its containers are not read; those of other tenants are. */
  readonly #canTake = (ref: ContainerRef): boolean => {
    if (!this.#batches.isPartitioned) return true
    return this.#batches.hasRoomFor(this.#tenants.of(this.#parts.metadata.find(ref)))
  }

  /** Encodes the chunk into as many batches as it needs and may use. The rest of the chunk is read again later. */
  async #encode(log: ContainerLog, chunk: Chunk): Promise<void> {
    let lane = this.#lanes.of(log)
    let builder = this.#batches.of(lane.partition)
    let [byteCount, isBatchFull] = [0, true]
    for (let left = TURN_BATCHES; left > 0 && builder !== undefined; left -= 1) {
      ;({ byteCount, isBatchFull } = this.#lanes.encode(lane, chunk, builder))
      if (!isBatchFull) break
      this.#send(builder)
      while (this.#mustWaitFor(lane.partition)) await this.#delivery.changed()
      lane = this.#lanes.of(log)
      builder = this.#batches.of(lane.partition)
    }
    if (this.#source.readyCount === 0) this.#sendAll() // what is read goes out before the book-keeping
    await this.#source.consume(log, { byteCount, isBatchFull })
    this.#endGroups(log)
    while (!this.#lanes.easeGroups(this.#batchOf)) this.#sendAll()
  }

  /** Lines that wait for a follower go out once the log was at its end for long enough. Until then it is looked at again. */
  #endGroups(log: ContainerLog): void {
    let dueInMs = this.#lanes.groupsDueInMs(log)
    if (dueInMs === 0 && log.isAtRest) {
      const { partition } = this.#lanes.of(log)
      let builder = this.#batches.of(partition)
      while (builder !== undefined && !this.#lanes.endGroups(log, builder)) {
        this.#send(builder)
        builder = this.#batches.of(partition)
      }
      dueInMs = this.#lanes.groupsDueInMs(log)
    }
    if (dueInMs !== undefined) this.#source.lookAgain(log, dueInMs === 0 ? LOOK_AGAIN_MS : dueInMs)
  }

  /** Whether to wait for a slot: not if a tick is due or another partition may have a free slot. */
  #mustWaitFor(partition: string): boolean {
    return !this.#batches.hasRoomFor(partition) && !this.#isTickDue && !this.#batches.isPartitioned
  }

  #note({ log, turn }: SourceTurn): void {
    switch (turn.kind) {
      case 'lost': {
        const { path, bytes, reason } = turn
        const fields = { ...log.ref, path, bytes, reason }
        if (bytes === undefined) this.#parts.log.warn('bytes of a log may be lost', fields)
        else this.#parts.log.error('bytes of a log are lost', fields)
        this.#lanes.lose(log, turn)
        break
      }
      case 'closed':
        if (turn.leaving === undefined) this.#lanes.end(log)
        else this.#lanes.leave(log, turn.leaving)
        break
      case 'idle':
        this.#lanes.caughtUp(log)
        if (turn.againInMs === undefined) this.#endGroups(log)
        break
    }
  }

  #send(builder: BatchBuilder): void {
    this.#batches.close(builder)
    if (builder.isEmpty) {
      this.#batches.giveBack(builder)
      return
    }
    this.#delivery.send(builder.seal())
  }

  #onAck({ builder, positions }: BuiltBatch): void {
    for (const leftOut of builder.told) leftOut.tell()
    for (const [file, settling] of positions) {
      if (file.key === undefined) continue
      const { key } = file
      const advance = () => this.#parts.checkpoints.advance(key, settling, file)
      const untold = builder.untold.get(file)
      if (untold === undefined) advance()
      else untold.whenTold(advance)
    }
    builder.countDelivered()
    builder.clear()
    this.#batches.giveBack(builder)
    if (this.#batches.isPartitioned) this.#source.release()
  }

  async #drain(): Promise<void> {
    const { log } = this.#parts
    const leftMs = this.#leave?.leftMs
    const waitMs = leftMs === undefined ? this.#shutdown.timeout : Math.max(leftMs, LAST_ACKS_MS)
    let isOver = false
    // Only this timer ends the wait. With a check of the clock too, one timer in a hundred fired a moment early and the wait never ended.
    const timer = setTimeout(() => {
      isOver = true
      this.#delivery.poke()
    }, waitMs)
    while (!this.#delivery.isDrained && !isOver) await this.#delivery.changed()
    clearTimeout(timer)
    if (this.#delivery.isDrained) return
    log.warn('stopping before all batches were acknowledged; they are sent again after the next start')
  }
}

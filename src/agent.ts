import type { CheckpointStore } from './checkpoint/checkpoint-store.ts'
import type { Config } from './config/schema.ts'
import { Admission, type AdmissionOptions } from './kube/admission.ts'
import type { ClusterMetadata } from './kube/cluster-metadata.ts'
import type { EventQueue } from './kube/event-queue.ts'
import type { Clock } from './lib/clock.ts'
import { descriptorLimit } from './lib/descriptors.ts'
import { Pace } from './lib/pace.ts'
import { Pulse } from './lib/pulse.ts'
import type { Batch, Chunk, EntryTap, Log, Sink } from './model.ts'
import { Overview } from './overview.ts'
import type { BatchBuilder } from './pipeline/batch-builder.ts'
import type { JudgeOptions } from './pipeline/judge.ts'
import { Lanes } from './pipeline/lanes.ts'
import { Pipeline } from './pipeline/pipeline.ts'
import { createResourceRenderer } from './pipeline/resource.ts'
import { Outbox } from './sink/outbox.ts'
import type { ContainerLog } from './source/container-log.ts'
import { Source, type SourceTurn } from './source/source.ts'

/** Milliseconds between two looks at what no event announces: partials without an end, and files to hold on to. */
const TICK_MS = 1000
/** Milliseconds between two reports to the checkpoints of which files there are. */
const SEEN_MS = 60_000

/** Batches that one turn may fill. Under much metadata it could fill hundreds, and the other logs would wait for all of them. */
const TURN_BATCHES = 4

export interface AgentParts {
  readonly metadata: ClusterMetadata
  readonly events: EventQueue
  readonly checkpoints: CheckpointStore
  readonly sink: Sink & { readonly counters?: object }
  /** The agent's own pod, never collected; undefined outside a cluster. */
  readonly self: { readonly namespace: string | undefined; readonly pod: string | undefined }
  /** Undefined where nobody can look. */
  readonly tap?: EntryTap | undefined
  readonly clock: Clock
  readonly log: Log
}

/** The node agent: wires source, pipeline, metadata, sink and checkpoints together, and is the one loop that moves the lines. */
export class Agent {
  readonly overview: Overview
  readonly #parts: AgentParts
  readonly #shutdownMs: number
  readonly #admission: Admission
  readonly #pipeline: Pipeline
  readonly #lanes: Lanes
  readonly #source: Source
  readonly #outbox: Outbox
  /** One to fill while every slot is taken. */
  readonly #builders: BatchBuilder[]
  readonly #sent = new Map<Batch, BatchBuilder>()
  readonly #pulse: Pulse
  readonly #pace: Pace
  #isTickDue = false
  #seenMs = 0

  constructor(config: Config, parts: AgentParts) {
    const { metadata, events, checkpoints, sink, clock, log, self } = parts
    this.#parts = parts
    this.#pulse = new Pulse(TICK_MS, clock)
    this.#pace = new Pace(clock)
    this.#shutdownMs = config.shutdown.timeout
    const find = metadata.find.bind(metadata)
    const onInvalidHint = events.tell.bind(events)
    this.#admission = new Admission(admissionOptions(config), { find, self, log, onInvalidHint })
    const batches = sink.slots + 1
    this.#pipeline = new Pipeline({ ...config.source, batches }, clock)
    this.#pipeline.configure(judgeOptions(config))
    this.#lanes = new Lanes(createResourceRenderer(config.enrich), {
      pipeline: this.#pipeline,
      clock,
      lookUp: (ref) => ({ pod: metadata.find(ref), around: metadata.around(ref) }),
    })
    // Only the very first start may pass over what is there; later, a file without a checkpoint is news.
    const startAt = checkpoints.isFirstStart ? config.source.startAt : 'beginning'
    this.#source = new Source(
      { ...config.source, startAt, descriptorLimit: descriptorLimit() },
      { admission: this.#admission, checkpoints, clock, log },
    )
    this.#builders = Array.from({ length: batches }, () => this.#pipeline.newBatch())
    this.#outbox = new Outbox(sink, { clock, onAck: this.#onAck.bind(this) })
    const watched = { source: this.#source, admission: this.#admission, lanes: this.#lanes, outbox: this.#outbox }
    this.overview = new Overview({ ...parts, ...watched, pulse: this.#pulse })
  }

  /** Collects until the signal aborts; resolves after the last ack. Rejects when the sink fails for good. */
  async run(signal: AbortSignal): Promise<void> {
    const { metadata, events, log } = this.#parts
    signal.addEventListener('abort', () => this.#tick(), { once: true })
    const following = Promise.all([metadata.run(signal), events.run(signal)])
    metadata.onChange(() => this.#source.reconsider())
    this.#pulse.start()
    const tick = setInterval(() => {
      this.#pulse.tick()
      this.#tick()
    }, TICK_MS)
    try {
      await this.#source.start()
      while (!signal.aborted) {
        if (!this.#lanes.hasPending && !this.#isTickDue) await this.#awaitWork()
        if (this.#isTickDue) await this.#tend()
        if (this.#outbox.isFree) await this.#sendRound()
        else await this.#outbox.changed() // back-pressure: nothing is read
      }
    } finally {
      clearInterval(tick)
      await this.#source.close()
    }
    await this.#drain()
    await following
    log.info('stopped', this.overview.report().total)
  }

  /** Takes over what can change while running: selection, parsing and enrichment. */
  apply(config: Config): void {
    this.#pipeline.configure(judgeOptions(config))
    this.#admission.configure(admissionOptions(config))
    this.#lanes.configure(createResourceRenderer(config.enrich))
    this.#source.reconsider()
  }

  /** Ends whatever the loop waits for. */
  #tick(): void {
    this.#isTickDue = true
    this.#source.poke()
    this.#outbox.poke()
  }

  async #tend(): Promise<void> {
    this.#isTickDue = false
    await this.#source.tend()
    this.#pulse.turn()
    const nowMs = this.#parts.clock.monotonic()
    if (nowMs - this.#seenMs < SEEN_MS) return
    this.#seenMs = nowMs
    this.#parts.checkpoints.seen(this.#source.keys())
  }

  /** Until a log is ready; while many are woken one by one, a moment longer, so that one round serves more of them. */
  async #awaitWork(): Promise<void> {
    await this.#source.ready()
    if (this.#source.isPatient) await this.#pace.gather()
  }

  /** One round: each log that is ready has one turn, as long as the destination takes what it brings. */
  async #sendRound(): Promise<void> {
    let builder = this.#builders.pop()
    const hasRoom = builder !== undefined && this.#lanes.flush(builder)
    for (let left = hasRoom ? this.#source.readyCount : 0; left > 0 && builder !== undefined; left -= 1) {
      if (this.#isTickDue) break // with hundreds of busy logs a round may take seconds
      this.#pace.countTurn()
      const turn = await this.#source.take(this.#pipeline.input)
      if (turn?.turn.kind === 'chunk') builder = await this.#encode(turn.log, turn.turn.chunk, builder)
      else if (turn !== undefined) this.#note(turn)
    }
    if (builder !== undefined) this.#send(builder)
  }

  /**
   * Encodes the chunk into as many batches as it needs, and may have, and returns the next one to fill: undefined when the destination
   * takes no more now. What is left of the chunk stays in the file.
   */
  async #encode(log: ContainerLog, chunk: Chunk, first: BatchBuilder): Promise<BatchBuilder | undefined> {
    let builder: BatchBuilder | undefined = first
    let [byteCount, isBatchFull] = [0, true]
    for (let left = TURN_BATCHES; left > 0 && builder !== undefined; left -= 1) {
      const encoded = this.#lanes.encode(log, after(chunk, byteCount), builder)
      byteCount += encoded.byteCount
      isBatchFull = encoded.isBatchFull
      if (!isBatchFull) break
      this.#send(builder)
      builder = await this.#nextBuilder()
    }
    await this.#source.consume(log, { byteCount, isBatchFull })
    return builder
  }

  /** Waits for a slot, but not when the time has come to look after other things. */
  async #nextBuilder(): Promise<BatchBuilder | undefined> {
    while (!this.#outbox.isFree && !this.#isTickDue) await this.#outbox.changed()
    return this.#outbox.isFree ? this.#builders.pop() : undefined
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
        this.#lanes.end(log)
        break
      case 'idle':
        this.#lanes.caughtUp(log)
        break
    }
  }

  #send(builder: BatchBuilder): void {
    if (builder.isEmpty) {
      this.#builders.push(builder)
      return
    }
    const { tap } = this.#parts
    if (tap?.isOpen) for (const { lane, bytes } of builder.parts()) tap.offer(lane.ref, bytes)
    const batch = builder.seal()
    this.#sent.set(batch, builder)
    this.#outbox.send(batch)
  }

  #onAck(batch: Batch): void {
    for (const [file, settling] of batch.positions) {
      if (file.key !== undefined) this.#parts.checkpoints.advance(file.key, settling, file)
    }
    const builder = this.#sent.get(batch)
    this.#sent.delete(batch)
    if (builder === undefined) return
    builder.countDelivered()
    builder.clear()
    this.#builders.push(builder)
  }

  async #drain(): Promise<void> {
    const { clock, log } = this.#parts
    const untilMs = clock.monotonic() + this.#shutdownMs
    const patience = setTimeout(() => this.#outbox.poke(), this.#shutdownMs)
    while (!this.#outbox.isDrained && clock.monotonic() < untilMs) await this.#outbox.changed()
    clearTimeout(patience)
    if (this.#outbox.isDrained) return
    log.warn('stopping without the last acks: what they cover is delivered again at the next start')
  }
}

/** The chunk without its first bytes. */
function after(chunk: Chunk, byteCount: number): Chunk {
  if (byteCount === 0) return chunk
  return { ...chunk, bytes: chunk.bytes.subarray(byteCount), offset: chunk.offset + byteCount }
}

function admissionOptions({ select, enrich }: Config): AdmissionOptions {
  return { ...select, waitForMetadata: enrich.waitForMetadata }
}

function judgeOptions({ select, parse }: Config): JudgeOptions {
  return { json: parse.json, minLevel: select.minLevel }
}

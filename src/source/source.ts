import { join } from 'node:path'
import type { Bucket } from '../lib/bucket.ts'
import type { Clock } from '../lib/clock.ts'
import { isOutOfDescriptors } from '../lib/descriptors.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Rotation } from '../lib/loss-horizon.ts'
import type { Admitted } from '../model/admitted.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LeftLog } from '../model/left-log.ts'
import type { LimitStatus } from '../model/limit.ts'
import type { Log } from '../model/log.ts'
import type { LogStatus } from '../model/log-status.ts'
import type { ContainerLog } from './container-log.ts'
import { DescriptorBudget, type DescriptorFigures } from './descriptor-budget.ts'
import { Discovery } from './discovery.ts'
import { settleDouble } from './double-links.ts'
import { dropOverBudget, type HeldBudget } from './held-budget.ts'
import { LimitedLogs } from './limited-logs.ts'
import { parseLogPath } from './log-path.ts'
import { statusOf } from './log-status.ts'
import { isDenied } from './obstacle.ts'
import { Obstacles } from './obstacles.ts'
import { ReadyQueue } from './ready-queue.ts'
import { isAtRest, isReadUp, isStuck } from './stuck.ts'
import { type Tracked, TrackedLogs, type TrackedLogsParts } from './tracked-logs.ts'
import type { Turn } from './turn.ts'

/** Milliseconds within which each log is checked even without an event: a lost event must not stop a file from being read. */
const SWEEP_MS = 30_000
/** Milliseconds between two checks whether another log's lines are settled. */
const HANDOVER_LOOK_MS = 50
/** Milliseconds before retrying a log for which no descriptor was left. */
const NO_DESCRIPTOR_MS = 100
/** Milliseconds between two looks for what keeps logs from being opened. */
const OBSTACLES_MS = 10_000
/** Milliseconds after which a deleted log is dropped if its pod never became known, and only the pod's metadata could select it. */
const UNDECIDED_MS = 60_000

export interface SourceOptions {
  /** The directory of the kubelet's links to container logs. */
  readonly directory: string
  /** Where to begin in files that exist at the start. Later ones are read from their beginning. */
  readonly startAt: 'beginning' | 'end'
  readonly held: HeldBudget
  /** How long unread lines stay on disk. */
  readonly rotation: Rotation
  /** How many files the process may have open. */
  readonly descriptorLimit: number
}

export interface SourceParts {
  readonly admission: {
    /** `waitedMs`: since the file was found. */
    admit(ref: ContainerRef, waitedMs: number): Admitted
  }
  readonly checkpoints: TrackedLogsParts['checkpoints']
  /** The budget of a container whose excess is read later; undefined for none. */
  bucketOf(ref: ContainerRef): Bucket | undefined
  readonly clock: Clock
  readonly log: Log
}

/** The result of one log's turn. `closed`: it has no more, now or ever; `leaving`: because another log takes over its files. */
export type SourceTurn = {
  readonly log: ContainerLog
  readonly turn:
    | Exclude<Turn, { kind: 'finished' }>
    | { readonly kind: 'closed'; readonly leaving?: LeftLog | undefined }
}

/** All container logs of the node: finds them, and gives each that has something to read its turn, in a fair order. */
export class Source {
  readonly counters = { found: 0, unparsable: 0, finished: 0, faults: 0, stuck: 0 }
  readonly #options: SourceOptions
  readonly #parts: SourceParts
  readonly #discovery: Discovery
  readonly #logs: TrackedLogs
  readonly #ready: ReadyQueue<Tracked>
  readonly #descriptors: DescriptorBudget
  readonly #obstacles: Obstacles
  #obstaclesDueMs = 0
  /** Logs that have something to read, whose turn waits for `release`. */
  readonly #postponed = new Set<Tracked>()
  readonly #limited: LimitedLogs
  #isStarting = true
  /** A descriptor was refused. */
  #isShort = false
  /** A log may have opened or kept files since the last `tend`. */
  #hasMoved = false
  #sweepDueMs = Infinity

  constructor(options: SourceOptions, parts: SourceParts) {
    this.#options = options
    this.#parts = parts
    this.#ready = new ReadyQueue(parts.clock, ({ secondsToLoss }) => secondsToLoss)
    this.#limited = new LimitedLogs({ ...parts, ...options, wake: (tracked) => this.#ready.addBusy(tracked) })
    this.#logs = new TrackedLogs({
      ...parts,
      wake: (tracked) => this.#wake(tracked),
      onForeign: (path) =>
        parts.log.warn('ignoring a file next to a log: its name is not one that a rotation creates', { path }),
    })
    this.#descriptors = new DescriptorBudget(options.descriptorLimit, parts.log)
    this.#obstacles = new Obstacles(parts.log)
    this.#discovery = new Discovery(
      options.directory,
      {
        onFound: this.#onFound.bind(this),
        onGone: this.#onGone.bind(this),
        onFault: (error) => this.#noteShortage(error),
      },
      parts,
    )
  }

  /** Resolves when all existing files have been found. */
  async start(): Promise<void> {
    await this.#discovery.start()
    this.#isStarting = false
    this.#sweepDueMs = this.#parts.clock.monotonic() + SWEEP_MS
  }

  /** Stops all watching, and closes open files. */
  async close(): Promise<void> {
    await this.#discovery.close()
    this.#limited.close()
    for (const tracked of this.#logs.all()) await this.#letGo(tracked)
    this.poke()
  }

  /** Resolves when a log is ready for its turn, or at the next `poke`. */
  ready(): Promise<void> {
    return this.#ready.filled()
  }

  /** Ends a wait in `ready`. */
  poke(): void {
    this.#ready.poke()
  }

  /** All ready logs had only an event: the loop may wait a moment for more. */
  get isPatient(): boolean {
    return this.#ready.isPatient
  }

  get readyCount(): number {
    return this.#ready.size
  }

  /**
   * The next log's turn; its chunk is in `buffer`. Undefined if that log is not to be read, or not now. A log that `canTake` refuses waits
   * for `release`.
   */
  async take(buffer: Uint8Array, canTake: (ref: ContainerRef) => boolean): Promise<SourceTurn | undefined> {
    const tracked = this.#ready.take()
    if (tracked === undefined) return undefined
    if (!canTake(tracked.ref)) {
      this.#postponed.add(tracked)
      return undefined
    }
    if (this.#isShort) await this.#giveBackDescriptors()
    this.#hasMoved = true
    try {
      return await this.#turn(tracked, buffer)
    } catch (error) {
      this.#noteShortage(error)
      this.#retryLater(tracked, error)
      return undefined
    }
  }

  /** Gives the logs that `canTake` refused another turn. */
  release(): void {
    for (const tracked of this.#postponed) this.#ready.add(tracked)
    this.#postponed.clear()
    this.poke()
  }

  /** Gives the log a turn in so many milliseconds, if it has none before. */
  lookAgain(log: ContainerLog, milliseconds: number): void {
    const tracked = this.#logs.of(log)
    if (tracked !== undefined && !this.#hasNews(tracked)) this.#ready.addIn(tracked, milliseconds)
  }

  /** Ends the turn of a log that returned a chunk: `byteCount` of its bytes are done. */
  async consume(log: ContainerLog, done: { readonly byteCount: number; readonly isBatchFull: boolean }): Promise<void> {
    const tracked = this.#logs.of(log)
    if (tracked === undefined) return
    try {
      tracked.readBytes += done.byteCount
      const isCut = this.#limited.spend(tracked, done.byteCount)
      const hasMore = await log.consume(done.byteCount, done.isBatchFull || isCut)
      if (done.isBatchFull && done.byteCount === 0) this.#ready.addFirst(tracked)
      else if (hasMore) this.#ready.addBusy(tracked)
      else this.#rest(tracked)
      tracked.fault = undefined
      tracked.backoff.reset()
      if (done.byteCount > 0) tracked.activeMs = this.#parts.clock.monotonic()
    } catch (error) {
      this.#retryLater(tracked, error)
    }
  }

  /**
   * Handles what has no events; call between turns, about once a second. While the destination accepts nothing, this opens files that
   * the kubelet rotates.
   */
  async tend(): Promise<void> {
    const nowMs = this.#parts.clock.monotonic()
    this.#discovery.check()
    if (nowMs >= this.#sweepDueMs) await this.#sweep()
    if (nowMs >= this.#obstaclesDueMs || this.#obstacles.isDue) {
      this.#obstaclesDueMs = nowMs + OBSTACLES_MS
      this.#obstacles.look(this.#unopened())
    }
    for (const tracked of this.#waiting()) {
      this.#hasMoved = true
      if (tracked.leaving !== undefined) continue
      if (this.#admit(tracked).kind === 'exclude') {
        const closed = await this.#exclude(tracked)
        tracked.closed ??= closed?.log
        this.#ready.add(tracked)
        continue
      }
      const log = this.#logs.open(tracked)
      if (!(await this.#descriptors.admits(tracked, this.#logs.tracked()))) continue
      await log.hold().catch((error: unknown) => this.#report(tracked, error))
      const weighing = this.#limited.weigh(tracked, this.#descriptors.maxHeldFiles)
      await weighing.catch((error: unknown) => this.#report(tracked, error))
    }
    if (this.#isShort) await this.#giveBackDescriptors()
    if (!this.#hasMoved) return
    this.#hasMoved = false
    await this.#keepWithinBudget()
    await this.#descriptors.keep(this.#logs.tracked())
  }

  /** Those that wait for their turn, for their budget, or for their pod. Usually there are few, so not every log is asked for all three. */
  #waiting(): Set<Tracked> {
    const all = this.#logs.all()
    const waiting = new Set<Tracked>()
    for (const tracked of all) if (tracked.admission === 'wait') waiting.add(tracked)
    for (const queue of [this.#ready, this.#postponed, this.#limited.delayed])
      for (const tracked of queue) if (all.has(tracked)) waiting.add(tracked)
    return waiting
  }

  /** Paths of the logs that are to be read and cannot be opened, deleted ones aside, and of the directory itself. */
  *#unopened(): Generator<string> {
    yield this.#options.directory
    for (const { path, open, goneMs } of this.#logs.all())
      if (goneMs === undefined && open !== undefined && !open.log.isOpen && !open.log.isParked) yield path
  }

  /** What keeps logs from being read, one sentence each. */
  get obstacles(): readonly string[] {
    return this.#obstacles.sentences
  }

  /** The budgets of logs: which wait for theirs, and which of these give way. */
  get limited(): LimitedLogs {
    return this.#limited
  }

  /** Whether the log is held back by its budget, or read in spite of it. */
  limitStateOf(ref: ContainerRef): LimitStatus['state'] {
    return this.#limited.stateOf(this.#logs.tracked().find((one) => one.ref === ref))
  }

  /** Whether it waits for its turn. */
  #hasNews(tracked: Tracked): boolean {
    return this.#ready.has(tracked) || this.#postponed.has(tracked) || this.#limited.isDelayed(tracked)
  }

  #wake(tracked: Tracked): void {
    if (this.#limited.isDelayed(tracked)) return
    if (tracked.open?.wake.isWatching) this.#ready.addWoken(tracked)
    else this.#ready.addPolled(tracked)
  }

  /** The log is read to its end, for now. */
  #rest(tracked: Tracked): void {
    tracked.open?.wake.rest(tracked.readBytes - tracked.restedBytes)
    tracked.restedBytes = tracked.readBytes
    this.#limited.rest(tracked)
  }

  async #keepWithinBudget(): Promise<void> {
    const { maxBytes, maxFiles } = this.#options.held
    for (const tracked of await this.#descriptors.release(this.#logs.tracked())) this.#ready.add(tracked)
    const isExceeded = this.#descriptors.isExceeded(this.#logs.tracked())
    const logs = this.#logs.tracked().flatMap(({ open }) => (open?.log.isHolding ? open.log : []))
    const losers = await dropOverBudget(logs, {
      maxBytes,
      // Files on disk can be opened later; deleted ones cannot.
      maxFiles: isExceeded ? Math.min(maxFiles, this.#descriptors.maxHeldFiles) : maxFiles,
    }).catch((error: unknown) => {
      this.#parts.log.error('cannot get the sizes of files that are kept open', { error: describeError(error) })
      return []
    })
    for (const log of losers) {
      const tracked = this.#logs.of(log)
      if (tracked !== undefined) this.#ready.add(tracked)
    }
  }

  /** All containers that have a log, including excluded ones. */
  *refs(): Generator<ContainerRef> {
    for (const { ref } of this.#logs.all()) yield ref
  }

  /** The logs that are read, or wait for that. `isRead`: to the end, for now. */
  *reading(): Generator<{ readonly ref: ContainerRef; readonly isRead: boolean }> {
    for (const tracked of this.#logs.all()) {
      if (tracked.admission === 'exclude') continue
      yield { ref: tracked.ref, isRead: !this.#hasNews(tracked) && isReadUp(tracked) }
    }
  }

  /** Keys of all files that are open, or were read and may still be on disk. */
  *keys(): Generator<string> {
    for (const [log] of this.#logs.opened()) yield* log.keys()
  }

  /** How far each log has been read, including excluded ones. If a file cannot be checked, its status has the fault. */
  status(): Promise<LogStatus[]> {
    return Promise.all([...this.#logs.all()].map((tracked) => statusOf(tracked, this.#parts.clock)))
  }

  /** Decides again which logs are read; call when pods or the selection have changed. */
  reconsider(): void {
    for (const tracked of this.#logs.all()) {
      if (this.#admit(tracked).kind !== tracked.admission) this.#ready.add(tracked)
    }
  }

  async #turn(tracked: Tracked, buffer: Uint8Array): Promise<SourceTurn | undefined> {
    if (tracked.leaving !== undefined && tracked.open === undefined) return undefined
    const admission = this.#admit(tracked)
    tracked.admission = admission.kind
    if (tracked.closed !== undefined) return this.#reportClosed(tracked, tracked.closed)
    if (admission.kind === 'exclude') return this.#exclude(tracked)
    const log = this.#logs.open(tracked)
    // A log that leaves its files to another one opens none, and the other one waits for it. Awaited only if it is a promise, which is
    // rare: each await costs as much as the rest of a turn's book-keeping.
    const admitted = tracked.leaving !== undefined || this.#descriptors.admits(tracked, this.#logs.tracked())
    if (admitted !== true && !(await admitted)) {
      this.#ready.addIn(tracked, NO_DESCRIPTOR_MS)
      return undefined
    }
    if (admission.kind === 'wait') return this.#wait(tracked, log, admission.forMs)
    if (!log.isOpen && !log.isParked) await log.open()
    if (tracked.handovers.length > 0) {
      if (await this.#awaitHandovers(tracked, log)) return undefined
    } else if (tracked.leaving === undefined && this.#logs.hasNewLive(tracked)) {
      if (await this.#settleDouble(tracked)) return undefined
      await this.#logs.takeOverEarlier(tracked)
    }
    if (this.#limited.holdsBack(tracked)) return undefined
    const turn = await log.read(buffer, this.#limited.bytesFor(tracked))
    if (turn.kind === 'finished') return this.#finish(tracked)
    if (turn.kind === 'chunk') return { log, turn: { kind: 'chunk', chunk: this.#limited.limit(tracked, turn.chunk) } }
    if (turn.kind === 'lost') this.#ready.add(tracked)
    if (turn.kind === 'idle') {
      this.#rest(tracked)
      if (turn.againInMs !== undefined) this.#ready.addIn(tracked, turn.againInMs)
    }
    return { log, turn }
  }

  /** As docs/configuration.md says, what a container writes while it is excluded stays unread. */
  #exclude(tracked: Tracked): Promise<SourceTurn | undefined> {
    tracked.admission = 'exclude'
    tracked.startAt = 'end'
    return this.#letGo(tracked)
  }

  #reportClosed(tracked: Tracked, log: ContainerLog): SourceTurn {
    tracked.closed = undefined
    this.#ready.add(tracked)
    return { log, turn: { kind: 'closed' } }
  }

  /** Two links lead to the file that was just opened: one of the two logs reads it, in a turn of its own. */
  async #settleDouble(tracked: Tracked): Promise<boolean> {
    const { directory } = this.#options
    const double = await settleDouble(tracked, { ...this.#parts, logs: this.#logs, directory })
    if (double === undefined) return false
    this.#ready.add(double.leftOut)
    this.#ready.add(double.reader)
    return true
  }

  /** Keeps all files open until what another log has read of them is settled, then continues there. Returns whether it still waits. */
  async #awaitHandovers(tracked: Tracked, log: ContainerLog): Promise<boolean> {
    await log.hold() // opens files that the other log has seen, and this one has not
    if (tracked.handovers.every(({ isOver }) => isOver)) {
      for (const { from } of tracked.handovers.splice(0)) await this.#logs.takeOver(from, tracked)
      await this.#logs.takeOverEarlier(tracked)
      return false
    }
    this.#ready.addIn(tracked, HANDOVER_LOOK_MS)
    return true
  }

  /** The file stays open, so that it can be read when the pod is known, whatever happens to its name until then. */
  async #wait(tracked: Tracked, log: ContainerLog, forMs: number): Promise<SourceTurn | undefined> {
    await log.open()
    const leftMs =
      tracked.goneMs === undefined ? Infinity : tracked.goneMs + UNDECIDED_MS - this.#parts.clock.monotonic()
    if (tracked.goneMs !== undefined && log.isEmpty) return this.#finish(tracked)
    if (leftMs > 0) {
      this.#ready.addIn(tracked, Math.min(forMs, leftMs))
      return undefined
    }
    const fields = { ...tracked.ref, path: tracked.path, unreadBytes: await log.unreadBytes() }
    this.#parts.log.error(
      'log not collected: deleted before its pod became known, whose metadata was needed to select it',
      fields,
    )
    return this.#letGo(tracked)
  }

  #admit(tracked: Tracked): Admitted {
    return this.#parts.admission.admit(tracked.ref, this.#parts.clock.monotonic() - tracked.foundMs)
  }

  #finish(tracked: Tracked): Promise<SourceTurn | undefined> {
    this.counters.finished += 1
    return this.#letGo(tracked)
  }

  /** Closes what is open: the log is finished, or its container excluded. If selected later, it is then read from its end. */
  async #letGo(tracked: Tracked): Promise<SourceTurn | undefined> {
    this.#ready.remove(tracked)
    this.#postponed.delete(tracked)
    this.#limited.forget(tracked)
    this.#descriptors.forget(tracked)
    const log = await this.#logs.close(tracked)
    return log === undefined ? undefined : { log, turn: { kind: 'closed', leaving: tracked.leaving } }
  }

  #onFound(name: string, target: string | undefined): void {
    const ref = parseLogPath(name, target)
    if (ref === undefined) {
      this.counters.unparsable += 1
      this.#parts.log.warn('not a container log: skipped', { name, target })
      return
    }
    this.counters.found += 1
    const path = target ?? join(this.#options.directory, name)
    const startAt = this.#isStarting ? this.#options.startAt : 'beginning'
    this.#ready.add(this.#logs.found({ name, path, ref, startAt }))
  }

  #onGone(name: string): void {
    const tracked = this.#logs.gone(name)
    if (tracked !== undefined) this.#ready.add(tracked)
  }

  /** The descriptor limit and its effects. */
  get descriptors(): DescriptorFigures {
    return this.#descriptors.figures(this.#logs.tracked())
  }

  /** Without a free descriptor, nothing can be listed, and so nothing closed: some are freed at once. */
  #noteShortage(error: unknown): void {
    this.#isShort ||= isOutOfDescriptors(systemCode(error))
  }

  /** Runs between turns, when no file is being read. */
  async #giveBackDescriptors(): Promise<void> {
    await this.#descriptors.shrink(this.#logs.tracked())
    this.#isShort = false
  }

  /** A fault of one file does not affect others: it is logged once, and the file is tried again. */
  #retryLater(tracked: Tracked, error: unknown): void {
    this.#report(tracked, error)
    // Descriptors become free soon, and waiting longer could be too late for a file that is about to be deleted.
    this.#ready.addIn(tracked, isOutOfDescriptors(systemCode(error)) ? NO_DESCRIPTOR_MS : tracked.backoff.next())
  }

  #report(tracked: Tracked, error: unknown): void {
    this.counters.faults += 1
    const fault = systemCode(error) ?? describeError(error)
    // One message for all logs that it is in the way of comes instead.
    const isExplained = isDenied(error) && this.#obstacles.explains(tracked.path)
    if (fault !== tracked.fault && !isExplained) {
      this.#parts.log.error('cannot read a log file; retrying', { path: tracked.path, error: describeError(error) })
    }
    tracked.fault = fault
  }

  /** The watchdog: checks each log, and reopens one that is exactly as far behind as at the last sweep. */
  async #sweep(): Promise<void> {
    this.#sweepDueMs = this.#parts.clock.monotonic() + SWEEP_MS
    this.#descriptors.grow(this.#logs.tracked())
    for (const [log, tracked] of this.#logs.opened()) {
      const isItsTurn = this.#hasNews(tracked)
      if (!isItsTurn && isAtRest(log)) {
        tracked.behindAt = undefined
        continue
      }
      log.noteRename()
      this.#ready.add(tracked)
      if (isItsTurn || tracked.admission !== 'read' || tracked.fault !== undefined) continue
      if (!(await isStuck(tracked, log))) continue
      this.counters.stuck += 1
      const { path, behindAt } = tracked
      this.#parts.log.warn('a log grows but was not read: reopening it', { path, behindAt })
      await log.reopen().catch((error: unknown) => this.#report(tracked, error))
    }
  }
}

import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { isOutOfDescriptors } from '../lib/descriptors.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Admitted } from '../model/admitted.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LeftLog } from '../model/left-log.ts'
import type { Log } from '../model/log.ts'
import type { LogStatus } from '../model/log-status.ts'
import type { ContainerLog } from './container-log.ts'
import { DescriptorBudget, type DescriptorFigures } from './descriptor-budget.ts'
import { Discovery } from './discovery.ts'
import { settleDouble } from './double-links.ts'
import { giveUpOverBudget, type HeldBudget } from './held-budget.ts'
import { parseLogPath } from './log-path.ts'
import { statusOf } from './log-status.ts'
import { ReadyQueue } from './ready-queue.ts'
import { isAtRest, isStuck } from './stuck.ts'
import { type Tracked, TrackedLogs, type TrackedLogsParts } from './tracked-logs.ts'
import type { Turn } from './turn.ts'

/** Milliseconds within which each log is looked at although nothing woke it: a lost event must not silence a file. */
const SWEEP_MS = 30_000
/** Milliseconds between two looks whether another log's lines are settled. */
const HANDOVER_LOOK_MS = 50
/** Milliseconds until a log that no descriptor was left for is tried again. */
const NO_DESCRIPTOR_MS = 100
/** Milliseconds after which a deleted log is given up whose pod never became known although only the pod can select it. */
const UNDECIDED_MS = 60_000

export interface SourceOptions {
  /** Where the kubelet links the container logs. */
  readonly directory: string
  /** Where to begin in files that are there at the start. Later ones are read from their beginning. */
  readonly startAt: 'beginning' | 'end'
  readonly held: HeldBudget
  /** How many files the process may have open. */
  readonly descriptorLimit: number
}

export interface SourceParts {
  readonly admission: {
    /** `waitedMs`: since the file was found. */
    admit(ref: ContainerRef, waitedMs: number): Admitted
  }
  readonly checkpoints: TrackedLogsParts['checkpoints']
  readonly clock: Clock
  readonly log: Log
}

/** What one log's turn brought. `closed`: it has no more, now or ever; `leaving`: because another log goes on with its files. */
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
  /** Logs that have something to read, and whose turn waits for `release`. */
  readonly #postponed = new Set<Tracked>()
  #isStarting = true
  /** A descriptor was refused. */
  #isShort = false
  #sweepDueMs = Infinity

  constructor(options: SourceOptions, parts: SourceParts) {
    this.#options = options
    this.#parts = parts
    this.#ready = new ReadyQueue(parts.clock)
    this.#logs = new TrackedLogs({
      ...parts,
      wake: (tracked) => this.#ready.addWoken(tracked),
      onForeign: (path) => parts.log.warn('no rotation makes such a file beside a log: left out', { path }),
    })
    this.#descriptors = new DescriptorBudget(options.descriptorLimit, parts.log)
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

  /** Resolves when the files that are there have been found. */
  async start(): Promise<void> {
    await this.#discovery.start()
    this.#isStarting = false
    this.#sweepDueMs = this.#parts.clock.monotonic() + SWEEP_MS
  }

  /** Stops finding and waking; open files are closed. */
  async close(): Promise<void> {
    await this.#discovery.close()
    for (const tracked of this.#logs.all()) await this.#letGo(tracked)
    this.poke()
  }

  /** Resolves as soon as a log is ready for its turn, or at the next `poke`. */
  ready(): Promise<void> {
    return this.#ready.filled()
  }

  /** Ends a wait in `ready`. */
  poke(): void {
    this.#ready.poke()
  }

  /** All logs that are ready were merely woken: the loop may wait a moment for others. */
  get isPatient(): boolean {
    return this.#ready.isPatient
  }

  get readyCount(): number {
    return this.#ready.size
  }

  /**
   * The next log's turn; its chunk stands in `buffer`. Undefined when that log is not to be read (now). One for which `canTake` says no waits
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
    try {
      return await this.#turn(tracked, buffer)
    } catch (error) {
      this.#noteShortage(error)
      this.#retryLater(tracked, error)
      return undefined
    }
  }

  /** Those that were not to be taken have their turn again. */
  release(): void {
    for (const tracked of this.#postponed) this.#ready.add(tracked)
    this.#postponed.clear()
    this.poke()
  }

  /** Ends the turn of a log that brought a chunk: `byteCount` of its bytes are done with. */
  async consume(log: ContainerLog, done: { readonly byteCount: number; readonly isBatchFull: boolean }): Promise<void> {
    const tracked = this.#logs.of(log)
    if (tracked === undefined) return
    try {
      const hasMore = await log.consume(done.byteCount, done.isBatchFull)
      if (done.isBatchFull && done.byteCount === 0) this.#ready.addFirst(tracked)
      else if (hasMore) this.#ready.add(tracked)
      else tracked.open?.wake.rest(done.byteCount)
      tracked.fault = undefined
      tracked.backoff.reset()
      if (done.byteCount > 0) tracked.activeMs = this.#parts.clock.monotonic()
    } catch (error) {
      this.#retryLater(tracked, error)
    }
  }

  /**
   * Looks after what no event announces; to be called between turns, about once a second. While the destination takes nothing,
   * this is what keeps hold of the files that the kubelet puts aside.
   */
  async tend(): Promise<void> {
    if (this.#parts.clock.monotonic() >= this.#sweepDueMs) await this.#sweep()
    // Those that wait for their turn, and those that wait for their pod.
    const waiting = [...this.#logs.all()].filter((tracked) => this.#hasNews(tracked) || tracked.admission === 'wait')
    for (const tracked of waiting) {
      if (tracked.isDouble) continue
      if (this.#admit(tracked).kind === 'exclude') {
        const closed = await this.#exclude(tracked)
        tracked.closed ??= closed?.log
        this.#ready.add(tracked)
        continue
      }
      const log = this.#logs.open(tracked)
      if (!(await this.#descriptors.admits(tracked, this.#logs.tracked()))) continue
      await log.hold().catch((error: unknown) => this.#report(tracked, error))
    }
    await this.#keepWithinBudget()
    await this.#giveBackDescriptors()
    await this.#descriptors.keep(this.#logs.tracked())
  }

  /** It waits for its turn. */
  #hasNews(tracked: Tracked): boolean {
    return this.#ready.has(tracked) || this.#postponed.has(tracked)
  }

  async #keepWithinBudget(): Promise<void> {
    const { maxBytes, maxFiles } = this.#options.held
    for (const tracked of await this.#descriptors.release(this.#logs.tracked())) this.#ready.add(tracked)
    const isExceeded = this.#descriptors.isExceeded(this.#logs.tracked())
    const logs = this.#logs.opened().map(([log]) => log)
    const losers = await giveUpOverBudget(logs, {
      maxBytes,
      // What is on disk can wait there; what is deleted cannot.
      maxFiles: isExceeded ? Math.min(maxFiles, this.#descriptors.maxHeldFiles) : maxFiles,
    }).catch((error: unknown) => {
      this.#parts.log.error('cannot measure the files that are held', { error: describeError(error) })
      return []
    })
    for (const log of losers) {
      const tracked = this.#logs.of(log)
      if (tracked !== undefined) this.#ready.add(tracked)
    }
  }

  /** All containers that have a log, those included that are left out. */
  *refs(): Generator<ContainerRef> {
    for (const { ref } of this.#logs.all()) yield ref
  }

  /** Keys of all files that are open, or were read and may still be on disk. */
  *keys(): Generator<string> {
    for (const [log] of this.#logs.opened()) yield* log.keys()
  }

  /** How far each log has been read, those included that are left out. A file that cannot be asked is told with its fault. */
  status(): Promise<LogStatus[]> {
    return Promise.all([...this.#logs.all()].map((tracked) => statusOf(tracked, this.#parts.clock)))
  }

  /** Asks again which logs are to be read: to be called when pods or the selection have changed. */
  reconsider(): void {
    for (const tracked of this.#logs.all()) {
      if (this.#admit(tracked).kind !== tracked.admission) this.#ready.add(tracked)
    }
  }

  async #turn(tracked: Tracked, buffer: Uint8Array): Promise<SourceTurn | undefined> {
    if (tracked.isDouble && tracked.open === undefined) return undefined
    const admission = this.#admit(tracked)
    tracked.admission = admission.kind
    if (tracked.closed !== undefined) return this.#tellClosed(tracked, tracked.closed)
    if (admission.kind === 'exclude') return this.#exclude(tracked)
    const log = this.#logs.open(tracked)
    // What hardly ever waits is not awaited: each await costs as much as the rest of a turn's book-keeping.
    const admitted = this.#descriptors.admits(tracked, this.#logs.tracked())
    if (admitted !== true && !(await admitted)) {
      this.#ready.addIn(tracked, NO_DESCRIPTOR_MS)
      return undefined
    }
    if (admission.kind === 'wait') return this.#wait(tracked, log, admission.forMs)
    if (!log.isOpen && !log.isParked) await log.open()
    if (tracked.handovers.length > 0) {
      if (await this.#awaitHandovers(tracked, log)) return undefined
    } else if (!tracked.isDouble) {
      const other = this.#logs.doubleOf(tracked)
      if (other !== undefined) return this.#settleDouble(tracked, other)
    }
    const turn = await log.read(buffer)
    if (turn.kind === 'finished') return this.#finish(tracked)
    if (turn.kind === 'lost') this.#ready.add(tracked)
    if (turn.kind === 'idle') {
      tracked.open?.wake.rest(0)
      if (turn.againInMs !== undefined) this.#ready.addIn(tracked, turn.againInMs)
    }
    return { log, turn }
  }

  /** Documented in README.md: what a container writes while it is excluded stays unread. */
  #exclude(tracked: Tracked): Promise<SourceTurn | undefined> {
    tracked.admission = 'exclude'
    tracked.startAt = 'end'
    return this.#letGo(tracked)
  }

  #tellClosed(tracked: Tracked, log: ContainerLog): SourceTurn {
    tracked.closed = undefined
    this.#ready.add(tracked)
    return { log, turn: { kind: 'closed' } }
  }

  /** Two links lead to the file, just opened: one of the two logs reads it, at a turn of its own. */
  async #settleDouble(tracked: Tracked, other: Tracked): Promise<undefined> {
    const { directory } = this.#options
    const double = await settleDouble(tracked, other, { ...this.#parts, directory })
    this.#ready.add(double.leftOut)
    this.#ready.add(double.reader)
  }

  /** Keeps hold of all files until what another log has read of them is settled, then goes on there. Returns whether it still waits. */
  async #awaitHandovers(tracked: Tracked, log: ContainerLog): Promise<boolean> {
    await log.hold() // files that the other one has met, and this one has not
    if (tracked.handovers.every(({ isOver }) => isOver)) {
      for (const { from } of tracked.handovers.splice(0)) await this.#logs.takeOver(from, tracked)
      return false
    }
    this.#ready.addIn(tracked, HANDOVER_LOOK_MS)
    return true
  }

  /** The file stays open, so that it can be read when the pod is known, whatever becomes of its name until then. */
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
      'log deleted before its pod was known, which alone could have selected it: not collected',
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

  /** Closes what is open: the log is finished, or its container excluded. Selected later, it is read from its end then. */
  async #letGo(tracked: Tracked): Promise<SourceTurn | undefined> {
    this.#ready.remove(tracked)
    this.#postponed.delete(tracked)
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

  /** How the open files stand against what the process may have open. */
  get descriptors(): DescriptorFigures {
    return this.#descriptors.figures(this.#logs.tracked())
  }

  /** Without a descriptor nothing can be listed, and so nothing be closed: some are given back at once. */
  #noteShortage(error: unknown): void {
    this.#isShort ||= isOutOfDescriptors(systemCode(error))
  }

  /** Between turns, when no file is being read. */
  async #giveBackDescriptors(): Promise<void> {
    if (!this.#isShort) return
    await this.#descriptors.shrink(this.#logs.tracked())
    this.#isShort = false
  }

  /** A fault of one file is that file's: it is told once, and tried again; the others go on. */
  #retryLater(tracked: Tracked, error: unknown): void {
    this.#report(tracked, error)
    this.#ready.addIn(tracked, tracked.backoff.next())
  }

  #report(tracked: Tracked, error: unknown): void {
    this.counters.faults += 1
    const fault = systemCode(error) ?? describeError(error)
    if (fault !== tracked.fault) {
      this.#parts.log.error('cannot read a log file; retrying', { path: tracked.path, error: describeError(error) })
    }
    tracked.fault = fault
  }

  /** The watchdog: each log is looked at, and one that is as far behind as at the last sweep is opened anew. */
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
      this.#parts.log.warn('a log grows but was not read: opening it anew', { path, behindAt })
      await log.reopen().catch((error: unknown) => this.#report(tracked, error))
    }
  }
}

import { join } from 'node:path'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Checkpoint, ContainerRef, Log } from '../model.ts'
import { ContainerLog, type Turn } from './container-log.ts'
import { DirectoryWatches } from './directory-watches.ts'
import { Discovery } from './discovery.ts'
import { FileWake } from './file-wake.ts'
import { giveUpOverBudget, type HeldBudget } from './held-budget.ts'
import { parseLogPath } from './log-path.ts'
import { ReadyQueue } from './ready-queue.ts'

/** Milliseconds within which each log is looked at although nothing woke it: a lost event must not silence a file. */
const SWEEP_MS = 30_000
/** Milliseconds after which a deleted log is given up whose pod never became known although only the pod can select it. */
const UNDECIDED_MS = 60_000

/** Whether a container's log is to be read. `wait`: not yet, its pod is not known; the answer may change any time. */
export type Admission = { readonly is: 'read' | 'exclude' } | { readonly is: 'wait'; readonly forMs: number }

export interface SourceOptions {
  /** Where the kubelet links the container logs. */
  readonly directory: string
  /** Where to begin in files that are there at the start. Later ones are read from their beginning. */
  readonly startAt: 'beginning' | 'end'
  readonly held: HeldBudget
}

export interface SourceParts {
  readonly admission: {
    /** `waitedMs`: since the file was found. */
    admit(ref: ContainerRef, waitedMs: number): Admission
  }
  readonly checkpoints: {
    /** What earlier runs have delivered of a container's files, by file key; see `identityOf`. */
    ofContainer(identity: string): ReadonlyMap<string, Checkpoint>
    /** Called for what is passed over on purpose; what is read is the agent's to report, when it is acked. */
    advance(key: string, checkpoint: Checkpoint): void
  }
  readonly clock: Clock
  readonly log: Log
}

/** One link in the directory, and how far its log has come on the way from found to finished. */
interface Tracked {
  readonly ref: ContainerRef
  readonly name: string
  readonly path: string
  readonly foundMs: number
  readonly backoff: Backoff
  /** When the link went, in monotonic milliseconds. */
  goneMs: number | undefined
  startAt: 'beginning' | 'end'
  admission: Admission['is'] | undefined
  /** Nothing is open while the container is excluded. */
  open: { readonly log: ContainerLog; readonly wake: FileWake } | undefined
  /** Closed between two turns; the next one tells. */
  closed: ContainerLog | undefined
  fault: string | undefined
  /** Where reading stood at the last sweep, if it was behind. */
  behindAt: string | undefined
}

/** What one log's turn brought. `closed`: it has no more, now or ever. */
export type SourceTurn = {
  readonly log: ContainerLog
  readonly turn: Exclude<Turn, { is: 'finished' }> | { readonly is: 'closed' }
}

/** All container logs of the node: finds them, and gives each that has something to read its turn, in a fair order. */
export class Source {
  readonly counters = { found: 0, unparsable: 0, finished: 0, faults: 0, stuck: 0 }
  readonly #options: SourceOptions
  readonly #parts: SourceParts
  readonly #discovery: Discovery
  readonly #watches = new DirectoryWatches()
  readonly #byName = new Map<string, Tracked>()
  readonly #byLog = new Map<ContainerLog, Tracked>()
  readonly #ready = new ReadyQueue<Tracked>()
  #isStarting = true
  #sweepDueMs = Infinity

  constructor(options: SourceOptions, parts: SourceParts) {
    this.#options = options
    this.#parts = parts
    const events = { onFound: this.#onFound.bind(this), onGone: this.#onGone.bind(this) }
    this.#discovery = new Discovery(options.directory, events, parts)
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
    for (const tracked of this.#all()) await this.#letGo(tracked)
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

  get readyCount(): number {
    return this.#ready.size
  }

  /** The next log's turn; its chunk stands in `buffer`. Undefined when that log is not to be read (now). */
  async take(buffer: Uint8Array): Promise<SourceTurn | undefined> {
    const tracked = this.#ready.take()
    if (tracked === undefined) return undefined
    try {
      return await this.#turn(tracked, buffer)
    } catch (error) {
      this.#retryLater(tracked, error)
      return undefined
    }
  }

  /** Ends the turn of a log that brought a chunk: `byteCount` of its bytes are done with. */
  async consume(log: ContainerLog, done: { readonly byteCount: number; readonly isBatchFull: boolean }): Promise<void> {
    const tracked = this.#byLog.get(log)
    if (tracked === undefined) return
    try {
      const hasMore = await log.consume(done.byteCount, done.isBatchFull)
      if (done.isBatchFull && done.byteCount === 0) this.#ready.addFirst(tracked)
      else if (hasMore) this.#ready.add(tracked)
      else await tracked.open?.wake.rest(done.byteCount, this.#parts.clock.monotonic())
      tracked.fault = undefined
      tracked.backoff.reset()
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
    const waiting = [...this.#all()].filter((tracked) => this.#ready.has(tracked) || tracked.admission === 'wait')
    for (const tracked of waiting) {
      if (this.#admit(tracked).is === 'exclude') {
        const closed = await this.#exclude(tracked)
        tracked.closed ??= closed?.log
        this.#ready.add(tracked)
        continue
      }
      tracked.open ??= this.#open(tracked)
      await tracked.open.log.hold().catch((error: unknown) => this.#report(tracked, error))
    }
    await this.#keepWithinBudget()
  }

  async #keepWithinBudget(): Promise<void> {
    const logs = [...this.#byLog.keys()]
    const losers = await giveUpOverBudget(logs, this.#options.held).catch((error: unknown) => {
      this.#parts.log.error('cannot measure the files that are held', { error: describeError(error) })
      return []
    })
    for (const log of losers) {
      const tracked = this.#byLog.get(log)
      if (tracked !== undefined) this.#ready.add(tracked)
    }
  }

  /** Keys of all files that are open, or were read and may still be on disk. */
  *keys(): Generator<string> {
    for (const log of this.#byLog.keys()) yield* log.keys()
  }

  /** Asks again which logs are to be read: to be called when pods or the selection have changed. */
  reconsider(): void {
    for (const tracked of this.#all()) {
      if (this.#admit(tracked).is !== tracked.admission) this.#ready.add(tracked)
    }
  }

  async #turn(tracked: Tracked, buffer: Uint8Array): Promise<SourceTurn | undefined> {
    const admission = this.#admit(tracked)
    tracked.admission = admission.is
    if (tracked.closed !== undefined) return this.#tellClosed(tracked, tracked.closed)
    if (admission.is === 'exclude') return this.#exclude(tracked)
    tracked.open ??= this.#open(tracked)
    const { log, wake } = tracked.open
    await log.open()
    if (admission.is === 'wait') return this.#wait(tracked, log, admission.forMs)
    const turn = await log.read(buffer)
    if (turn.is === 'finished') return this.#finish(tracked)
    if (turn.is === 'lost') this.#ready.add(tracked)
    if (turn.is === 'idle') {
      await wake.rest(0, this.#parts.clock.monotonic())
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
    return { log, turn: { is: 'closed' } }
  }

  /** The file stays open, so that it can be read when the pod is known, whatever becomes of its name until then. */
  async #wait(tracked: Tracked, log: ContainerLog, forMs: number): Promise<SourceTurn | undefined> {
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

  #admit(tracked: Tracked): Admission {
    return this.#parts.admission.admit(tracked.ref, this.#parts.clock.monotonic() - tracked.foundMs)
  }

  #open(tracked: Tracked) {
    const { checkpoints, clock } = this.#parts
    const identity = identityOf(tracked.ref)
    const history = checkpoints.ofContainer(identity)
    const { ref, path, startAt } = tracked
    const onSkipped = checkpoints.advance.bind(checkpoints)
    const log = new ContainerLog({ ref, path, startAt, identity, history, onSkipped }, clock)
    log.isLinked = tracked.goneMs === undefined
    const wake = new FileWake(tracked.path, this.#watches, (isRename) => {
      if (isRename) log.noteRename()
      this.#ready.add(tracked)
    })
    this.#byLog.set(log, tracked)
    return { log, wake }
  }

  #finish(tracked: Tracked): Promise<SourceTurn | undefined> {
    this.counters.finished += 1
    return this.#letGo(tracked)
  }

  /** Closes what is open: the log is finished, or its container excluded. Selected later, it is read from its end then. */
  async #letGo(tracked: Tracked): Promise<SourceTurn | undefined> {
    this.#ready.remove(tracked)
    const open = tracked.open
    if (open === undefined) return undefined
    tracked.open = undefined
    open.wake.close()
    this.#byLog.delete(open.log)
    await open.log.close()
    return { log: open.log, turn: { is: 'closed' } }
  }

  #all(): Set<Tracked> {
    return new Set([...this.#byName.values(), ...this.#byLog.values()])
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
    if (this.#adopt(name, path, ref)) return
    const tracked: Tracked = {
      ref,
      name,
      path,
      foundMs: this.#parts.clock.monotonic(),
      backoff: new Backoff({ initialMs: 1000, maximumMs: 30_000 }),
      goneMs: undefined,
      startAt: this.#isStarting ? this.#options.startAt : 'beginning',
      admission: undefined,
      open: undefined,
      closed: undefined,
      fault: undefined,
      behindAt: undefined,
    }
    this.#byName.set(name, tracked)
    this.#ready.add(tracked)
  }

  /** A log whose link had gone has it back. Another one at the same path leaves that path to its successor. */
  #adopt(name: string, path: string, ref: ContainerRef): boolean {
    const before = [...this.#byLog.values()].find((tracked) => tracked.goneMs !== undefined && tracked.path === path)
    if (before?.open === undefined) return false
    if (before.name !== name || identityOf(before.ref) !== identityOf(ref)) {
      before.open.log.leavePath()
      return false
    }
    before.goneMs = undefined
    before.open.log.isLinked = true
    this.#byName.set(name, before)
    this.#ready.add(before)
    return true
  }

  /** The link is gone: what is open is read to its end, under no name any more. */
  #onGone(name: string): void {
    const tracked = this.#byName.get(name)
    if (tracked === undefined) return
    this.#byName.delete(name)
    tracked.goneMs = this.#parts.clock.monotonic()
    if (tracked.open !== undefined) tracked.open.log.isLinked = false
    this.#ready.add(tracked)
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
      this.#parts.log.error('cannot read a log file; trying on', { path: tracked.path, error: describeError(error) })
    }
    tracked.fault = fault
  }

  /** The watchdog: each log is looked at, and one that is as far behind as at the last sweep is opened anew. */
  async #sweep(): Promise<void> {
    this.#sweepDueMs = this.#parts.clock.monotonic() + SWEEP_MS
    for (const [log, tracked] of [...this.#byLog]) {
      const isItsTurn = this.#ready.has(tracked)
      log.noteRename()
      this.#ready.add(tracked)
      if (isItsTurn || tracked.admission !== 'read' || tracked.fault !== undefined) continue
      const behindAt = await log.behindAt().catch(() => undefined) // its turn meets the same error, and tells it
      if (behindAt !== undefined && behindAt === tracked.behindAt) {
        this.counters.stuck += 1
        this.#parts.log.warn('a log grows but was not read: opening it anew', { path: tracked.path, behindAt })
        await log.reopen().catch((error: unknown) => this.#report(tracked, error))
      }
      tracked.behindAt = behindAt
    }
  }
}

/** Names a container instance for good, as far as the path can. */
export function identityOf({ namespace, pod, uid, container, restartCount, containerID }: ContainerRef): string {
  return [uid ?? `${namespace}_${pod}`, container, restartCount ?? '', containerID ?? ''].join('/')
}

import { join } from 'node:path'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, systemCode } from '../lib/errors.ts'
import type { Checkpoint, ContainerRef, Log } from '../model.ts'
import { ContainerLog, type Turn } from './container-log.ts'
import { DirectoryWatches } from './directory-watches.ts'
import { Discovery } from './discovery.ts'
import { FileWake } from './file-wake.ts'
import { parseLogPath } from './log-path.ts'

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
}

export interface SourceParts {
  /** `waitedMs`: since the file was found. */
  admit(ref: ContainerRef, waitedMs: number): Admission
  /** What earlier runs have delivered of a container's files, by file key; see `identityOf`. */
  history(identity: string): ReadonlyMap<string, Checkpoint>
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
  timer: NodeJS.Timeout | undefined
  fault: string | undefined
}

/** What one log's turn brought. `closed`: it has no more, now or ever. */
export type SourceTurn = { readonly log: ContainerLog; readonly turn: Turn | { readonly is: 'closed' } }

/** All container logs of the node: finds them, and gives each that has something to read its turn, in a fair order. */
export class Source {
  readonly counters = { found: 0, unparsable: 0, finished: 0, faults: 0 }
  readonly #options: SourceOptions
  readonly #parts: SourceParts
  readonly #discovery: Discovery
  readonly #watches = new DirectoryWatches()
  readonly #byName = new Map<string, Tracked>()
  readonly #byLog = new Map<ContainerLog, Tracked>()
  /** In the order of their turns; one that has more to read goes to the end. */
  readonly #ready = new Set<Tracked>()
  #isStarting = true
  #announce: () => void = () => {}
  #sweep: NodeJS.Timeout | undefined

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
    this.#sweep = setInterval(() => this.#lookAtAll(), SWEEP_MS)
  }

  /** Stops finding and waking; open files are closed. */
  async close(): Promise<void> {
    clearInterval(this.#sweep)
    await this.#discovery.close()
    for (const tracked of this.#all()) await this.#letGo(tracked)
    this.poke()
  }

  /** Resolves as soon as a log is ready for its turn, or at the next `poke`. */
  async ready(): Promise<void> {
    if (this.#ready.size > 0) return
    await new Promise<void>((resolve) => {
      this.#announce = resolve
    })
  }

  /** Ends a wait in `ready`. */
  poke(): void {
    this.#announce()
  }

  get readyCount(): number {
    return this.#ready.size
  }

  /** The next log's turn; its chunk stands in `buffer`. Undefined when that log is not to be read (now). */
  async take(buffer: Uint8Array): Promise<SourceTurn | undefined> {
    const [tracked] = this.#ready
    if (tracked === undefined) return undefined
    this.#ready.delete(tracked)
    clearTimeout(tracked.timer)
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
      if (await log.consume(done.byteCount, done.isBatchFull)) this.#markReady(tracked)
      else await tracked.open?.wake.rest(true, this.#parts.clock.monotonic())
      tracked.fault = undefined
      tracked.backoff.reset()
    } catch (error) {
      this.#retryLater(tracked, error)
    }
  }

  /** Asks again which logs are to be read: to be called when pods or the selection have changed. */
  reconsider(): void {
    for (const tracked of this.#all()) {
      if (this.#admit(tracked).is !== tracked.admission) this.#markReady(tracked)
    }
  }

  async #turn(tracked: Tracked, buffer: Uint8Array): Promise<SourceTurn | undefined> {
    const admission = this.#admit(tracked)
    const before = tracked.admission
    tracked.admission = admission.is
    if (admission.is === 'exclude') return this.#letGo(tracked)
    // Documented in README.md: what a container wrote while it was excluded stays unread.
    if (before === 'exclude') tracked.startAt = 'end'
    tracked.open ??= this.#open(tracked)
    const { log, wake } = tracked.open
    await log.open(tracked.startAt)
    if (admission.is === 'wait') return this.#wait(tracked, log, admission.forMs)
    const turn = await log.read(buffer)
    if (turn.is === 'finished') {
      this.counters.finished += 1
      return this.#letGo(tracked)
    }
    if (turn.is === 'lost') this.#markReady(tracked)
    if (turn.is === 'idle') {
      await wake.rest(false, this.#parts.clock.monotonic())
      if (turn.againInMs !== undefined) this.#readyIn(tracked, turn.againInMs)
    }
    return { log, turn }
  }

  /** The file stays open, so that it can be read when the pod is known, whatever becomes of its name until then. */
  async #wait(tracked: Tracked, log: ContainerLog, forMs: number): Promise<SourceTurn | undefined> {
    const leftMs =
      tracked.goneMs === undefined ? Infinity : tracked.goneMs + UNDECIDED_MS - this.#parts.clock.monotonic()
    if (leftMs > 0) {
      this.#readyIn(tracked, Math.min(forMs, leftMs))
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
    return this.#parts.admit(tracked.ref, this.#parts.clock.monotonic() - tracked.foundMs)
  }

  #open(tracked: Tracked) {
    const identity = identityOf(tracked.ref)
    const history = this.#parts.history(identity)
    const log = new ContainerLog({ ref: tracked.ref, path: tracked.path, identity, history }, this.#parts.clock)
    log.isLinked = tracked.goneMs === undefined
    const wake = new FileWake(tracked.path, this.#watches, (isRename) => {
      if (isRename) log.noteRename()
      this.#markReady(tracked)
    })
    this.#byLog.set(log, tracked)
    return { log, wake }
  }

  /** Closes what is open: the log is finished, or its container excluded. Selected later, it is read from its end then. */
  async #letGo(tracked: Tracked): Promise<SourceTurn | undefined> {
    clearTimeout(tracked.timer)
    this.#ready.delete(tracked)
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
      timer: undefined,
      fault: undefined,
    }
    this.#byName.set(name, tracked)
    this.#markReady(tracked)
  }

  /** The link is gone: what is open is read to its end, under no name any more. */
  #onGone(name: string): void {
    const tracked = this.#byName.get(name)
    if (tracked === undefined) return
    this.#byName.delete(name)
    tracked.goneMs = this.#parts.clock.monotonic()
    if (tracked.open !== undefined) tracked.open.log.isLinked = false
    this.#markReady(tracked)
  }

  #markReady(tracked: Tracked): void {
    this.#ready.add(tracked)
    this.#announce()
  }

  #readyIn(tracked: Tracked, milliseconds: number): void {
    clearTimeout(tracked.timer)
    if (Number.isFinite(milliseconds)) tracked.timer = setTimeout(() => this.#markReady(tracked), milliseconds)
  }

  /** A fault of one file is that file's: it is told once, and tried again; the others go on. */
  #retryLater(tracked: Tracked, error: unknown): void {
    this.counters.faults += 1
    const fault = systemCode(error) ?? describeError(error)
    if (fault !== tracked.fault) {
      this.#parts.log.error('cannot read a log file; trying on', { path: tracked.path, error: describeError(error) })
    }
    tracked.fault = fault
    this.#readyIn(tracked, tracked.backoff.next())
  }

  #lookAtAll(): void {
    for (const [log, tracked] of this.#byLog) {
      log.noteRename()
      this.#markReady(tracked)
    }
  }
}

/** Names a container instance for good, as far as the path can. */
export function identityOf({ namespace, pod, uid, container, restartCount, containerID }: ContainerRef): string {
  return [uid ?? `${namespace}_${pod}`, container, restartCount ?? containerID ?? ''].join('/')
}

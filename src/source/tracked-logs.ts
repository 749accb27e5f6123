import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Admitted } from '../model/admitted.ts'
import type { Checkpoint, Settling } from '../model/checkpoint.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LogFile } from '../model/log-file.ts'
import { ContainerLog } from './container-log.ts'
import { DirectoryWatches } from './directory-watches.ts'
import { FileWake } from './file-wake.ts'
import { fingerprintIn, type Handover } from './handover.ts'
import { realPathOf } from './rotation.ts'

/** One link in the directory, and how far its log has come on the way from found to finished. */
export interface Tracked {
  readonly ref: ContainerRef
  readonly name: string
  readonly path: string
  readonly foundMs: number
  readonly backoff: Backoff
  /** Another link leads to the same file, and its log has it. */
  isDouble: boolean
  /** The logs that this one takes its files over from, as soon as all that was read there is settled. */
  handovers: Handover[]
  /** The one by which it leaves its files to another. */
  leaving: Handover | undefined
  /** The live file for which that was looked up. */
  checkedInode: string | undefined
  /** Where its path led to when it was opened. */
  realPath: string | undefined
  /** When the link went, in monotonic milliseconds. */
  goneMs: number | undefined
  startAt: 'beginning' | 'end'
  admission: Admitted['kind'] | undefined
  /** Nothing is open while the container is excluded. */
  open: { readonly log: ContainerLog; readonly wake: FileWake } | undefined
  /** Closed between two turns; the next one tells. */
  closed: ContainerLog | undefined
  fault: string | undefined
  /** When bytes of it were read last, in monotonic milliseconds. */
  activeMs: number
  /** Where reading stood at the last sweep, if it was behind. */
  behindAt: string | undefined
}

export interface TrackedLogsParts {
  readonly checkpoints: {
    /** What earlier runs have delivered of a container's files, by file key; see `identityOf`. */
    ofContainer(identity: string): ReadonlyMap<string, Checkpoint>
    /** Called for what is passed over on purpose; what is read is the agent's to report, when it is acked. */
    advance(key: string, settling: Settling, file: Pick<LogFile, 'end' | 'order'>): void
    /** Called for a file that was written anew, and is read from its beginning. */
    forget(key: string): void
  }
  readonly clock: Clock
  /** Called for a file beside a log that is none of it. */
  onForeign(path: string): void
  /** Called when there may be something to read. */
  wake(tracked: Tracked): void
}

const NOTHING: Settling = { stdout: { from: 0, to: 0 }, stderr: { from: 0, to: 0 } }

/** The logs that have a link, and those that are open without one: read to their ends under no name. */
export class TrackedLogs {
  readonly #parts: TrackedLogsParts
  readonly #watches = new DirectoryWatches()
  readonly #byName = new Map<string, Tracked>()
  readonly #byLog = new Map<ContainerLog, Tracked>()
  /** The same, made anew when it changes, since it is looked through at each turn. */
  #openOnes: readonly Tracked[] = []

  constructor(parts: TrackedLogsParts) {
    this.#parts = parts
  }

  /** A link has come: a new log, or one that has its link back. */
  found(link: Pick<Tracked, 'name' | 'path' | 'ref' | 'startAt'>): Tracked {
    const tracked = this.#adopt(link) ?? {
      ...link,
      foundMs: this.#parts.clock.monotonic(),
      backoff: new Backoff({ initialMs: 1000, maximumMs: 30_000 }),
      goneMs: undefined,
      isDouble: false,
      handovers: [],
      leaving: undefined,
      checkedInode: undefined,
      realPath: undefined,
      admission: undefined,
      open: undefined,
      closed: undefined,
      fault: undefined,
      activeMs: 0,
      behindAt: undefined,
    }
    this.#byName.set(link.name, tracked)
    return tracked
  }

  /** The link is gone; undefined when there was none. */
  gone(name: string): Tracked | undefined {
    const tracked = this.#byName.get(name)
    if (tracked === undefined) return undefined
    this.#byName.delete(name)
    tracked.goneMs = this.#parts.clock.monotonic()
    tracked.open?.log.unlink()
    return tracked
  }

  /** Makes the log that can be read, if there is none yet. */
  open(tracked: Tracked): ContainerLog {
    if (tracked.open !== undefined) return tracked.open.log
    const { ref, path, startAt } = tracked
    tracked.realPath = realPathOf(path)
    const { checkpoints, clock } = this.#parts
    const identity = identityOf(ref)
    const history = checkpoints.ofContainer(identity)
    const log = new ContainerLog({ ref, path, startAt, identity, history, ...this.#listeners() }, clock)
    if (tracked.goneMs !== undefined) log.unlink()
    const wake = new FileWake(path, {
      watches: this.#watches,
      clock,
      wake: (isRename) => {
        if (isRename) log.noteRename()
        else log.noteGrowth()
        this.#parts.wake(tracked)
      },
    })
    tracked.open = { log, wake }
    this.#byLog.set(log, tracked)
    this.#openOnes = [...this.#byLog.values()]
    return log
  }

  /** What a log tells of its files. */
  #listeners() {
    const { checkpoints, onForeign } = this.#parts
    return {
      onSkipped: checkpoints.advance.bind(checkpoints),
      onAnew: checkpoints.forget.bind(checkpoints),
      onSeen: (key: string, file: Pick<LogFile, 'order'>) => checkpoints.advance(key, NOTHING, file),
      onForeign,
    }
  }

  /** Whether it has opened a live file since this was asked last. */
  hasNewLive(tracked: Tracked): boolean {
    const inode = tracked.open?.log.liveInode
    if (inode === undefined || inode === tracked.checkedInode) return false
    tracked.checkedInode = inode
    return true
  }

  /** A log that has a file of this one's too: an old and a new link lead to one file. */
  doubleOf(tracked: Tracked): Tracked | undefined {
    // One that was found together with this one has not had its turn perhaps; only by its path can it be told without a look at each.
    const willBeSame = ({ open, path }: Tracked) => open === undefined && path === tracked.path
    const isOther = (other: Tracked) => other !== tracked && !other.isDouble
    return (
      this.#openOnes.find((other) => isOther(other) && shareFiles(tracked, other)) ??
      [...this.#byName.values()].find((other) => isOther(other) && willBeSame(other))
    )
  }

  /** What was delivered under one log's name counts for the other, which reads on there. To be called before that reads anything. */
  async takeOver(from: Tracked, to: Tracked): Promise<void> {
    const { checkpoints } = this.#parts
    await to.open?.log.identify() // its live file may have been empty when it was opened
    const identity = identityOf(to.ref)
    const there = new Set(to.open?.log.keys())
    for (const [key, { stdout, stderr, isDone, order }] of checkpoints.ofContainer(identityOf(from.ref))) {
      const own = `${identity}/${fingerprintIn(key)}`
      if (!there.has(own)) continue // no file that both have
      const settling = { stdout: { from: 0, to: stdout.head }, stderr: { from: 0, to: stderr.head } }
      const end = isDone ? Math.min(stdout.head, stderr.head) : undefined
      checkpoints.advance(own, settling, { end, order })
    }
    await to.open?.log.adopt(checkpoints.ofContainer(identity))
  }

  /** Closes what is open, and returns it. */
  async close(tracked: Tracked): Promise<ContainerLog | undefined> {
    const open = tracked.open
    if (open === undefined) return undefined
    tracked.open = undefined
    open.wake.close()
    this.#byLog.delete(open.log)
    this.#openOnes = [...this.#byLog.values()]
    await open.log.close()
    return open.log
  }

  of(log: ContainerLog): Tracked | undefined {
    return this.#byLog.get(log)
  }

  all(): Set<Tracked> {
    return new Set([...this.#byName.values(), ...this.#byLog.values()])
  }

  /** Those that are open, or would be if there were something to open. */
  tracked(): readonly Tracked[] {
    return this.#openOnes
  }

  opened(): [ContainerLog, Tracked][] {
    return [...this.#byLog]
  }

  /** A log whose link had gone has it back. Another one at the same path leaves that path to its successor. */
  #adopt({ name, path, ref }: Pick<Tracked, 'name' | 'path' | 'ref'>): Tracked | undefined {
    const before = [...this.#byLog.values()].find((tracked) => tracked.goneMs !== undefined && tracked.path === path)
    if (before?.open === undefined) return undefined
    if (before.name !== name || identityOf(before.ref) !== identityOf(ref)) {
      before.open.log.leavePath()
      return undefined
    }
    before.goneMs = undefined
    before.open.log.link()
    return before
  }
}

/** One may have noticed a rotation that the other has not. */
function shareFiles({ open, path, realPath }: Tracked, other: Tracked): boolean {
  if (open === undefined || other.open === undefined) return false
  if (open.log.liveInode === other.open.log.liveInode) return other.open.log.isStillAt(open.log.liveInode)
  if (path !== other.path && realPath !== other.realPath) return false
  const names = new Set(namesOf(open.log))
  return namesOf(other.open.log).some((name) => names.has(name))
}

/** What its files are known by: those that are open by inode, also while they are empty, and those that are done by their first lines. */
function namesOf(log: ContainerLog): string[] {
  return [...log.inodes(), ...log.keys().map(fingerprintIn)]
}

/** Names a container instance for good, as far as the path can. */
export function identityOf({ namespace, pod, uid, container, restartCount, containerID }: ContainerRef): string {
  return [uid ?? `${namespace}_${pod}`, container, restartCount ?? '', containerID ?? ''].join('/')
}

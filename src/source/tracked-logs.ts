import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Admitted } from '../model/admitted.ts'
import type { Checkpoint, Settling } from '../model/checkpoint.ts'
import type { ContainerRef } from '../model/container-ref.ts'
import type { LogFile } from '../model/log-file.ts'
import { ContainerLog } from './container-log.ts'
import { DirectoryWatches } from './directory-watches.ts'
import { FileWake } from './file-wake.ts'
import { type Inode, isSameInode } from './generation.ts'
import { areOfOneFile, fingerprintIn, type Handover } from './handover.ts'
import { realPathOf } from './rotation.ts'

/** One link in the directory, and the state of its log from found to finished. */
export interface Tracked {
  readonly ref: ContainerRef
  readonly name: string
  readonly path: string
  readonly foundMs: number
  readonly backoff: Backoff
  /** The logs whose files this one takes over, as soon as everything read there is settled. */
  handovers: Handover[]
  /** Set if another link leads to the same file, and its log takes over the files of this one. */
  leaving: Handover | undefined
  /** The live file for which doubles were last looked up. */
  checkedFile: Inode | undefined
  /** Where its path led to when it was opened, or first compared with another one's. */
  realPath: string | undefined
  /** When the link disappeared, in monotonic milliseconds. */
  goneMs: number | undefined
  startAt: 'beginning' | 'end'
  admission: Admitted['kind'] | undefined
  /** Undefined while the container is excluded. */
  open: { readonly log: ContainerLog; readonly wake: FileWake } | undefined
  /** Closed between two turns; the next turn reports it. */
  closed: ContainerLog | undefined
  fault: string | undefined
  /** When bytes were last read, in monotonic milliseconds. */
  activeMs: number
  /** The read position at the last sweep, if it was behind. */
  behindAt: string | undefined
  /** Bytes that were read of it. */
  readBytes: number
  /** Of these, what had been read when it was at its end last. */
  restedBytes: number
  /** How much had been written when that was looked at last, and how fast. */
  written: Written | undefined
  /** Until unread lines are deleted, at that rate; infinite unless more than a file of them is unread. */
  secondsToLoss: number
  /** It is read whatever its budget. */
  yields: boolean
}

export interface Written {
  readonly atMs: number
  readonly bytes: number
  readonly bytesPerSecond: number | undefined
}

export interface TrackedLogsParts {
  readonly checkpoints: {
    /** What was delivered of files whose keys start with that: those of a container, or of one instance of it; see `identityOf`. */
    ofContainer(prefix: string): ReadonlyMap<string, Checkpoint>
    /** Called for what is skipped on purpose. What is read is settled by the agent, at the ack. */
    advance(key: string, settling: Settling, file: Pick<LogFile, 'end' | 'order'>): void
    /** Called for a file that was rewritten, and is read from its beginning. */
    forget(key: string): void
  }
  readonly clock: Clock
  /** Called for a file next to a log that does not belong to it. */
  onForeign(path: string): void
  /** Called when there may be something to read. */
  wake(tracked: Tracked): void
}

const NOTHING: Settling = { stdout: { from: 0, to: 0 }, stderr: { from: 0, to: 0 } }

/** The logs that have a link, and those without one whose open files are read to the end. */
export class TrackedLogs {
  readonly #parts: TrackedLogsParts
  readonly #watches = new DirectoryWatches()
  readonly #byName = new Map<string, Tracked>()
  readonly #byLog = new Map<ContainerLog, Tracked>()
  /** Those of both maps. */
  readonly #all = new Set<Tracked>()
  /** The open logs as an array; renewed when they change, since every turn iterates over it. */
  #openOnes: readonly Tracked[] = []

  constructor(parts: TrackedLogsParts) {
    this.#parts = parts
  }

  /** A link was found: a new log, or one whose link was missing. */
  found(link: Pick<Tracked, 'name' | 'path' | 'ref' | 'startAt'>): Tracked {
    const tracked = this.#adopt(link) ?? {
      ...link,
      foundMs: this.#parts.clock.monotonic(),
      backoff: new Backoff({ initialMs: 1000, maximumMs: 30_000 }),
      goneMs: undefined,
      handovers: [],
      leaving: undefined,
      checkedFile: undefined,
      realPath: undefined,
      admission: undefined,
      open: undefined,
      closed: undefined,
      fault: undefined,
      activeMs: 0,
      behindAt: undefined,
      readBytes: 0,
      restedBytes: 0,
      written: undefined,
      secondsToLoss: Number.POSITIVE_INFINITY,
      yields: false,
    }
    this.#byName.set(link.name, tracked)
    this.#all.add(tracked)
    return tracked
  }

  /** A link is gone; undefined if it was not known. */
  gone(name: string): Tracked | undefined {
    const tracked = this.#byName.get(name)
    if (tracked === undefined) return undefined
    this.#byName.delete(name)
    tracked.goneMs = this.#parts.clock.monotonic()
    tracked.open?.log.unlink()
    this.#forgetIfOver(tracked)
    return tracked
  }

  /** Creates the log for reading, if there is none yet. */
  open(tracked: Tracked): ContainerLog {
    if (tracked.open !== undefined) return tracked.open.log
    const { ref, path, startAt } = tracked
    tracked.realPath = realPathOf(path)
    const { checkpoints, clock } = this.#parts
    const identity = identityOf(ref)
    const history = checkpoints.ofContainer(`${identity}/`)
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
    this.#all.add(tracked)
    this.#openOnes = this.#openOnes.concat(tracked)
    return log
  }

  /** Callbacks for events of a log's files. */
  #listeners() {
    const { checkpoints, onForeign } = this.#parts
    return {
      onSkipped: checkpoints.advance.bind(checkpoints),
      onAnew: checkpoints.forget.bind(checkpoints),
      onSeen: (key: string, file: Pick<LogFile, 'order'>) => checkpoints.advance(key, NOTHING, file),
      onForeign,
    }
  }

  /** Whether it has opened another live file since the last call. */
  hasNewLive(tracked: Tracked): boolean {
    const file = tracked.open?.log.live
    const { checkedFile } = tracked
    if (file === undefined || file === checkedFile) return false
    tracked.checkedFile = file
    return checkedFile === undefined || !isSameInode(file, checkedFile)
  }

  /** A log that has a file in common with this one: an old and a new link lead to the same file. */
  doubleOf(tracked: Tracked): Tracked | undefined {
    // A log that was found at the same time may not have had its turn yet. It is recognised by its path, without checking each file.
    const willBeSame = (other: Tracked) => {
      if (other.open !== undefined) return false
      other.realPath ??= realPathOf(other.path)
      return other.realPath === tracked.realPath
    }
    const isOther = (other: Tracked) => other !== tracked && other.leaving === undefined
    const open = this.#openOnes.find((other) => isOther(other) && shareFiles(tracked, other))
    if (open !== undefined) return open
    let next: Tracked | undefined
    // Not by an iterator: with 500 logs that took a tenth of the start, and 3 MB for its results.
    this.#byName.forEach((other) => {
      if (next === undefined && isOther(other) && willBeSame(other)) next = other
    })
    return next
  }

  /** Makes what was delivered of one log's files count for the other one, which continues there. Call before that one reads anything. */
  async takeOver(from: Tracked, to: Tracked): Promise<void> {
    await to.open?.log.identify() // its live file may have been empty when it was opened
    await this.#takeOver(`${identityOf(from.ref)}/`, to, new Set(to.open?.log.keys()))
  }

  /**
   * Makes what earlier runs have delivered through another link, which may be gone by now, count for a log that was opened and of which nothing
   * has been read. Only for files that are there: of all others nobody knows whether this link ever led to them.
   */
  async takeOverEarlier(to: Tracked): Promise<void> {
    if (to.activeMs > 0 || to.startAt === 'end') return
    const own = this.#parts.checkpoints.ofContainer(`${identityOf(to.ref)}/`)
    const unread = (to.open?.log.keysAtHand() ?? []).filter((key) => isNothingOf(own.get(key)))
    if (unread.length > 0) await this.#takeOver(containerOf(to.ref), to, new Set(unread))
  }

  /** From logs whose files' keys start with `prefix`. `there`: the keys of the files of which something may have been delivered there. */
  async #takeOver(prefix: string, to: Tracked, there: ReadonlySet<string>): Promise<void> {
    const { checkpoints } = this.#parts
    const identity = `${identityOf(to.ref)}/`
    let hasCommonFile = false
    for (const [key, { stdout, stderr, isDone, order }] of checkpoints.ofContainer(prefix)) {
      const own = `${identity}${fingerprintIn(key)}`
      if (own === key || !there.has(own)) continue
      hasCommonFile = true
      const settling = { stdout: { from: 0, to: stdout.head }, stderr: { from: 0, to: stderr.head } }
      // What is open is read to its end: who lost sight of a file took it for finished.
      const end = isDone && to.open?.log.isReading(own) !== true ? Math.min(stdout.head, stderr.head) : undefined
      checkpoints.advance(own, settling, { end, order })
    }
    if (hasCommonFile) await to.open?.log.adopt(checkpoints.ofContainer(identity))
  }

  /** Closes the log's files, and returns the log. */
  async close(tracked: Tracked): Promise<ContainerLog | undefined> {
    const open = tracked.open
    if (open === undefined) return undefined
    tracked.open = undefined
    open.wake.close()
    this.#byLog.delete(open.log)
    this.#openOnes = this.#openOnes.filter((other) => other !== tracked)
    this.#forgetIfOver(tracked)
    await open.log.close()
    return open.log
  }

  of(log: ContainerLog): Tracked | undefined {
    return this.#byLog.get(log)
  }

  all(): ReadonlySet<Tracked> {
    return this.#all
  }

  #forgetIfOver(tracked: Tracked): void {
    if (tracked.open === undefined && this.#byName.get(tracked.name) !== tracked) this.#all.delete(tracked)
  }

  /** The logs that are read, whether or not they have a file open. */
  tracked(): readonly Tracked[] {
    return this.#openOnes
  }

  opened(): [ContainerLog, Tracked][] {
    return [...this.#byLog]
  }

  /** For a log whose link was missing and is back. Another log at the same path gives that path up. */
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

/** Whether both logs read the same file, or would at their next look: one may have noticed a rotation that the other has not. */
function shareFiles({ open, path, realPath }: Tracked, other: Tracked): boolean {
  const file = open?.log.live
  if (file === undefined || other.open === undefined) return false
  const { live } = other.open.log
  if (live !== undefined && isSameInode(file, live))
    return other.open.log.isAt(file) || areOfOneFile(file.key, live.key)
  return path === other.path || realPath === other.realPath
}

function isNothingOf(checkpoint: Checkpoint | undefined): boolean {
  return checkpoint === undefined || checkpoint.stdout.head + checkpoint.stderr.head === 0
}

/** Identifies a container instance for ever, as far as the path allows. */
export function identityOf(ref: ContainerRef): string {
  return `${containerOf(ref)}${ref.restartCount ?? ''}/${ref.containerID ?? ''}`
}

/** How the identities of all instances of a container begin. */
function containerOf({ namespace, pod, uid, container }: ContainerRef): string {
  return `${uid ?? `${namespace}_${pod}`}/${container}/`
}

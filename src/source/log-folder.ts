import { systemCode } from '../lib/errors.ts'
import type { Generation } from './generation.ts'
import type { OpenContext } from './open-context.ts'
import { isGzipInProgress, listRotated, openGeneration, realPathOf, statIfThere } from './rotation.ts'
import { type Before, isSameFile, type Seen, type Succession, succession } from './succession.ts'

/** One look at the folder. */
export interface Look extends Pick<Succession<Seen>, 'isReached' | 'isReplaced'> {
  /** The new files, open, oldest first. */
  readonly next: readonly Generation[]
  /** Those of `next` that may not come after the one before them. */
  readonly doubtful: ReadonlySet<Generation>
  /** False when a file was renamed meanwhile: another look is needed, unless this was the last. */
  readonly isWhole: boolean
}

export interface LookOptions {
  readonly before: Before
  /** What vanishes meanwhile is passed over. */
  readonly isLast: boolean
}

/** What looks at one log's folder have found out about the files in it. */
export class Folder {
  /** Paths of files that can never be read, and of those that are none of a log; each is told once. */
  readonly damaged = new Set<string>()
  readonly foreign = new Set<string>()
  readonly #path: string
  readonly #context: OpenContext
  /** What was opened at the last look is not opened again while it is the same: by inode, size and time of the last write. */
  #opened = new Map<string, Seen>()

  constructor(path: string, context: OpenContext) {
    this.#path = path
    this.#context = context
  }

  /** Opens what is new: the live file, and rotated ones. */
  async look({ before, isLast }: LookOptions): Promise<Look> {
    const opened: Generation[] = []
    try {
      return await this.#look(opened, { before, isLast })
    } catch (error) {
      for (const file of opened) await file.close()
      throw error
    }
  }

  /** Adds each file that it opens to `opened`. */
  async #look(opened: Generation[], { before, isLast }: LookOptions): Promise<Look> {
    // The folder is listed after the live file is open: what is rotated from then on comes after it, and is found from it.
    const live = await openGeneration(this.#path, this.#context)
    if (live !== undefined) opened.push(live)
    const isLiveNew = live !== undefined && !isOpen(live, before)
    const isOutlived = isLiveNew && (await this.#isOutlived(live)) // not later: what is listed may be older then
    const { rotated, areCounted, foreign } = listRotated(realPathOf(this.#path))
    for (const path of foreign) this.foreign.add(path)
    const listed: Seen[] = []
    const known = new Map<string, Seen>()
    let isWhole = true
    for (const path of rotated.toReversed()) {
      const seen = await this.#see(path, { before, opened, known })
      await live?.identify() // it may have been empty, and be this one, compressed
      if (seen !== undefined) listed.unshift(seen)
      else if (!isLast && !this.damaged.has(path) && !path.endsWith('.tmp')) isWhole = false
      if (!isWhole) break
    }
    // Rotated and deleted meanwhile: by another look all that is there is newer.
    if (isLiveNew && !isLast && (await this.#isOutlived(live)) !== isOutlived) isWhole = false
    if (isWhole) this.#opened = known
    const plan = succession<Seen>(before, { live, isOutlived, listed, areCounted })
    const next = plan.next.filter((seen): seen is Generation => opened.includes(seen as Generation))
    for (const file of opened) if (!next.includes(file)) await file.close()
    return { ...plan, next, doubtful: new Set(next.filter((file) => plan.doubtful.has(file))), isWhole }
  }

  /** Undefined when nothing is there, or nothing that can be read. */
  async #see(
    path: string,
    { before, opened, known }: { before: Before; opened: Generation[]; known: Map<string, Seen> },
  ): Promise<Seen | undefined> {
    const stats = this.damaged.has(path) ? undefined : statIfThere(path)
    if (stats === undefined) return undefined
    const id = [stats.dev, stats.ino, stats.size, stats.mtimeMs].join()
    const seen = this.#opened.get(id)
    if (seen !== undefined && (isOpen(seen, before) || isFinished(seen, before))) {
      known.set(id, seen)
      return seen
    }
    const file = await this.#open(path)
    if (file === undefined) return undefined
    opened.push(file)
    known.set(id, file)
    return file
  }

  async #open(path: string): Promise<Generation | undefined> {
    try {
      const file = isGzipInProgress(path) ? undefined : await openGeneration(path, this.#context)
      if (file === undefined || !path.endsWith('.tmp') || file.key !== undefined) return file
      await file.close() // nobody knows yet what it will be
      return undefined
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      if (systemCode(error) !== 'DAMAGED_FILE') throw error
      this.damaged.add(path)
      return undefined
    }
  }

  /** Whether it was rotated and deleted since it was opened. The kubelet deletes the oldest first, so all that is left is newer. */
  async #isOutlived(live: Generation): Promise<boolean> {
    return (await live.isNameless()) && statIfThere(this.#path) !== undefined
  }
}

function isOpen(file: Seen, { open }: Before): boolean {
  return open.some((other) => isSameFile(file, other))
}

/** Read to its end. Without a key it was so when it was closed: what has no whole first line is not kept for later. */
function isFinished({ key }: Seen, { known }: Before): boolean {
  return key === undefined || known.get(key)?.isDone === true
}

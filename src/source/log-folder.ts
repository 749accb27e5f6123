import { systemCode } from '../lib/errors.ts'
import type { Generation } from './generation.ts'
import type { OpenContext } from './open-context.ts'
import { isAtPath, isGzipInProgress, listRotated, openGeneration, realPathOf, statIfThere } from './rotation.ts'
import { type Before, isSameFile, type Seen, type Succession, succession } from './succession.ts'

/** The result of one check of the folder. */
export interface Look extends Pick<Succession<Seen>, 'isReached' | 'isReplaced'> {
  /** The new files, open, oldest first. */
  readonly next: readonly Generation[]
  /** Files in `next` that may have been written before the one that precedes them. */
  readonly doubtful: ReadonlySet<Generation>
  /** False if a file was renamed at the same time: another check is needed, unless this was the last one. */
  readonly isWhole: boolean
}

export interface LookOptions {
  readonly before: Before
  /** Ignore files that disappear during the check. */
  readonly isLast: boolean
}

/** A file that can never be read, or that does not belong to a log. */
interface Useless {
  readonly kind: 'damaged' | 'foreign'
  isReported: boolean
}

/** What is known about the files in one log's folder. */
export class Folder {
  /** Paths of files that are never read. */
  readonly #useless = new Map<string, Useless>()
  readonly #path: string
  readonly #context: OpenContext
  /** Files that were opened at the last check are not opened again if inode, size and mtime are the same. */
  #opened = new Map<string, Seen>()

  constructor(path: string, context: OpenContext) {
    this.#path = path
    this.#context = context
  }

  /** Opens new files: the live one, and rotated ones. */
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
    // The folder is listed after the live file is open: files rotated later come after it, and are found from it.
    const live = await openGeneration(this.#path, this.#context)
    if (live !== undefined) opened.push(live)
    const isLiveNew = live !== undefined && !isOpen(live, before)
    const isOutlived = isLiveNew && (await this.#isOutlived(live)) // before the listing: otherwise listed files could be older
    const isRotated = isLiveNew && !isAtPath(live, this.#path)
    const { rotated, areCounted, foreign } = listRotated(realPathOf(this.#path))
    for (const path of foreign) this.#note(path, 'foreign')
    const listed: Seen[] = []
    const known = new Map<string, Seen>()
    let isWhole = true
    for (const path of rotated.toReversed()) {
      const seen = await this.#see(path, { before, opened, known })
      await live?.identify() // it may have been empty, and be the same file as this compressed one
      if (seen !== undefined) listed.unshift(seen)
      else if (!isLast && !this.#isDamaged(path) && !path.endsWith('.tmp')) isWhole = false
      if (!isWhole) break
    }
    // What was seen until one was missing is the newest: if the live file is listed and not among that, it is older.
    const isOldest = isOutlived || (isRotated && !isWhole)
    // The live file was rotated and deleted in between: then another check finds only newer files.
    if (isLiveNew && !isLast && (await this.#isOutlived(live)) !== isOutlived) isWhole = false
    if (isWhole) this.#opened = known
    const plan = succession<Seen>(before, { live, isOldest, listed, areCounted })
    const next = plan.next.filter((seen): seen is Generation => opened.includes(seen as Generation))
    for (const file of opened) if (!next.includes(file)) await file.close()
    return { ...plan, next, doubtful: new Set(next.filter((file) => plan.doubtful.has(file))), isWhole }
  }

  /** Paths that no earlier call has returned. */
  unreported(kind: Useless['kind']): string[] {
    const paths: string[] = []
    for (const [path, useless] of this.#useless) {
      if (useless.kind !== kind || useless.isReported) continue
      useless.isReported = true
      paths.push(path)
    }
    return paths
  }

  #note(path: string, kind: Useless['kind']): void {
    if (!this.#useless.has(path)) this.#useless.set(path, { kind, isReported: false })
  }

  #isDamaged(path: string): boolean {
    return this.#useless.get(path)?.kind === 'damaged'
  }

  /** Undefined if the file does not exist or cannot be read. */
  async #see(
    path: string,
    { before, opened, known }: { before: Before; opened: Generation[]; known: Map<string, Seen> },
  ): Promise<Seen | undefined> {
    const stats = this.#isDamaged(path) ? undefined : statIfThere(path)
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
      await file.close() // it is not known yet what it will contain
      return undefined
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      if (systemCode(error) !== 'DAMAGED_FILE') throw error
      this.#note(path, 'damaged')
      return undefined
    }
  }

  /** Whether it was rotated and deleted since it was opened. The kubelet deletes the oldest file first, so all others are newer. */
  async #isOutlived(live: Generation): Promise<boolean> {
    return (await live.isNameless()) && statIfThere(this.#path) !== undefined
  }
}

function isOpen(file: Seen, { open }: Before): boolean {
  return open.some((other) => isSameFile(file, other))
}

/** Whether the file was read to its end. A file without a key was: it is closed for later only with a complete first line. */
function isFinished({ key }: Seen, { known }: Before): boolean {
  return key === undefined || known.get(key)?.isDone === true
}

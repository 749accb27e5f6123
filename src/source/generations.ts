import { systemCode } from '../lib/errors.ts'
import type { Checkpoint, Settled } from '../model.ts'
import { type Generation, isSameInode, type KeyOf } from './generation.ts'
import { openGeneration, realPathOf, rotatedFiles, statIfThere } from './rotation.ts'
import { TailedFile } from './tailed-file.ts'

/** Milliseconds between two rotations at the least: the kubelet looks every 10 s, or every 3 s if told to. */
const SHORTEST_LIFE_MS = 3000

/** How often the folder is asked anew when a file in it is renamed while it is being looked at. */
const ATTEMPTS = 5

/** What a look at the folder has brought besides open files. */
export interface Reconciled {
  /** Paths of files that will never be readable. */
  readonly damaged: readonly string[]
  /** None of the files that were open is there any more, so that nobody knows whether others came between them and this one. */
  readonly gapBefore: Generation | undefined
}

export interface GenerationsOptions {
  readonly keyOf: KeyOf
  /** What earlier runs have delivered, by file key. */
  readonly history: ReadonlyMap<string, Checkpoint>
  /** Told of a file, by its key, that is read from its beginning because it holds other bytes than it did. */
  onAnew(key: string): void
}

/** How far a file was read that is not open now; it may come back under another name, compressed, or as a copy. */
interface Known {
  readonly isDone: boolean
  readonly offset: number
  /** The one before `offset`; a newline as a rule. */
  readonly lastByte?: number
  readonly settled: Settled | undefined
  /** By an earlier run, which `settled` is all of. */
  readonly isEarlier?: boolean
}

/** One look at the folder: the new files in it, open, oldest first. */
interface Look {
  readonly found: readonly Generation[]
  /** It met a file that was open before. */
  readonly isReached: boolean
  readonly isWhole: boolean
}

/** The files of one container's log that are not read to their ends, open, in the order in which they were written. */
export class Generations {
  readonly #path: string
  readonly #keyOf: KeyOf
  readonly #onAnew: (key: string) => void
  /** Oldest first; the last one is what the path led to at the last look. */
  #files: Generation[] = []
  readonly #known: Map<string, Known>
  readonly #damaged = new Set<string>()

  constructor(path: string, options: GenerationsOptions) {
    this.#path = path
    this.#keyOf = options.keyOf
    this.#onAnew = options.onAnew
    this.#known = new Map([...options.history].map(([key, settled]) => [key, resumed(settled)]))
  }

  get oldest(): Generation | undefined {
    return this.#files[0]
  }

  /** What the path led to at the last look. */
  get live(): Generation | undefined {
    return this.#files.at(-1)
  }

  get count(): number {
    return this.#files.length
  }

  has(file: Generation): boolean {
    return this.#files.includes(file)
  }

  /** Keys of all files that are open, and of those that are not needed any more but may still be on disk. */
  keys(): string[] {
    return [...this.#known.keys(), ...this.#files.flatMap(({ key }) => (key === undefined ? [] : [key]))]
  }

  /** Known files that are neither done nor open: of a history, those that are gone. */
  missing(): number {
    const open = new Set(this.#files.map(({ key }) => key))
    return [...this.#known].filter(([key, { isDone }]) => !isDone && !open.has(key)).length
  }

  /**
   * Looks what files there are and opens those that are new: the live one, and rotated ones, several perhaps when rotations
   * followed fast or happened while nobody looked.
   */
  async reconcile(): Promise<Reconciled> {
    for (const file of this.#files) if (file.key === undefined) await file.identify()
    const damaged: string[] = []
    const opened: Generation[] = []
    let gapBefore: Generation | undefined
    try {
      const isReached = await this.#openNew(opened, damaged)
      if (!isReached && (await this.#isLate(opened[0]))) gapBefore = opened[0]
    } catch (error) {
      await closeAll(opened)
      throw error
    }
    this.#files.push(...opened)
    for (const file of opened) await this.#resume(file)
    return { damaged, gapBefore }
  }

  /** Adds to `opened`, oldest first. Returns whether the files that were open before come right before them. */
  async #openNew(opened: Generation[], damaged: string[]): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      const { found, isReached, isWhole } = await this.#lookOnce(damaged, attempt === ATTEMPTS)
      await supersede(opened, found)
      if (isWhole) return isReached
    }
  }

  /** Not whole when a file was renamed meanwhile, unless that is to be passed over. */
  async #lookOnce(damaged: string[], isLast: boolean): Promise<Look> {
    // The folder is asked after the live file is open: what is rotated from then on comes after it, and is found from it.
    const live = await openGeneration(this.#path, this.#keyOf)
    const isLiveNew = live !== undefined && !this.#isOpen(live)
    const [found, newer]: [Generation[], Generation[]] = [[], []]
    const isOutlived = isLiveNew && (await this.#isOutlived(live)) // not later: what is listed may be older then
    let [isReached, isWhole, isLiveMet] = [live !== undefined && !isLiveNew, true, false]
    try {
      for (const path of rotatedFiles(realPathOf(this.#path)).reverse()) {
        const file = await this.#openRotated(path, damaged)
        isWhole = file !== undefined || isLast || this.#damaged.has(path)
        if (!isWhole) break
        if (file === undefined) continue
        await live?.identify() // it may have been empty, and be this one, compressed
        const isOpen = this.#isOpen(file)
        const isLive = live !== undefined && isSame(file, live)
        isLiveMet ||= isLive
        // The live file was rotated since it was opened: those met before it are newer.
        if (isLive && !isOpen) newer.push(...found.splice(0))
        if (isOpen || isLive || this.#isDone(file)) await file.close()
        else found.unshift(file)
        isReached ||= isOpen
        if (isOpen) break // what is older has been looked at before
      }
      // Rotated and deleted meanwhile: by another look all that is there is newer.
      if (isLiveNew && !isLast && (await this.#isOutlived(live)) !== isOutlived) isWhole = false
    } catch (error) {
      await closeAll([...found, live, ...newer])
      throw error
    }
    if (!isLiveNew) await live?.close()
    else if (isOutlived && !isLiveMet) found.unshift(live)
    else found.push(live)
    return { found: [...found, ...newer], isReached, isWhole }
  }

  /** Whether it was rotated and deleted since it was opened. The kubelet deletes the oldest first, so all that is left is newer. */
  async #isOutlived(live: Generation): Promise<boolean> {
    return (await live.isNameless()) && statIfThere(this.#path) !== undefined
  }

  /** Whether so much time lies between the last file that is open and the next one that others may have been between them. */
  async #isLate(next: Generation | undefined): Promise<boolean> {
    if (next === undefined || this.live === undefined) return false
    const isEmpty = (await next.unreadBytes()) === 0
    const startedMs = next.startedMs ?? (isEmpty ? await next.modifiedMs() : undefined)
    return startedMs === undefined || startedMs - (await this.live.modifiedMs()) > SHORTEST_LIFE_MS
  }

  /** Of that many of the oldest files. */
  async unreadBytes(count: number): Promise<number> {
    const sizes = await Promise.all(this.#files.slice(0, count).map((file) => file.unreadBytes()))
    return sizes.reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Closes the oldest file. It is over: read to its end, or given up. */
  async finishOldest(): Promise<Generation | undefined> {
    const file = this.#files.shift()
    if (file === undefined) return undefined
    file.end = file.offset
    if (file.key !== undefined) this.#know(file.key, { isDone: true, offset: file.offset, settled: undefined })
    await file.close()
    return file
  }

  /** Closes the live file, which was emptied under its name: a copy of what it held may be found as a rotated file. */
  async reopenLive(): Promise<void> {
    const file = this.#files.pop()
    if (file instanceof TailedFile && file.key !== undefined && !this.#known.has(file.key)) {
      const { key, offset, lastByte, settled } = file
      this.#know(key, { isDone: false, offset, lastByte, settled })
    }
    await file?.close()
  }

  /** Passes over all that is there: only what is written from now on counts. Returns the files, at the offsets that are left. */
  async skipToEnd(): Promise<Generation[]> {
    const skipped: Generation[] = []
    while (this.#files.length > 1) {
      const file = await this.finishOldest()
      if (file !== undefined) skipped.push(file)
    }
    if (this.live instanceof TailedFile) {
      await this.live.seekToEnd()
      skipped.push(this.live)
    }
    return skipped
  }

  async close(): Promise<void> {
    for (const file of this.#files.splice(0)) await file.close()
  }

  async #openRotated(path: string, damaged: string[]): Promise<Generation | undefined> {
    if (this.#damaged.has(path)) return undefined
    try {
      return await openGeneration(path, this.#keyOf)
    } catch (error) {
      if (systemCode(error) !== 'DAMAGED_FILE') throw error
      this.#damaged.add(path)
      damaged.push(path)
      return undefined
    }
  }

  #isOpen(file: Generation): boolean {
    return this.#files.some((other) => isSame(file, other))
  }

  #isDone({ key }: Generation): boolean {
    return key !== undefined && this.#known.get(key)?.isDone === true
  }

  /**
   * Behind a file that an earlier run has not settled, all is read from its beginning, and passed over: what lies between tells whether a
   * line that was cut in two is whole. So it is after a crash at a rotation, and it is one file's worth.
   */
  async #resume(file: Generation): Promise<void> {
    const known = file.key === undefined ? undefined : this.#known.get(file.key)
    if (file.key === undefined || known === undefined) return
    const isResumed = await file.resume(known.offset, known.lastByte)
    // Emptied since it was opened: what is settled is its copy's, which is found when that is noticed.
    if (!isResumed && file instanceof TailedFile && file.size === 0) return
    this.#known.delete(file.key)
    if (!isResumed) return this.#onAnew(file.key)
    file.settled = known.settled
    if (known.isEarlier && file !== this.oldest) await file.resume(0)
  }

  #know(key: string, known: Known): void {
    this.#known.delete(key)
    this.#known.set(key, known)
    // The kubelet keeps some files only; what is older than these is not on disk any more.
    for (const oldest of this.#known.keys()) if (this.#known.size > REMEMBERED_FILES) this.#known.delete(oldest)
  }
}

/** Files of one log that are remembered after they were read; more than `containerLogMaxFiles` is ever set to. */
const REMEMBERED_FILES = 1000

function resumed(settled: Checkpoint): Known {
  const offset = Math.min(settled.stdout.head, settled.stderr.head)
  return { isDone: settled.isDone, offset, settled, isEarlier: true }
}

function isSame(file: Generation, other: Generation): boolean {
  return isSameInode(file, other) || (file.key !== undefined && file.key === other.key)
}

/**
 * Takes over what another look has found. What only the look before it found has been deleted since: it stays open, for it can be read
 * by nobody else, and comes first, for the oldest is deleted first.
 */
async function supersede(opened: Generation[], found: readonly Generation[]): Promise<void> {
  for (const file of opened) await file.identify()
  const isGone = (file: Generation) => !found.some((other) => isSame(file, other))
  const gone = opened.filter(isGone)
  const again = opened.filter((file) => !isGone(file))
  opened.splice(0, opened.length, ...gone, ...found)
  await closeAll(again)
}

async function closeAll(files: readonly (Generation | undefined)[]): Promise<void> {
  for (const file of files) await file?.close()
}

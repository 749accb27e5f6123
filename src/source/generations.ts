import type { Clock } from '../lib/clock.ts'
import type { Checkpoint, Settled } from '../model/checkpoint.ts'
import type { LogFile } from '../model/log-file.ts'
import { type Generation, type Inode, isSameInode, type KeyOf } from './generation.ts'
import { Folder, type Look } from './log-folder.ts'
import { type Before, isSameFile, SHORTEST_LIFE_MS } from './succession.ts'

/** How often to list the folder again if a file in it is renamed at the same time. */
const ATTEMPTS = 5

/** The result of checking the folder, besides newly opened files. */
export interface Reconciled {
  /** Paths of files that will never be readable. */
  readonly damaged: readonly string[]
  /** Paths of files next to the log whose names no rotation creates. */
  readonly foreign: readonly string[]
  /** None of the open files exists any more. So there may have been others between them and this new file. */
  readonly gapBefore: Generation | undefined
  /** Files that may have been written before the one that precedes them here. */
  readonly doubtful: readonly Generation[]
  /** Another file with the same first line is at the path. */
  readonly isReplaced: boolean
}

export interface GenerationsOptions {
  readonly keyOf: KeyOf
  readonly clock: Clock
  /** What earlier runs have delivered, by file key. */
  readonly history: ReadonlyMap<string, Checkpoint>
  /** Called with the key of a file that is read from its beginning because it was rewritten. */
  onAnew(key: string): void
  /** Called with the key of a new file, so that its place in the order of files is stored. */
  onSeen(key: string, file: LogFile): void
}

/** How far a file was read that is not open now. It may appear again under another name, compressed, or as a copy. */
interface KnownFile {
  readonly isDone: boolean
  readonly offset: number
  /** The byte before `offset`; usually a newline. */
  readonly lastByte?: number
  readonly settled: Settled | undefined
  /** Its place among the files of its log; undefined if it was stored by a version without places. */
  readonly order: number | undefined
  /** Read by an earlier run; `settled` is then all that is known of it. */
  readonly isEarlier?: boolean
}

/** The open, unfinished files of one container's log, in the order in which they were written. */
export class Generations {
  readonly #options: GenerationsOptions
  readonly #folder: Folder
  /** Oldest first; the last one was at the path at the last check. */
  #files: Generation[] = []
  readonly #known: Map<string, KnownFile>
  /** The place of the newest file. */
  #lastOrder: number

  constructor(path: string, options: GenerationsOptions) {
    this.#options = options
    this.#folder = new Folder(path, options)
    this.#known = new Map([...options.history].map(([key, settled]) => [key, resumed(settled)]))
    this.#lastOrder = Math.max(0, ...[...this.#known.values()].map(({ order }) => order ?? 0))
  }

  get oldest(): Generation | undefined {
    return this.#files[0]
  }

  /** The file at the path at the last check. */
  get live(): Generation | undefined {
    return this.#files.at(-1)
  }

  get count(): number {
    return this.#files.length
  }

  has(file: Generation): boolean {
    return this.#files.includes(file)
  }

  /** Keys of all open files, and of finished ones that may still be on disk. */
  keys(): string[] {
    return [...this.#known.keys(), ...this.#files.flatMap(({ key }) => key ?? [])]
  }

  /** Keys of files that are open or finished. Other known ones may have been deleted since an earlier run saw them. */
  keysAtHand(): string[] {
    const finished = [...this.#known].flatMap(([key, { isDone }]) => (isDone ? [key] : []))
    return [...finished, ...this.#files.flatMap(({ key }) => key ?? [])]
  }

  hasKey(key: string): boolean {
    return this.#files.some((own) => own.key === key)
  }

  hasOpen(file: Inode): boolean {
    return this.#files.some((own) => isSameInode(own, file))
  }

  /** Number of known files that are neither finished nor open. Right after a restart, these are the deleted ones. */
  missing(): number {
    const open = new Set(this.#files.map(({ key }) => key))
    return [...this.#known].filter(([key, { isDone }]) => !isDone && !open.has(key)).length
  }

  /**
   * Opens new files: the live one, and rotated ones. There are several if rotations followed each other quickly, or happened while the
   * agent was not running.
   */
  async reconcile(): Promise<Reconciled> {
    // If all keys are known, the live file is opened at once: the sooner it is open, the fewer rotations can be missed.
    if (this.#files.some(({ key }) => key === undefined)) await this.identify()
    const opened: Generation[] = []
    let [gapBefore, look]: [Generation | undefined, Look | undefined] = [undefined, undefined]
    try {
      look = await this.#openNew(opened)
      if (!look.isReached && (await this.#isLate(opened[0]))) gapBefore = opened[0]
    } catch (error) {
      await closeAll(opened)
      throw error
    }
    this.#files.push(...opened)
    for (const file of opened) await this.#resume(file)
    for (const file of this.#files) this.#remember(file)
    const doubtful = opened.filter((file) => look.doubtful.has(file))
    const [damaged, foreign] = [this.#folder.unreported('damaged'), this.#folder.unreported('foreign')]
    return { damaged, foreign, gapBefore, doubtful, isReplaced: look.isReplaced }
  }

  /** Adds new files to `opened`, oldest first, and returns the last result. */
  async #openNew(opened: Generation[]): Promise<Look> {
    const before: Before = { open: this.#files, known: this.#known }
    for (let attempt = 1; ; attempt += 1) {
      const look = await this.#folder.look({ before, isLast: attempt === ATTEMPTS })
      await supersede(opened, look.next)
      if (look.isWhole) return look
    }
  }

  /** Whether there was enough time between the last open file and the next one for others in between. */
  async #isLate(next: Generation | undefined): Promise<boolean> {
    if (next === undefined || this.live === undefined) return false
    const isEmpty = (await next.unreadBytes()) === 0
    // Of a file without a line nothing tells whether it is the open one, compressed.
    if (isEmpty && next.changedMs === undefined && this.live.key === undefined) return false
    const startedMs = next.startedMs ?? (isEmpty ? await next.modifiedMs() : undefined)
    return startedMs === undefined || startedMs - (await this.live.modifiedMs()) > SHORTEST_LIFE_MS
  }

  /** Tries again to compute the keys of files that had no complete line. */
  async identify(): Promise<void> {
    for (const file of this.#files) if (file.key === undefined) await file.identify()
  }

  /** Applies what is settled to files that are open but not read yet. */
  async adopt(history: ReadonlyMap<string, Checkpoint>): Promise<void> {
    for (const [key, settled] of history) this.#known.set(key, resumed(settled))
    for (const file of this.#files) await this.#resume(file)
  }

  /** Unread bytes of so many of the oldest files. */
  async unreadBytes(count: number): Promise<number> {
    const sizes = await Promise.all(this.#files.slice(0, count).map((file) => file.unreadBytes()))
    return sizes.reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Closes the oldest file, which is finished: it was read to its end or dropped. */
  async finishOldest(): Promise<Generation | undefined> {
    const file = this.#files.shift()
    if (file === undefined) return undefined
    file.end = file.offset
    if (file.key !== undefined)
      this.#know(file.key, { isDone: true, offset: file.offset, settled: undefined, order: file.order })
    await file.close()
    return file
  }

  /** Closes the live file. It is found again by its key: under its name, as a copy, or as a rotated file. */
  async reopenLive(): Promise<void> {
    const file = this.#files.pop()
    if (file !== undefined) await this.#leave(file)
  }

  /** Reads the oldest file from its beginning if it was rewritten, whatever its name is by now. Returns whether it was. */
  async beginAnew(): Promise<boolean> {
    const [file] = this.#files
    const again = file?.isRewritten() === true ? file.openAgain() : undefined
    if (file === undefined || again === undefined) return false
    this.#files[0] = again
    this.#remember(again)
    await this.#leave(file)
    return true
  }

  async #leave(file: Generation): Promise<void> {
    if (file.key !== undefined && !this.#known.has(file.key)) {
      const { key, offset, lastByte, settled, order } = file
      this.#know(key, { isDone: false, offset, settled, order, ...(lastByte !== undefined && { lastByte }) })
    }
    await file.close()
  }

  /** Takes a file that is open already unless it has been found, perhaps compressed: older than all others but the copy, with that key, of what it was. Returns whether it was not found. */
  async takeIfMissing(file: Generation, copyKey: string | undefined): Promise<boolean> {
    if (this.#files.some((own) => isSameFile(own, file))) {
      await file.close()
      return false
    }
    const copyAt = this.#files.findIndex(({ key }) => key !== undefined && key === copyKey)
    this.#files.splice(copyAt + 1, 0, file)
    this.#remember(file)
    return true
  }

  /** Whether a file is deleted: what is unread of it is lost with this process. */
  async hasNameless(): Promise<boolean> {
    for (const file of this.#files) if (await file.isNameless()) return true
    return false
  }

  /** Whether all files can be closed and found again. A file without a key can if nothing of it was read. */
  async areOnDisk(): Promise<boolean> {
    const areNameless = await Promise.all(this.#files.map((file) => file.isNameless()))
    return !areNameless.includes(true) && this.#files.every(({ key, offset }) => key !== undefined || offset === 0)
  }

  /** Closes all files without reading the rest; they are found again later. */
  async release(): Promise<void> {
    while (this.count > 0) await this.reopenLive()
  }

  /** Skips everything written so far. Returns the files, with the offsets at which reading continues. */
  async skipToEnd(): Promise<Generation[]> {
    const skipped: Generation[] = []
    while (this.#files.length > 1) {
      const file = await this.finishOldest()
      if (file !== undefined) skipped.push(file)
    }
    await this.live?.seekToEnd()
    return this.live === undefined ? skipped : [...skipped, this.live]
  }

  async close(): Promise<void> {
    for (const file of this.#files.splice(0)) await file.close()
  }

  /** A place after all others. Exception: an earlier run gave a later file a place while this one was empty; then before that one. */
  #placeOf(file: Generation): number {
    const later = this.#files.slice(this.#files.indexOf(file)).find(({ order }) => order !== undefined)?.order
    if (later === undefined) return ++this.#lastOrder
    const places = [...this.#known.values(), ...this.#files].flatMap(({ order }) => order ?? [])
    return (Math.max(later - 1, ...places.filter((place) => place < later)) + later) / 2
  }

  /** Gives a file its place once its first line is complete. The place is kept across restarts. */
  #remember(file: Generation): void {
    file.order ??= this.#placeOf(file)
    if (file.key === undefined || file.isOrderStored) return
    file.isOrderStored = true
    this.#options.onSeen(file.key, file)
  }

  /**
   * If an earlier run has not settled a file, all later files are read from the beginning, and settled lines are skipped. The lines in
   * between show whether a line that is split between two files is complete. This happens after a crash at a rotation, and costs one file.
   */
  async #resume(file: Generation): Promise<void> {
    const known = file.key === undefined ? undefined : this.#known.get(file.key)
    if (file.key === undefined || known === undefined) return
    const isResumed = await file.resume(known.offset, known.lastByte)
    // Truncated since it was opened. What is settled belongs to its copy, which will be found when the truncation is noticed.
    if (!isResumed && file.size === 0) return
    this.#known.delete(file.key)
    file.order = known.order
    if (!isResumed) return this.#options.onAnew(file.key)
    if (known.order !== undefined) file.isOrderStored = true
    file.settled = known.settled
    if (known.isEarlier && file !== this.oldest) await file.resume(0)
  }

  #know(key: string, known: KnownFile): void {
    this.#known.delete(key)
    this.#known.set(key, known)
    // The kubelet keeps only a few files; older ones are not on disk any more.
    for (const oldest of this.#known.keys()) if (this.#known.size > REMEMBERED_FILES) this.#known.delete(oldest)
  }
}

/** Files of one log to remember after they were read; more than anyone sets `containerLogMaxFiles` to. */
const REMEMBERED_FILES = 1000

function resumed(settled: Checkpoint): KnownFile {
  const offset = Math.min(settled.stdout.head, settled.stderr.head)
  return { isDone: settled.isDone, offset, settled, order: settled.order, isEarlier: true }
}

/**
 * Replaces `opened` with the result of another check. A file that is in `opened` only has been deleted since. It stays open, since it
 * cannot be opened again, and comes first, since the oldest file is deleted first.
 */
async function supersede(opened: Generation[], found: readonly Generation[]): Promise<void> {
  for (const file of opened) await file.identify()
  const isGone = (file: Generation) => !found.some((other) => isSameFile(file, other))
  const gone = opened.filter(isGone)
  const again = opened.filter((file) => !isGone(file))
  opened.splice(0, opened.length, ...gone, ...found)
  await closeAll(again)
}

async function closeAll(files: readonly (Generation | undefined)[]): Promise<void> {
  for (const file of files) await file?.close()
}

import type { Clock } from '../lib/clock.ts'
import type { Checkpoint, Settled } from '../model/checkpoint.ts'
import type { LogFile } from '../model/log-file.ts'
import type { Generation, KeyOf } from './generation.ts'
import { Folder, type Look } from './log-folder.ts'
import { type Before, isSameFile, SHORTEST_LIFE_MS } from './succession.ts'

/** How often the folder is asked anew when a file in it is renamed while it is being looked at. */
const ATTEMPTS = 5

/** What a look at the folder has brought besides open files. */
export interface Reconciled {
  /** Paths of files that will never be readable. */
  readonly damaged: readonly string[]
  /** Paths of files beside the log that no rotation makes. */
  readonly foreign: readonly string[]
  /** None of the files that were open is there any more, so that nobody knows whether others came between them and this one. */
  readonly gapBefore: Generation | undefined
  /** Files of which nobody can tell whether they were written after the one before them. */
  readonly doubtful: readonly Generation[]
  /** The path leads to another file that begins as the live one does. */
  readonly isReplaced: boolean
}

export interface GenerationsOptions {
  readonly keyOf: KeyOf
  readonly clock: Clock
  /** What earlier runs have delivered, by file key. */
  readonly history: ReadonlyMap<string, Checkpoint>
  /** Told of a file, by its key, that is read from its beginning because it holds other bytes than it did. */
  onAnew(key: string): void
  /** Told of a file, by its key, that was seen for the first time, so that its place among the others is remembered. */
  onSeen(key: string, file: LogFile): void
}

/** How far a file was read that is not open now; it may come back under another name, compressed, or as a copy. */
interface KnownFile {
  readonly isDone: boolean
  readonly offset: number
  /** The one before `offset`; a newline as a rule. */
  readonly lastByte?: number
  readonly settled: Settled | undefined
  /** Its place among the files of its log; undefined from before places were kept. */
  readonly order: number | undefined
  /** By an earlier run, which `settled` is all of. */
  readonly isEarlier?: boolean
}

/** The files of one container's log that are not read to their ends, open, in the order in which they were written. */
export class Generations {
  readonly #options: GenerationsOptions
  readonly #folder: Folder
  /** Oldest first; the last one is what the path led to at the last look. */
  #files: Generation[] = []
  readonly #known: Map<string, KnownFile>
  /** The place of the file that came last. */
  #lastOrder: number
  /** Files whose place is stored. */
  readonly #placed = new WeakSet<Generation>()
  /** Paths that need not be told again. */
  readonly #told = new Set<string>()

  constructor(path: string, options: GenerationsOptions) {
    this.#options = options
    this.#folder = new Folder(path, options)
    this.#known = new Map([...options.history].map(([key, settled]) => [key, resumed(settled)]))
    this.#lastOrder = Math.max(0, ...[...this.#known.values()].map(({ order }) => order ?? 0))
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

  /** Names the files that are open, for as long as they are. */
  inodes(): string[] {
    return this.#files.map(({ dev, ino }) => `${dev}:${ino}`)
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
    // Else at once: what is rotated and deleted while this waits is not seen.
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
    const [damaged, foreign] = [this.#news(this.#folder.damaged), this.#news(this.#folder.foreign)]
    return { damaged, foreign, gapBefore, doubtful, isReplaced: look.isReplaced }
  }

  /** Adds to `opened`, oldest first, and returns the last look. */
  async #openNew(opened: Generation[]): Promise<Look> {
    const before: Before = { open: this.#files, known: this.#known }
    for (let attempt = 1; ; attempt += 1) {
      const look = await this.#folder.look({ before, isLast: attempt === ATTEMPTS })
      await supersede(opened, look.next)
      if (look.isWhole) return look
    }
  }

  /** Whether so much time lies between the last file that is open and the next one that others may have been between them. */
  async #isLate(next: Generation | undefined): Promise<boolean> {
    if (next === undefined || this.live === undefined) return false
    const isEmpty = (await next.unreadBytes()) === 0
    const startedMs = next.startedMs ?? (isEmpty ? await next.modifiedMs() : undefined)
    return startedMs === undefined || startedMs - (await this.live.modifiedMs()) > SHORTEST_LIFE_MS
  }

  /** Looks for the keys of files that had no whole line. */
  async identify(): Promise<void> {
    for (const file of this.#files) if (file.key === undefined) await file.identify()
  }

  /** Takes over what is settled of files that are open, and not read yet. */
  async adopt(history: ReadonlyMap<string, Checkpoint>): Promise<void> {
    for (const [key, settled] of history) this.#known.set(key, resumed(settled))
    for (const file of this.#files) await this.#resume(file)
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
    if (file.key !== undefined)
      this.#know(file.key, { isDone: true, offset: file.offset, settled: undefined, order: file.order })
    await file.close()
    return file
  }

  /** Closes the live file, to be found again by its key: under its name, as a copy of what it held, or as a rotated file. */
  async reopenLive(): Promise<void> {
    const file = this.#files.pop()
    if (file?.key !== undefined && !this.#known.has(file.key)) {
      const { key, offset, lastByte, settled, order } = file
      this.#know(key, { isDone: false, offset, settled, order, ...(lastByte !== undefined && { lastByte }) })
    }
    await file?.close()
  }

  /** Whether each file can be closed and found again. One without a key is read from its beginning then. */
  async areOnDisk(): Promise<boolean> {
    const areNameless = await Promise.all(this.#files.map((file) => file.isNameless()))
    return !areNameless.includes(true) && this.#files.every(({ key, offset }) => key !== undefined || offset === 0)
  }

  /** Closes all files, unread as they are, to be found again. */
  async release(): Promise<void> {
    while (this.count > 0) await this.reopenLive()
  }

  /** Passes over all that is there: only what is written from now on counts. Returns the files, at the offsets that are left. */
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

  /** Behind all others; but before one that came later and was placed by an earlier run, when this one was empty still. */
  #placeOf(file: Generation): number {
    const later = this.#files.slice(this.#files.indexOf(file)).find(({ order }) => order !== undefined)?.order
    if (later === undefined) return ++this.#lastOrder
    const places = [...this.#known.values(), ...this.#files].flatMap(({ order }) => order ?? [])
    return (Math.max(later - 1, ...places.filter((place) => place < later)) + later) / 2
  }

  /** Gives a file its place, once its first line is whole; the place is kept over a restart. */
  #remember(file: Generation): void {
    file.order ??= this.#placeOf(file)
    if (file.key === undefined || this.#placed.has(file)) return
    this.#placed.add(file)
    this.#options.onSeen(file.key, file)
  }

  /** Those of the paths that were not told yet. */
  #news(paths: ReadonlySet<string>): string[] {
    const news = [...paths].filter((path) => !this.#told.has(path))
    for (const path of news) this.#told.add(path)
    return news
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
    if (!isResumed && file.size === 0) return
    this.#known.delete(file.key)
    file.order = known.order
    if (!isResumed) return this.#options.onAnew(file.key)
    if (known.order !== undefined) this.#placed.add(file)
    file.settled = known.settled
    if (known.isEarlier && file !== this.oldest) await file.resume(0)
  }

  #know(key: string, known: KnownFile): void {
    this.#known.delete(key)
    this.#known.set(key, known)
    // The kubelet keeps some files only; what is older than these is not on disk any more.
    for (const oldest of this.#known.keys()) if (this.#known.size > REMEMBERED_FILES) this.#known.delete(oldest)
  }
}

/** Files of one log that are remembered after they were read; more than `containerLogMaxFiles` is ever set to. */
const REMEMBERED_FILES = 1000

function resumed(settled: Checkpoint): KnownFile {
  const offset = Math.min(settled.stdout.head, settled.stderr.head)
  return { isDone: settled.isDone, offset, settled, order: settled.order, isEarlier: true }
}

/**
 * Takes over what another look has found. What only the look before it found has been deleted since: it stays open, for it can be read
 * by nobody else, and comes first, for the oldest is deleted first.
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

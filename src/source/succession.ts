import { type Inode, isSameInode } from './generation.ts'

/** Milliseconds between two rotations at the least: the kubelet looks every 10 s, or every 3 s if told to. */
export const SHORTEST_LIFE_MS = 3000

/** One file, as a look at the folder sees it. */
export interface Seen extends Inode {
  readonly key: string | undefined
  /** The time that its first line begins with, if there is one. */
  readonly startedMs: number | undefined
  /** When the file system last changed anything of it: its rotation, once it is rotated. Undefined when it is compressed. */
  readonly changedMs: number | undefined
}

/** What is known of a log from earlier looks. */
export interface Before {
  readonly open: readonly Pick<Seen, 'dev' | 'ino' | 'key'>[]
  /** Files that were seen and are not open, by key. `order`: the place at which they came, also over a restart. */
  readonly known: ReadonlyMap<string, { readonly isDone: boolean; readonly order: number | undefined }>
}

/** What there is now. */
export interface Now<File extends Seen> {
  /** What the path leads to. */
  readonly live: File | undefined
  /** The live file was rotated and deleted since it was opened. The kubelet deletes the oldest first, so all that is left is newer. */
  readonly isOutlived: boolean
  /** The rotated files, by name, oldest first. */
  readonly listed: readonly File[]
  /** Names count rotations, as docker's do: no clock has to do with them. */
  readonly areCounted: boolean
}

/** What to do: which files come next. */
export interface Succession<File extends Seen> {
  /** Those to read behind what is open, oldest first. */
  readonly next: readonly File[]
  /** One of the open files was met: nothing is missing between them and the next. */
  readonly isReached: boolean
  /** Those of `next` of which nobody can tell whether they come after the one before them. */
  readonly doubtful: ReadonlySet<File>
  /** The path leads to another file that begins as the open one does: a copy took its place, as `sed -i` makes one. */
  readonly isReplaced: boolean
}

/** Which files of a log come next, and in which order. Reads nothing: all it goes by is what was seen before and what is seen now. */
export function succession<File extends Seen>(before: Before, now: Now<File>): Succession<File> {
  const isOpen = (file: Seen) => before.open.some((other) => isSameFile(file, other))
  const isDone = ({ key }: Seen) => key !== undefined && before.known.get(key)?.isDone === true
  const { live, listed } = now
  const isLive = (file: Seen) => live !== undefined && isSameFile(file, live)
  const newLive = live === undefined || isOpen(live) ? undefined : live
  const rotated = listed.filter((file, at) => {
    const isTwice = listed.findIndex((other) => isSameFile(file, other)) < at
    return !isTwice && !isOpen(file) && !isDone(file) && !isLive(file)
  })
  const liveAt = newLive === undefined ? -1 : listed.findIndex(isLive)
  const inOrder = (files: readonly File[], last: File | undefined) => order(files, { before, now, last })
  const plan = { isReached: listed.some(isOpen) || (live !== undefined && newLive === undefined) }
  const isReplaced = live !== undefined && isCopyOf(live, before.open.at(-1))
  if (newLive === undefined) return { ...plan, ...inOrder(rotated, undefined), isReplaced }
  if (liveAt >= 0) {
    // It was rotated since it was opened: it has its place among the others.
    const all = listed.flatMap((file, at) => (at === liveAt ? [newLive] : rotated.includes(file) ? [file] : []))
    return { ...plan, ...inOrder(all, undefined), isReplaced }
  }
  const { next, doubtful } = inOrder(rotated, now.isOutlived ? undefined : newLive)
  return { ...plan, next: now.isOutlived ? [newLive, ...next] : [...next, newLive], doubtful, isReplaced }
}

/** Whether both are one file, under whatever name, and compressed or not. */
export function isSameFile(one: Pick<Seen, 'dev' | 'ino' | 'key'>, other: Pick<Seen, 'dev' | 'ino' | 'key'>): boolean {
  return isSameInode(one, other) || (one.key !== undefined && one.key === other.key)
}

function isCopyOf(live: Seen, open: Pick<Seen, 'dev' | 'ino' | 'key'> | undefined): boolean {
  return open !== undefined && isSameFile(live, open) && !isSameInode(live, open)
}

interface OrderContext<File extends Seen> {
  readonly before: Before
  readonly now: Now<File>
  /** Comes behind all of them. */
  readonly last: File | undefined
}

/**
 * In the order of writing. The order in which they were seen to come counts most: names are the kubelet's local time, which steps back in
 * autumn, and whenever a clock is set back. A file that was never seen came after those that were: whatever was there is seen at each look.
 */
function order<File extends Seen>(
  files: readonly File[],
  { before, now, last }: OrderContext<File>,
): Pick<Succession<File>, 'next' | 'doubtful'> {
  if (now.areCounted) return { next: files, doubtful: new Set() }
  const placeOf = ({ key }: File) => (key === undefined ? undefined : before.known.get(key)?.order)
  const placed = files.filter((file) => placeOf(file) !== undefined)
  const byNow = byTime(files, last)
  if (!byNow.next.some((file, at) => isContradicted(file, byNow.next.slice(at + 1), placeOf))) return byNow
  placed.sort((a, b) => (placeOf(a) ?? 0) - (placeOf(b) ?? 0))
  const isKnown = ({ key }: File) => key !== undefined && before.known.has(key)
  const others = files.filter((file) => placeOf(file) === undefined)
  const earlier = byTime(others.filter(isKnown), undefined) // known from before places were kept
  const later = byTime(
    others.filter((file) => !isKnown(file)),
    last,
  )
  return {
    next: [...earlier.next, ...placed, ...later.next],
    doubtful: new Set([...earlier.doubtful, ...later.doubtful]),
  }
}

/**
 * Whether a file that times and names put before others came after one of them. What has no place was not there when the others were
 * seen, except when it was empty then: so it is if it has only begun about when they did, or later, by a late write.
 */
function isContradicted<File extends Seen>(
  file: File,
  later: readonly File[],
  placeOf: (file: File) => number | undefined,
): boolean {
  const place = placeOf(file)
  return later.some((other) => {
    const otherPlace = placeOf(other)
    if (otherPlace === undefined) return false
    if (place !== undefined) return place > otherPlace
    return file.startedMs === undefined || (other.startedMs ?? Infinity) - file.startedMs > SHORTEST_LIFE_MS
  })
}

/**
 * By name, unless first lines, which are in UTC, contradict that by more than a file's shortest life; then by first lines. None began
 * after the last file did: what says so was written before the clock was set back, and comes first. Where lines have no times the file
 * system's times tell, and names where these are too close.
 */
function byTime<File extends Seen>(
  files: readonly File[],
  last: File | undefined,
): Pick<Succession<File>, 'next' | 'doubtful'> {
  const hasTimes = files.every(({ startedMs }) => startedMs !== undefined)
  const timeOf = ({ startedMs, changedMs }: File) => (hasTimes ? startedMs : changedMs) ?? Number.NaN
  const isByName = hasTimes ? !isSteppingBack(files.map(timeOf)) : !areFarApart(files.map(timeOf))
  // Of an empty file, when it was made.
  const lastMs = (last?.startedMs ?? last?.changedMs ?? Infinity) + SHORTEST_LIFE_MS
  const isBeforeStep = (file: File) => hasTimes && timeOf(file) > lastMs
  const sorted = (some: readonly File[]) => (isByName ? some : some.toSorted((a, b) => timeOf(a) - timeOf(b)))
  const groups = [sorted(files.filter(isBeforeStep)), sorted(files.filter((file) => !isBeforeStep(file)))]
  // First lines and the file system contradict each other.
  const isDoubtful = (file: File, at: number, group: readonly File[]) =>
    (group[at - 1]?.changedMs ?? Number.NaN) - (file.changedMs ?? Number.NaN) > SHORTEST_LIFE_MS
  return { next: groups.flat(), doubtful: new Set(groups.flatMap((group) => group.filter(isDoubtful))) }
}

function isSteppingBack(times: readonly number[]): boolean {
  return times.some((time, at) => times.slice(at + 1).some((later) => time - later > SHORTEST_LIFE_MS))
}

/** Not so if one is not known. */
function areFarApart(times: readonly number[]): boolean {
  const sorted = times.toSorted((a, b) => a - b)
  return (
    sorted.every((time, at) => at === 0 || time - (sorted[at - 1] ?? 0) > SHORTEST_LIFE_MS) && !times.some(Number.isNaN)
  )
}

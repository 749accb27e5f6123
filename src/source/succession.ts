import { type Inode, isSameInode } from './generation.ts'
import { rotationTimeIn } from './rotation.ts'

/** Minimum milliseconds between two rotations: the kubelet checks every 10 s, or every 3 s if configured so. */
export const SHORTEST_LIFE_MS = 3000
/** Time zones differ from UTC, and change, by a multiple of this. */
const ZONE_STEP_MS = 15 * 60_000

/** What a check of the folder finds out about a file. */
export interface Seen extends Inode {
  readonly path: string
  readonly key: string | undefined
  /** The time at the start of its first line, if there is one. */
  readonly startedMs: number | undefined
  /** The file's ctime: for a rotated file the time of its rotation. Undefined if it is compressed. */
  readonly changedMs: number | undefined
}

/** What is known of a log from earlier checks. */
export interface Before {
  readonly open: readonly Pick<Seen, 'dev' | 'ino' | 'key'>[]
  /** Files that were seen and are not open, by key. `order`: their place in the order of appearance, also across restarts. */
  readonly known: ReadonlyMap<string, { readonly isDone: boolean; readonly order: number | undefined }>
}

/** What exists now. */
export interface Now<File extends Seen> {
  /** The file at the path. */
  readonly live: File | undefined
  /** The live file was rotated since it was opened, and all listed ones are newer. */
  readonly isOldest: boolean
  /** The rotated files, by name, oldest first. */
  readonly listed: readonly File[]
  /** Names are counters, as docker's: their order does not depend on a clock. */
  readonly areCounted: boolean
}

/** Which files come next. */
export interface Succession<File extends Seen> {
  /** The files to read after the open ones, oldest first. */
  readonly next: readonly File[]
  /** One of the open files still exists: nothing is missing between them and the next one. */
  readonly isReached: boolean
  /** Files in `next` that may have been written before the one that precedes them. */
  readonly doubtful: ReadonlySet<File>
  /** Another file with the same first line as the open one is at the path: a copy replaced it, as with `sed -i`. */
  readonly isReplaced: boolean
}

/** Which files of a log come next, and in which order. A pure function of what was known before and what exists now. */
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
    // It was rotated since it was opened, perhaps several times: it belongs among the listed ones, as what is listed now.
    const { next, doubtful } = inOrder(
      listed.filter((file, at) => at === liveAt || rotated.includes(file)),
      undefined,
    )
    const open = (file: File) => (file === listed[liveAt] ? newLive : file)
    return { ...plan, next: next.map(open), doubtful: new Set([...doubtful].map(open)), isReplaced }
  }
  const { next, doubtful } = inOrder(rotated, now.isOldest ? undefined : newLive)
  return { ...plan, next: now.isOldest ? [newLive, ...next] : [...next, newLive], doubtful, isReplaced }
}

/** Whether both are the same file, under any name, compressed or not. */
export function isSameFile(one: Pick<Seen, 'dev' | 'ino' | 'key'>, other: Pick<Seen, 'dev' | 'ino' | 'key'>): boolean {
  return isSameInode(one, other) || (one.key !== undefined && one.key === other.key)
}

function isCopyOf(live: Seen, open: Pick<Seen, 'dev' | 'ino' | 'key'> | undefined): boolean {
  return open !== undefined && isSameFile(live, open) && !isSameInode(live, open)
}

interface OrderContext<File extends Seen> {
  readonly before: Before
  readonly now: Now<File>
  /** This file comes after all others. */
  readonly last: File | undefined
}

/**
 * Sorts files in the order of writing. The order in which they appeared takes precedence: names contain the kubelet's local time, which
 * goes back in autumn, and whenever a clock is set back. Each check sees all files, so a new file is newer than those that were seen.
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
  const earlier = byTime(others.filter(isKnown), undefined) // stored by a version without places
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
 * Whether a file was written after one of those that times and names put after it. A file without a place did not exist when the others
 * appeared, or was empty then. It was empty if its first line is not clearly older than theirs, because of a late write.
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

/** Compressed files come first: the kubelet compresses all rotated files but the newest. No clock is needed to see that. */
function byTime<File extends Seen>(
  files: readonly File[],
  last: File | undefined,
): Pick<Succession<File>, 'next' | 'doubtful'> {
  const isCompressed = ({ changedMs }: File) => changedMs === undefined
  const groups = [files.filter(isCompressed), files.filter((file) => !isCompressed(file))]
  const sorted = groups.map((group) => byTimeOf(group, last))
  return {
    next: sorted.flatMap(({ next }) => next),
    doubtful: new Set(sorted.flatMap(({ doubtful }) => [...doubtful])),
  }
}

/**
 * By name; if first lines (in UTC) contradict the names by more than a file's shortest life, as each file began when the one before it was
 * rotated; or by first lines, if that does not link them all. No file began after the last one: if its first line says so, it was written
 * before the clock was set back, and comes first. If lines have no times, the file system's times decide, or names if those are too close.
 */
function byTimeOf<File extends Seen>(
  files: readonly File[],
  last: File | undefined,
): Pick<Succession<File>, 'next' | 'doubtful'> {
  const hasTimes = files.every(({ startedMs }) => startedMs !== undefined)
  const timeOf = ({ startedMs, changedMs }: File) => (hasTimes ? startedMs : changedMs) ?? Number.NaN
  const isByName = hasTimes ? !isSteppingBack(files.map(timeOf)) : !areFarApart(files.map(timeOf))
  const linked = hasTimes && !isByName ? inOneChain(files, last) : undefined
  if (linked !== undefined) return { next: linked, doubtful: new Set() }
  // For an empty file, the time of its creation.
  const lastMs = (last?.startedMs ?? last?.changedMs ?? Infinity) + SHORTEST_LIFE_MS
  const isBeforeStep = (file: File) => hasTimes && timeOf(file) > lastMs
  const sorted = (some: readonly File[]) => (isByName ? some : some.toSorted((a, b) => timeOf(a) - timeOf(b)))
  const groups = [sorted(files.filter(isBeforeStep)), sorted(files.filter((file) => !isBeforeStep(file)))]
  // The order of first lines contradicts the file system's times.
  const isDoubtful = (file: File, at: number, group: readonly File[]) =>
    (group[at - 1]?.changedMs ?? Number.NaN) - (file.changedMs ?? Number.NaN) > SHORTEST_LIFE_MS
  return { next: groups.flat(), doubtful: new Set(groups.flatMap((group) => group.filter(isDoubtful))) }
}

/**
 * Each file followed by the one that began within moments of its rotation; undefined if that is not exactly one for each but the last. Names have
 * local time: of which zone is not known, but it is the same for all. Two links at least must agree in that, since one may be by chance.
 */
function inOneChain<File extends Seen>(files: readonly File[], last: File | undefined): readonly File[] | undefined {
  const [first, ...others] = files.filter((file) => !files.some((before) => zoneBetween(before, file) !== undefined))
  if (first === undefined || others.length > 0) return undefined
  const chain = [first]
  const links: number[] = []
  while (chain.length < files.length) {
    const end = chain.at(-1) as File
    const [next, ...more] = files.filter((file) => zoneBetween(end, file) !== undefined)
    if (next === undefined || more.length > 0 || chain.includes(next)) return undefined
    links.push(zoneBetween(end, next) as number)
    chain.push(next)
  }
  const toLast = last && zoneBetween(chain.at(-1) as File, last)
  if (toLast !== undefined) links.push(toLast)
  return links.length >= 2 && new Set(links).size === 1 ? chain : undefined
}

/** If the other one began within moments of the rotation of this one, in some time zone: how far that is from UTC, in milliseconds. */
function zoneBetween(before: Seen, file: Seen): number | undefined {
  if (file === before) return undefined
  const sinceMs = (file.startedMs ?? Number.NaN) - (rotationTimeIn(before.path) ?? Number.NaN)
  const zoneMs = Math.floor(sinceMs / ZONE_STEP_MS) * ZONE_STEP_MS
  return sinceMs - zoneMs < SHORTEST_LIFE_MS ? zoneMs : undefined
}

function isSteppingBack(times: readonly number[]): boolean {
  return times.some((time, at) => times.slice(at + 1).some((later) => time - later > SHORTEST_LIFE_MS))
}

/** False if a time is not known. */
function areFarApart(times: readonly number[]): boolean {
  const sorted = times.toSorted((a, b) => a - b)
  return (
    sorted.every((time, at) => at === 0 || time - (sorted[at - 1] ?? 0) > SHORTEST_LIFE_MS) && !times.some(Number.isNaN)
  )
}

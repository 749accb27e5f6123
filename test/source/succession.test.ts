import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Before, type Now, type Seen, type Succession, succession } from '../../src/source/succession.ts'

const HOUR_MS = 3_600_000

let inodes = 0

/** `key` is its name in these tables; its first line and its rotation are at these minutes past some hour. */
function file(key: string | undefined, from?: number, to = from ?? 0): Seen {
  inodes += 1
  const startedMs = from === undefined ? undefined : HOUR_MS + from * 60_000
  return { dev: 1, ino: inodes, path: '', key, startedMs, changedMs: HOUR_MS + to * 60_000 }
}

/** A compressed one: its first line and its rotation are at these seconds past noon; `zone`: hours that are added in its name. */
function rotated(key: string, [from, to]: readonly [number, number], zone = 0): Seen {
  const noonMs = Date.UTC(2026, 9, 25, 12)
  const name = new Date(noonMs + zone * HOUR_MS + to * 1000)
    .toISOString()
    .replaceAll(/[-:]|\..*/g, '')
    .replace('T', '-')
  return { ...file(key), path: `/0.log.${name}.gz`, startedMs: noonMs + from * 1000 + 200, changedMs: undefined }
}

/** The same bytes in another inode: compressed, or copied. */
const copyOf = (one: Seen): Seen => {
  inodes += 1
  return { ...one, ino: inodes }
}
const gz = copyOf

interface Case {
  readonly name: string
  readonly open?: readonly Seen[]
  /** By key: done, or its place. */
  readonly known?: Readonly<Record<string, 'done' | 'unfinished' | number>>
  readonly live?: Seen
  readonly listed?: readonly Seen[]
  readonly isOldest?: boolean
  readonly areCounted?: boolean
  readonly next: readonly Seen[]
  readonly isReached?: boolean
  readonly doubtful?: readonly Seen[]
  readonly isReplaced?: boolean
}

const [a, b, c, d] = [file('a', 0, 10), file('b', 10, 20), file('c', 20, 30), file('d', 30, 40)]
const empty = file(undefined)
const packed: Seen = { ...file('packed', 10, 20), changedMs: undefined }
const timeless = ['e', 'f', 'g'].map((key) => file(key, undefined, 10)) as [Seen, Seen, Seen]
// At minute 20 of the old time the clock goes back to minute 0, within the file or between two.
const [early, late] = [file('early', 10, 20), file('late', 0, 5)]
const now = file('now', 5, 6)
const made: Seen = { ...file(undefined, undefined, 6) }
/** Rotated while it was empty; what the runtime wrote late to it came just after the first line of its successor. */
const lateWrite: Seen = { ...file('late write', 10, 10), startedMs: (b.startedMs ?? 0) + 2 }
const torn = file('torn', 20, 5)
const [x, y] = [file('x', 1, 19), file('y', 2, 9)]
/** The clock is set back by 15 s within the first one; the node's time is UTC+2. */
const [h, i, j] = [rotated('h', [0, -5], 2), rotated('i', [-5, 5], 2), rotated('j', [5, 15], 2)]
/** The clock is set back by a day within the second one. */
const [k, l, m] = [rotated('k', [0, 10]), rotated('l', [10, 20 - 86_400]), rotated('m', [20 - 86_400, 30 - 86_400])]
/** Nobody writes for 15 s behind the first one; the name of the second one happens to be of the moment when the first one began. */
const [quiet, chance] = [rotated('quiet', [0, 895]), rotated('chance', [910, -1])]
const silent = rotated('silent', [-20, -9], 2)
const [earlier, later] = [file('earlier', undefined, 10), file('later', undefined, 20)]

const cases: readonly Case[] = [
  { name: 'the first look at a log that was never rotated', live: a, next: [a] },
  { name: 'the first look at a path that leads nowhere', next: [] },
  { name: 'nothing has happened', open: [a], live: a, next: [], isReached: true },
  { name: 'A: renamed, and nothing is at the path yet', open: [a], listed: [a], next: [], isReached: true },
  { name: 'A: renamed and made anew', open: [a], live: b, listed: [a], next: [b], isReached: true },
  { name: 'A: the new file is empty', open: [a], live: empty, listed: [a], next: [empty], isReached: true },
  {
    name: 'B: several rotations between two looks',
    open: [a],
    live: d,
    listed: [a, b, c],
    next: [b, c, d],
    isReached: true,
  },
  { name: 'B: the one it knows is gone', open: [a], live: d, listed: [b, c], next: [b, c, d] },
  {
    name: 'B: rotated since the live file was opened',
    open: [a],
    live: b,
    listed: [a, b, c],
    next: [b, c],
    isReached: true,
  },
  {
    name: 'B: rotated several times since the live file was opened, and compressed by now',
    live: a,
    listed: [{ ...gz(a), changedMs: undefined }, packed, c],
    next: [a, packed, c],
  },
  {
    name: 'B: the live file was rotated and deleted since it was opened',
    live: a,
    listed: [b, c],
    isOldest: true,
    next: [a, b, c],
  },
  {
    name: 'B: the live file was deleted, and is listed all the same',
    live: b,
    listed: [a, b],
    isOldest: true,
    next: [a, b],
  },
  {
    name: 'C: the old file is still open while the new one is',
    open: [a, b],
    live: b,
    listed: [a],
    next: [],
    isReached: true,
  },
  { name: 'E: renamed back', open: [a], live: a, listed: [], next: [], isReached: true },
  { name: 'F: compressed while it is open', open: [a, b], live: b, listed: [gz(a)], next: [], isReached: true },
  { name: 'F: both forms under two names', live: b, listed: [a, gz(a)], next: [a, b] },
  { name: 'G: copied, and not emptied yet', open: [a], live: a, listed: [copyOf(a)], next: [], isReached: true },
  {
    name: 'G: copied, emptied, and closed for that',
    known: { a: 1 },
    live: { ...empty, ino: a.ino },
    listed: [copyOf(a)],
    next: [a, { ...empty, ino: a.ino }],
  },
  { name: 'H, J: deleted', open: [a], next: [] },
  { name: 'L: rotated while the agent was away', known: { a: 1 }, live: c, listed: [a, b], next: [a, b, c] },
  {
    name: 'L: rotated, compressed and read before',
    known: { a: 'done', b: 2 },
    live: c,
    listed: [gz(a), gz(b)],
    next: [b, c],
  },
  { name: 'M: deleted while the agent was away', known: { a: 1, b: 2 }, live: c, listed: [b], next: [b, c] },
  {
    name: 'docker counts backwards, whatever the times say',
    areCounted: true,
    live: a,
    listed: [c, d, b],
    next: [c, d, b, a],
  },
  { name: 'names in local time at the change to winter time', live: d, listed: [b, c, a], next: [a, b, c, d] },
  {
    name: 'the clock was set back between two files that nobody saw',
    live: now,
    listed: [late, early],
    next: [early, late, now],
    isReached: false,
  },
  {
    name: 'the clock was set back between two files that nobody saw, and nothing is written since',
    live: made,
    listed: [late, early],
    next: [early, late, made],
  },
  {
    name: 'the clock was set back within a file that nobody saw',
    live: now,
    listed: [torn, early],
    next: [early, torn, now],
    doubtful: [torn],
  },
  {
    name: 'the clock was set back within the first one: each began when the one before it was rotated',
    live: d,
    listed: [h, i, j],
    next: [h, i, j, d],
  },
  {
    name: 'the clock was set back within the second one: each began when the one before it was rotated',
    live: d,
    listed: [l, m, k],
    next: [k, l, m, d],
  },
  {
    name: 'one began by chance when the other was rotated: first lines tell',
    live: { ...d, startedMs: undefined },
    listed: [chance, quiet],
    next: [quiet, chance, d],
  },
  {
    name: 'nobody wrote when one was rotated: first lines tell',
    live: d,
    listed: [silent, h, i],
    next: [silent, i, h, d],
  },
  {
    name: 'the clock was set back, and the places are known',
    known: { early: 1, late: 2 },
    live: now,
    listed: [late, early],
    next: [early, late, now],
  },
  {
    name: 'the clock was set back behind what is known',
    known: { early: 7 },
    live: now,
    listed: [late, early],
    next: [early, late, now],
  },
  {
    name: 'the clock was set back behind the open file',
    open: [early],
    live: now,
    listed: [late, early],
    next: [late, now],
    isReached: true,
  },
  {
    name: 'what was known before places were kept comes first',
    known: { a: 'unfinished', c: 3 },
    live: d,
    listed: [c, b, a],
    next: [a, c, b, d],
  },
  {
    name: 'first lines and the file system contradict each other',
    live: d,
    listed: [x, y],
    next: [x, y, d],
    doubtful: [y],
  },
  {
    name: 'the clock was set back within a compressed file, before one that is not compressed',
    live: now,
    listed: [{ ...late, changedMs: undefined }, early],
    next: [late, early, now],
  },
  {
    name: 'when a file was compressed says nothing',
    live: d,
    listed: [{ ...a, changedMs: undefined }, b],
    next: [a, b, d],
  },
  {
    name: 'a late write begins a file after its successor has begun',
    live: d,
    listed: [lateWrite, b, c],
    next: [lateWrite, b, c, d],
  },
  {
    name: 'a late write begins a file that was empty when its successor was seen',
    known: { b: 2 },
    live: d,
    listed: [a, lateWrite, b, c],
    next: [b, a, lateWrite, c, d],
  },
  {
    name: 'a late write begins a file that was empty when its successor was seen, and no other is new',
    known: { a: 1, b: 2 },
    live: d,
    listed: [a, lateWrite, b, c],
    next: [a, lateWrite, b, c, d],
  },
  { name: 'lines without times, all changed at once: names', live: d, listed: timeless, next: [...timeless, d] },
  { name: 'lines without times: the file system tells', live: d, listed: [later, earlier], next: [earlier, later, d] },
  { name: 'a copy in place of the open file', open: [a], live: copyOf(a), next: [], isReached: true, isReplaced: true },
  { name: 'a copy in place of a file that is open no more', known: { a: 1 }, live: copyOf(a), next: [a] },
]

/** By key, since a copy is another object. */
const keysOf = (files: Iterable<Seen>) => [...files].map(({ key }) => key ?? 'no key')

for (const { name, ...one } of cases) {
  test(`what comes next: ${name}`, () => {
    const known = Object.entries(one.known ?? {}).map(([key, how]) => {
      const order = typeof how === 'number' ? how : undefined
      return [key, { isDone: how === 'done', order }] as const
    })
    const before: Before = { open: one.open ?? [], known: new Map(known) }
    const sight: Now<Seen> = {
      live: one.live,
      isOldest: one.isOldest ?? false,
      listed: one.listed ?? [],
      areCounted: one.areCounted ?? false,
    }
    const found: Succession<Seen> = succession(before, sight)
    assert.deepEqual(
      {
        next: keysOf(found.next),
        isReached: found.isReached,
        doubtful: keysOf(found.doubtful),
        isReplaced: found.isReplaced,
      },
      {
        next: keysOf(one.next),
        isReached: one.isReached ?? false,
        doubtful: keysOf(one.doubtful ?? []),
        isReplaced: one.isReplaced ?? false,
      },
    )
  })
}

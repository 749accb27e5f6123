import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLoki } from '../../../src/formats/loki/loki.ts'
import type { Outcome, Sent, SentEntry } from '../../../src/model/sink.ts'
import * as words from '../../support/loki-words.ts'
import type { LokiEntry, LokiStream } from './decode-push.ts'

const format = createLoki({ labels: [], annotations: [] })
const START_NS = 1_795_330_800_000_000_000n
const STEP_NS = 100_000_000n

/** A container's entries, ten in a second. */
class Container {
  readonly head: Uint8Array
  readonly labels: LokiStream['labels']
  readonly entries: readonly LokiEntry[]

  constructor(app: string, lines: readonly string[]) {
    const resource = { fields: {}, kubernetes: { namespace: 'shop', pod: `${app}-1`, container: 'c', labels: { app } } }
    this.head = format.compile(resource, { hasIds: false }).head
    this.labels = { namespace: 'shop', app, container: 'c' }
    this.entries = lines.map((line, index) => ({ time: String(START_NS + BigInt(index) * STEP_NS), line, own: {} }))
  }

  sent(): SentEntry[] {
    return this.entries.map(({ time, line, own }) => {
      return { head: this.head, bytes: Buffer.from(`,${JSON.stringify([time, line, own])}`) }
    })
  }
}

const containerOf = (app: string, count = 30) =>
  new Container(
    app,
    Array.from({ length: count }, (_, index) => `${app} ${index}`),
  )

function read(body: string, containers: readonly Container[], { status = 400, headers = {} } = {}): Outcome {
  const all = containers.flatMap((container) => container.sent())
  const groups = () => containers.map(({ head }) => ({ head, pieces: [] }))
  const sent: Sent = { entryCount: all.length, groups, entries: () => all }
  return format.read({ kind: 'status', status, headers, body: Buffer.from(`${body}\n`) }, sent, 0)
}

/** Each entry's fate, a letter: stored, rejected, untold. */
function fates(outcome: Outcome, count: number): string {
  assert.equal(outcome.kind, 'receipts')
  const letters = Array.from({ length: count }, () => '.')
  for (const { place, kind } of outcome.kind === 'receipts' ? outcome.receipts : [])
    letters[place] = kind === 'rejected' ? 'x' : '?'
  return letters.join('')
}

const behind = (container: Container, places: readonly number[]) =>
  words.ignored(
    container.labels,
    places.map((place) => {
      const entry = container.entries[place] as LokiEntry
      return { entry, reason: words.tooFarBehind(entry) }
    }),
    container.entries.length,
  )
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

test('entries that an ingester names are rejected with its reason, and the others of the stream are stored', () => {
  const outcome = read(behind(containerOf('a', 8), [1, 5]), [containerOf('a', 8)])
  assert.equal(fates(outcome, 8), '.x...x..')
  const reasons = new Set(outcome.kind === 'receipts' ? outcome.receipts.map(({ reason }) => reason) : [])
  // The same for both, so that they are one write.
  assert.deepEqual([...reasons], ['entry too far behind, oldest acceptable timestamp is: 2026-11-29T10:00:00Z'])
})

test('of more than it names, the named ones are rejected, and of the others nothing is told', () => {
  const outcome = read(behind(containerOf('a'), upTo(12)), [containerOf('a')])
  assert.equal(fates(outcome, 30), 'x'.repeat(10) + '?'.repeat(20))
})

test('if it ignores as many as there are, all are rejected at once', () => {
  assert.equal(fates(read(behind(containerOf('a'), upTo(30)), [containerOf('a')]), 30), 'x'.repeat(30))
})

test('of other streams an ingester tells nothing', () => {
  const outcome = read(behind(containerOf('a', 4), [0]), [containerOf('b', 3), containerOf('a', 4)])
  assert.equal(fates(outcome, 7), '???x...')
})

test('of a stream that Loki has split, and of one that lost entries before, only the named are known', () => {
  const split = behind(containerOf('a', 4), [0]).replace('{app', '{__stream_shard__="1", app')
  assert.equal(fates(read(split, [containerOf('a', 4)]), 4), 'x???')
  const cut = behind(containerOf('a', 4), [0]).replace('out of 4', 'out of 3')
  assert.equal(fates(read(cut, [containerOf('a', 4)]), 4), 'x???')
})

test('of more entries than the ingester got, those that it ignored are known only where it names them', () => {
  const cut = behind(containerOf('a'), upTo(30)).replace('30 out of 30', '12 out of 12')
  assert.equal(fates(read(cut, [containerOf('a')]), 30), 'x'.repeat(10) + '?'.repeat(20))
})

test('two entries with one time, of which one is named, are both not known', () => {
  const twins = new Container('a', ['x', 'y', 'z'])
  const [first] = twins.entries
  const same = {
    ...twins,
    entries: twins.entries.map((entry, index) => (index === 1 ? { ...entry, time: String(first?.time) } : entry)),
  }
  const sent = Object.assign(Object.create(Container.prototype), same)
  assert.equal(fates(read(behind(sent, [0]), [sent]), 3), '??.')
  assert.equal(fates(read(behind(sent, [0, 1]), [sent]), 3), 'xx.')
})

test('a stream that was not sent, and labels that cannot be read, leave all untold', () => {
  assert.equal(fates(read(behind(containerOf('b', 4), [0]), [containerOf('a', 4)]), 4), '????')
  const odd = behind(containerOf('a', 4), [0]).replaceAll('"a"', String.raw`"\x07"`)
  assert.equal(fates(read(odd, [containerOf('a', 4), containerOf('b', 1)]), 5), '?????')
})

for (const value of [String.raw`\uzz`, 'a\nb', String.raw`\U0001f600`])
  test(`a label ${JSON.stringify(value)}, which is no JSON, ends nothing`, () => {
    const odd = behind(containerOf('a', 4), [0]).replaceAll('"a"', `"${value}"`)
    assert.equal(fates(read(odd, [containerOf('a', 4), containerOf('b', 1)]), 5), '?????')
  })

test('a long answer of odd words is read at once', () => {
  const begin = 'total ignored: 1 out of 2 for stream: {'
  const words = [
    '1',
    'a',
    '1 errors like: ',
    "entry for stream '{",
    "entry with timestamp a b +0000 UTC ignored, reason: '",
  ]
  const startMs = performance.now()
  for (const word of words) for (const start of ['', begin]) read(`${start}${word.repeat(2 ** 19 / word.length)}}`, [])
  // Some 0.1 s; with what grows as the square, an hour.
  assert.ok(performance.now() - startMs < 30_000)
})

test('local time and the words of older releases are understood', () => {
  const text = `entry with timestamp 2026-11-22 09:00:00.1 +0200 EET ignored, reason: 'entry out of order' for stream: {app="a"},\ntotal ignored: 1 out of 4`
  assert.equal(fates(read(text, [containerOf('a', 4)]), 4), '.x..')
})

test('what a distributor finds invalid is rejected by second, or by length, and all else is stored', () => {
  const [a, b] = [containerOf('a'), new Container('b', ['short', 'x'.repeat(300), 'short'])]
  const errors = [
    ...a.entries.slice(0, 10).map((entry) => words.tooOld(a.labels, entry)),
    ...b.entries.slice(1, 2).map((entry) => words.tooLong(b.labels, entry)),
  ]
  assert.equal(fates(read(words.grouped(errors), [a, b]), 33), `${'x'.repeat(10)}${'.'.repeat(20)}.x.`)
  const last = a.entries.slice(20).map((entry) => words.tooNew(a.labels, entry))
  assert.equal(fates(read(words.grouped(last), [a]), 30), '.'.repeat(20) + 'x'.repeat(10))
  const one = words.tooOld(b.labels, b.entries[0] as LokiEntry)
  assert.equal(fates(read(one, [b]), 3), '???')
})

test('a second of which only a part is too old is not known, but the others are', () => {
  const a = containerOf('a')
  const errors = a.entries.slice(0, 14).map((entry) => words.tooOld(a.labels, entry))
  assert.equal(fates(read(words.grouped(errors), [a]), 30), `${'x'.repeat(10)}${'?'.repeat(10)}${'.'.repeat(10)}`)
})

test('beside something that names no entry, nothing else counts as stored', () => {
  const a = containerOf('a')
  const errors = [
    ...a.entries.slice(0, 10).map((entry) => words.tooOld(a.labels, entry)),
    words.metadataTooLarge(a.labels),
  ]
  assert.equal(fates(read(words.grouped(errors), [a]), 30), `${'x'.repeat(10)}${'?'.repeat(20)}`)
  assert.equal(fates(read(words.metadataTooLarge(a.labels), [a]), 30), '?'.repeat(30))
})

test('an entry that was sent alone is rejected, whatever is said of it', () => {
  const one = containerOf('a', 1)
  for (const text of [
    behind(one, [0]),
    words.tooOld(one.labels, one.entries[0] as LokiEntry),
    words.metadataTooLarge(one.labels),
  ])
    assert.equal(fates(read(text, [one]), 1), 'x')
})

/** Sources: pkg/validation/validate.go and limits.go, pkg/loghttp/push/push.go; VictoriaLogs 1.52.1 as seen (shared/servers). */
const ANSWERS: readonly (readonly [number, string, object])[] = [
  [204, '', { kind: 'accepted' }],
  [200, '', { kind: 'accepted' }],
  [
    260,
    "ingestion blocked for user fake until '2026-12-01T00:00:00Z' with status code '260'",
    { kind: 'retry', cause: 'set-up' },
  ],
  [
    400,
    "ingestion blocked for user fake until '2026-12-01T00:00:00Z' with status code '400'",
    { kind: 'retry', cause: 'set-up' },
  ],
  [429, words.streamLimit({ app: 'a' }), { kind: 'retry', cause: 'set-up' }],
  [429, words.rateLimit(), { kind: 'retry', cause: 'destination' }],
  [401, 'no org id', { kind: 'retry', cause: 'set-up' }],
  [403, '', { kind: 'retry', cause: 'set-up' }],
  [404, '404 page not found', { kind: 'retry', cause: 'set-up' }],
  [405, '', { kind: 'retry', cause: 'set-up' }],
  [415, '', { kind: 'retry', cause: 'set-up' }],
  [413, 'request body too large: 5 bytes, limit: 4 bytes', { kind: 'too-large' }],
  [
    500,
    'rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5 vs. 4)',
    { kind: 'too-large' },
  ],
  [400, 'cannot read Loki json data: too big data size exceeding 67108864 bytes', { kind: 'too-large' }],
  [500, 'at least 2 live replicas required, could only find 1', { kind: 'retry', cause: 'destination' }],
  [503, '', { kind: 'retry', cause: 'destination' }],
  [400, 'error at least one label pair is required per stream', { kind: 'refused' }],
  [400, 'missing required labels team for user fake for stream {app="a"}', { kind: 'refused' }],
  [400, 'stream \'{app="a"}\' includes structured metadata, but this feature is disallowed.', { kind: 'refused' }],
  [422, 'error at least one valid stream is required for ingestion', { kind: 'refused' }],
]
for (const [status, text, expected] of ANSWERS)
  test(`${status} ${text.slice(0, 70)}`, () => {
    const { kind, ...others } = read(text, [containerOf('a')], { status })
    assert.deepEqual({ kind, ...('cause' in others && { cause: others.cause }) }, expected)
  })

test('too many streams say what to do, and Retry-After counts', () => {
  const outcome = read(words.streamLimit({ app: 'a' }), [containerOf('a')], {
    status: 429,
    headers: { 'retry-after': '7' },
  })
  assert.ok(outcome.kind === 'retry')
  assert.match(outcome.reason, /^HTTP 429: .*raise `max_global_streams_per_user`.*read fewer containers/)
  assert.equal(outcome.afterMs, 7000)
})

test('a page of HTML is no success', () => {
  const outcome = read('<html>', [containerOf('a')], { status: 200, headers: { 'content-type': 'text/html' } })
  assert.ok(outcome.kind === 'retry' && outcome.cause === 'set-up')
})

test('a stream needs a request of its own until Loki was seen to take it, after a long pause, and if it is large', () => {
  const loki = createLoki({ labels: [], annotations: [] })
  const [a, b] = [containerOf('a', 1), containerOf('b', 1)]
  const isApart = (one: Container, nowMs: number, bytes = 1000) => loki.isApart?.(one.head, bytes, nowMs)
  const sent = { entryCount: 1, groups: () => [{ head: a.head, pieces: [] }], entries: () => a.sent() }
  const answer = (status: number, nowMs: number) =>
    loki.read({ kind: 'status', status, headers: {}, body: Buffer.alloc(0) }, sent, nowMs)
  assert.deepEqual([isApart(a, 0), isApart(b, 0)], [true, true])
  answer(503, 0)
  assert.equal(isApart(a, 0), true)
  answer(204, 0)
  assert.deepEqual([isApart(a, 1), isApart(b, 1), isApart(a, 1, 1 << 17)], [false, true, true])
  assert.equal(isApart(a, 600_000), true)
})

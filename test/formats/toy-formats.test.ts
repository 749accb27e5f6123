import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { Cut } from '../../src/delivery/cut.ts'
import { compileLoggy } from '../../src/formats/loggy-program.ts'
import type { Batch } from '../../src/model/batch.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import type { Resource } from '../../src/model/resource.ts'
import type { BatchBuilder } from '../../src/pipeline/batch-builder.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { Random } from '../../src/simulation/random.ts'
import { HostileLines } from '../kernel/hostile-lines.ts'
import { entriesOf } from '../kernel/oracle/entries.ts'
import { someContainer } from '../support/some-container.ts'
import { type Told, type ToyFormat, toyFormats } from './toy-formats.ts'

const NOW = '2026-11-25T12:00:00.000Z'
const MAX_LINE_BYTES = 1000
const FILE_KEY = 'uid/app/0/0123456789abcdef'
const clock = { now: () => Date.parse(NOW), monotonic: () => 0, sleep: () => Promise.resolve() }
const digestOf = (stream: string) => createHash('sha256').update(`${FILE_KEY}\0${stream}`).digest('hex').slice(0, 16)
const resourceOf = (pod: string): Resource => ({ fields: {}, kubernetes: { pod } })

/** What the oracle says of these lines. */
function expectedOf(bytes: Uint8Array): Told[] {
  const options = { maxLineBytes: MAX_LINE_BYTES, resource: '}\n', time: NOW, digestOf }
  return entriesOf(bytes, options)
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { id, time, stream, log, partial, malformed, originalBytes, lost } = JSON.parse(line)
      return { body: log, time, stream, id, partial, malformed, originalBytes, lost: lost && JSON.stringify(lost) }
    })
}

function nanoseconds(time: string): bigint {
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d+))?(.+)$/.exec(time) ?? []
  return BigInt(Date.parse(`${seconds}${zone}`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** Compares what the format tells; of what it does not tell nothing is asked. */
function assertTold(found: readonly Told[], expected: readonly Told[], isRounded: boolean): void {
  assert.equal(found.length, expected.length)
  for (const [index, told] of found.entries()) {
    const wanted = expected[index] as Told
    const written = String(wanted.time)
    const exact = typeof told.time === 'bigint' ? nanoseconds(written) : written
    const time = isRounded && typeof exact === 'bigint' ? exact - (exact % 1_000_000n) : exact
    const names = Object.keys(told).filter((name) => name !== 'level') as (keyof Told)[]
    const asked = Object.fromEntries(names.map((name) => [name, name === 'time' ? time : wanted[name]]))
    if (told.id === undefined) asked.id = undefined
    const { level: _, ...rest } = { id: undefined, ...told }
    assert.deepEqual(rest, { id: undefined, ...asked }, `record ${index}`)
  }
}

interface Encoded {
  readonly toy: ToyFormat
  readonly batch: Batch
}

// One for all lines, as an agent has: to make one takes 1.2 ms, measured.
const pipeline = new Pipeline({ maxLineBytes: MAX_LINE_BYTES, batches: 1 }, clock)
const builder = pipeline.newBatch()

/** Encodes the lines in chunks and batches of random sizes, and takes each batch. */
function encode(toy: ToyFormat, bytes: Buffer, random: Random, take: (batch: Encoded) => void): void {
  builder.clear()
  const lane = new Lane({ ref: someContainer }, toy.format.compile(resourceOf('web'), { hasIds: true }))
  const file: LogFile = { path: '0.log', key: FILE_KEY }
  for (let offset = 0; offset < bytes.length; ) {
    const end = Math.min(bytes.length, offset + 3000 + random.below(20_000))
    const chunk = { file, bytes: bytes.subarray(offset, end), offset, isFinal: false }
    let encoded = { byteCount: 0, isBatchFull: true }
    while (encoded.isBatchFull) {
      encoded = pipeline.encode(chunk, lane, builder)
      builder.count(lane, builder.entryCount)
      if (!encoded.isBatchFull && random.below(3) > 0) break
      take({ toy, batch: builder.seal() })
      builder.clear()
    }
    offset += encoded.byteCount
  }
  take({ toy, batch: builder.seal() })
}

function framed(toy: ToyFormat, cut: Cut): Buffer {
  return Buffer.concat(toy.format.frame(cut.groups()))
}

/** The records of a cut, one request for each entry and one for all: an entry that ended elsewhere than said would show. */
function recordsIn({ toy, batch }: Encoded, random: Random): Told[] {
  if (batch.entryCount === 0) return []
  const whole = Cut.whole(batch)
  const all = toy.decode(framed(toy, whole)).flatMap(({ records }) => records)
  const middle = random.below(batch.entryCount)
  const places = Array.from({ length: batch.entryCount }, (_, place) => place)
  const parts = [places.slice(0, middle), places.slice(middle, middle + 1), places.slice(middle + 1)]
  const cuts = parts.flatMap((part) => whole.only(part) ?? [])
  assert.deepEqual(
    cuts.flatMap((cut) => toy.decode(framed(toy, cut)).flatMap(({ records }) => records)),
    all,
  )
  return all
}

for (const toy of toyFormats) {
  describe(`records as ${toy.name}`, () => {
    test('are those of the oracle, for any lines, chunks, batches and cuts', () => {
      for (let seed = 0; seed < 30; seed += 1) {
        const random = new Random(seed)
        const hostile = new HostileLines(seed)
        const bytes = Buffer.concat(Array.from({ length: 200 }, () => hostile.next()))
        const found: Told[] = []
        encode(toy, bytes, random, (encoded) => found.push(...recordsIn(encoded, random)))
        assertTold(found, expectedOf(bytes), toy.name === 'plain lines')
      }
    })

    test('stand with what is known of their container, those of another between them', () => {
      const pipeline = new Pipeline({ maxLineBytes: MAX_LINE_BYTES, batches: 1 }, clock)
      const builder = pipeline.newBatch()
      const lanes = ['web', 'db'].map(
        (pod) => new Lane({ ref: someContainer }, toy.format.compile(resourceOf(pod), { hasIds: false })),
      )
      for (const [index, pod] of [0, 0, 1, 0].entries()) write(pipeline, builder, lanes[pod] as Lane, `line ${index}`)
      const decoded = toy.decode(framed(toy, Cut.whole(builder.seal())))
      const told = decoded.flatMap(({ pod, records }) => records.map(({ body }) => [pod, body]))
      const order = toy.isByContainer ? [0, 1, 3, 2] : [0, 1, 2, 3]
      const named = order.map((line) => [line === 2 ? 'db' : 'web', `line ${line}`])
      assert.deepEqual(told, toy.name === 'plain lines' ? named.map(([, body]) => [undefined, body]) : named)
    })

    test('have the level that was found, if they have any', () => {
      const pipeline = new Pipeline({ maxLineBytes: MAX_LINE_BYTES, batches: 1 }, clock)
      pipeline.configure({ json: false, level: 'auto', minLevel: 'debug' })
      const builder = pipeline.newBatch()
      const lane = new Lane({ ref: someContainer }, toy.format.compile(resourceOf('web'), { hasIds: false }))
      for (const body of ['[warn] x', '{"level":50}', 'nothing', '[trace] x']) write(pipeline, builder, lane, body)
      const found = toy.decode(framed(toy, Cut.whole(builder.seal()))).flatMap(({ records }) => records)
      const levels = found.flatMap((told) => ('level' in told ? [told.level] : []))
      assert.ok(levels.length === 0 || levels.join() === 'warn,error,')
    })

    test('are whole however large they are, and whatever their resource', () => {
      const pipeline = new Pipeline({ maxLineBytes: 3_000_000, batches: 1 }, clock)
      const builder = pipeline.newBatch()
      for (const podBytes of [10, 200_000, 700_000, 1_500_000]) {
        const pod = 'p'.repeat(podBytes)
        const lane = new Lane({ ref: someContainer }, toy.format.compile(resourceOf(pod), { hasIds: false }))
        for (const bodyBytes of [10, 400_000, 1_100_000]) {
          const body = '"é\u0001'.repeat(bodyBytes / 4)
          write(pipeline, builder, lane, body)
          const decoded = toy.decode(framed(toy, Cut.whole(builder.seal())))
          assert.equal(decoded.length, 1)
          assert.equal(decoded[0]?.records[0]?.body, body)
          if (toy.name !== 'plain lines' && toy.name !== 'msgpack') assert.equal(decoded[0]?.pod, pod)
          builder.clear()
        }
      }
    })
  })
}

function write(pipeline: Pipeline, builder: BatchBuilder, lane: Lane, body: string): void {
  const bytes = Buffer.from(`2026-11-22T07:00:00.5Z stdout F ${body}\n`)
  const before = builder.entryCount
  pipeline.encode({ file: { path: '0.log', key: FILE_KEY }, bytes, offset: 0, isFinal: false }, lane, builder)
  builder.count(lane, builder.entryCount - before)
}

test("whoever looks gets Loggy's own form, whatever the destination's, each record once", () => {
  const shown: string[] = []
  let isOpen = false
  const tap = {
    get isOpen() {
      return isOpen
    },
    offer: (_: unknown, entries: Uint8Array) => shown.push(Buffer.from(entries).toString()),
  }
  const [toy] = toyFormats.filter(({ name }) => name.startsWith('protobuf')) as [ToyFormat]
  const pipeline = new Pipeline({ maxLineBytes: MAX_LINE_BYTES, batches: 1, tap }, clock)
  const builder = pipeline.newBatch()
  const resource = resourceOf('w'.repeat(100_000))
  const own = compileLoggy(resource, { hasIds: true })
  const lane = new Lane({ ref: someContainer }, toy.format.compile(resource, { hasIds: true }), own)
  write(pipeline, builder, lane, 'nobody looks')
  assert.deepEqual(shown, [])
  isOpen = true
  const hostile = new HostileLines(1)
  const bytes = Buffer.concat(Array.from({ length: 300 }, () => hostile.next()))
  const file: LogFile = { path: '0.log', key: FILE_KEY }
  // The destination takes little at a time: batches end in the middle of a table, and what is left is read again each third time.
  for (let offset = 0, ended = false, turn = 0; !ended; turn += 1) {
    const chunk = { file, bytes: bytes.subarray(offset), offset, isFinal: false }
    let byteCount = 0
    for (let batches = 1 + (turn % 3); batches > 0 && !ended; batches -= 1) {
      builder.clear()
      builder.used = 700_000
      const encoded = pipeline.encode(chunk, lane, builder)
      byteCount = encoded.byteCount
      ended = !encoded.isBatchFull
    }
    offset += byteCount
  }
  const options = { maxLineBytes: MAX_LINE_BYTES, time: NOW, digestOf }
  const expected = entriesOf(bytes, { ...options, resource: `,"kubernetes":{"pod":"${'w'.repeat(100_000)}"}}\n` })
  assert.ok(shown.join('') === expected)
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import type { BatchBuilder } from '../../src/pipeline/batch-builder.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'

const resource = Buffer.from(',"kubernetes":{"pod":"web"}}\n')
const time = '2026-11-22T07:00:00.5Z'
const cri = (tag: string, body: string, stream = 'stdout') => `${time} ${stream} ${tag} ${body}\n`

/** A pipeline and one container's lane through it. */
function setUp(maxLineBytes = 1000) {
  const pipeline = new Pipeline({ maxLineBytes, batches: 2 }, systemClock)
  return newLane(pipeline, pipeline.newBatch())
}

/** A container's lane through a pipeline that others have been through, as in an agent. */
function newLane(pipeline: Pipeline, builder: BatchBuilder) {
  builder.clear()
  const lane = new Lane({ ref: someContainer }, loggyProgram(resource))
  const file: LogFile = { path: '0.log' }
  const encode = (text: string | Uint8Array, options: { offset?: number; isFinal?: boolean; file?: LogFile } = {}) =>
    pipeline.encode({ file, bytes: inPlace(text), offset: 0, isFinal: false, ...options }, lane, builder)
  /** As a read leaves it in the kernel's memory. */
  const inPlace = (text: string | Uint8Array) => {
    const bytes = Buffer.from(text)
    pipeline.input.set(bytes)
    return pipeline.input.subarray(0, bytes.length)
  }
  const entries = () => {
    const lines = Buffer.from(builder.seal().bytes).toString().split('\n')
    assert.equal(lines.pop(), '')
    return lines.map((line) => JSON.parse(line))
  }
  const logs = () => entries().map(({ log }) => log)
  /** Where the file's streams stand at the end of the batch. */
  const positionsIn = (of: LogFile) => {
    const settling = builder.positions.get(of)
    return settling && { stdout: settling.stdout.to, stderr: settling.stderr.to }
  }
  return { pipeline, lane, builder, file, encode, entries, logs, positionsIn }
}

test('writes a line as one entry, time untouched and resource at its end', () => {
  const { encode, builder } = setUp()
  const { byteCount } = encode(cri('F', 'say "hi"'))
  assert.equal(byteCount, cri('F', 'say "hi"').length)
  assert.equal(
    Buffer.from(builder.seal().bytes).toString(),
    `{"time":"${time}","stream":"stdout","log":"say \\"hi\\"","kubernetes":{"pod":"web"}}\n`,
  )
})

test('a batch is as large as its transport takes them, with room for as many more entries', () => {
  const lines = cri('F', 'short').repeat(10_000)
  const entryCounts = [1, 2].map((megabytes) => {
    const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1, batchBytes: megabytes << 20 }, systemClock)
    const { encode, builder } = newLane(pipeline, pipeline.newBatch())
    assert.equal(builder.bytes.length, megabytes << 20)
    assert.ok(encode(lines).isBatchFull)
    return builder.entryCount
  })
  assert.deepEqual(entryCounts, [4096, 8192])
})

test('leaves an unfinished last line in the file, unless nothing can follow', () => {
  const { encode, logs } = setUp()
  const text = `${cri('F', 'one')}${time} stdout F tw`
  assert.equal(encode(text).byteCount, cri('F', 'one').length)
  assert.deepEqual(logs(), ['one'])
  encode(`${time} stdout F tw`, { isFinal: true })
  assert.deepEqual(logs(), ['one', 'tw'])
})

test('delivers a malformed line whole, counted and marked', () => {
  const { encode, entries, lane } = setUp()
  encode('what is this?\n\n')
  assert.deepEqual(
    entries().map(({ log, stream, malformed }) => ({ log, stream, malformed })),
    [
      { log: 'what is this?', stream: 'unknown', malformed: true },
      { log: '', stream: 'unknown', malformed: true },
    ],
  )
  assert.match(entries()[0].time, /^\d{4}-.*Z$/)
  assert.equal(lane.counters.malformed, 2)
})

describe('partials', () => {
  test('are joined by stream, with the other stream between them', () => {
    const { encode, logs } = setUp()
    encode(cri('P', 'a1 ') + cri('P', 'b1 ', 'stderr') + cri('F', 'a2') + cri('F', 'b2', 'stderr') + cri('F', 'c'))
    assert.deepEqual(logs(), ['a1 a2', 'b1 b2', 'c'])
  })

  test('are joined by container, those of others between them', () => {
    const one = setUp()
    const other = newLane(one.pipeline, one.pipeline.newBatch())
    one.encode(cri('P', 'one 1 '))
    other.encode(cri('P', 'other 1 '))
    one.encode(cri('F', 'one 2'))
    other.encode(cri('F', 'other 2'))
    assert.deepEqual([one.logs(), other.logs()], [['one 1 one 2'], ['other 1 other 2']])
  })

  test('keep a character whole that was split between them', () => {
    const { encode, logs } = setUp()
    const euro = Buffer.from('€')
    const part = (tag: string, bytes: Uint8Array) =>
      Buffer.concat([Buffer.from(`${time} stdout ${tag} `), bytes, Buffer.from('\n')])
    encode(Buffer.concat([part('P', euro.subarray(0, 1)), part('F', euro.subarray(1))]))
    assert.deepEqual(logs(), ['€'])
  })

  test('are joined across the files of a container, and hold the position in each', () => {
    const { encode, file, logs, positionsIn } = setUp()
    const next: LogFile = { path: '0.log' }
    encode(cri('F', 'x') + cri('P', 'one '))
    const held = cri('F', 'x').length
    const end = held + cri('P', 'one ').length
    assert.deepEqual(positionsIn(file), { stdout: held, stderr: end })
    encode(cri('F', 'e', 'stderr') + cri('P', 'two '), { file: next })
    assert.deepEqual(positionsIn(next)?.stdout, cri('F', 'e', 'stderr').length)
    assert.deepEqual(positionsIn(file)?.stdout, held)
    encode(cri('F', 'three'), { file: next, offset: 100 })
    assert.deepEqual(positionsIn(file), { stdout: end, stderr: end })
    assert.deepEqual(logs(), ['x', 'e', 'one two three'])
  })

  test('of docker are joined, their escapes kept', () => {
    const { encode, logs } = setUp()
    const record = (log: string) => `${JSON.stringify({ log, stream: 'stdout', time })}\n`
    encode(record('say "hi') + record('" twice\n') + record('next\n'))
    assert.deepEqual(logs(), ['say "hi" twice', 'next'])
  })

  test('whose end never comes are delivered as they are when flushed', () => {
    const { encode, pipeline, lane, builder, entries, file, positionsIn } = setUp()
    encode(cri('P', 'last words'))
    assert.equal(pipeline.flushHeld(lane, builder), true)
    assert.deepEqual(entries()[0].partial, true)
    assert.deepEqual(entries()[0].log, 'last words')
    assert.equal(positionsIn(file)?.stdout, cri('P', 'last words').length)
  })
})

describe('long lines', () => {
  const cut = (entries: { log: string; truncated?: boolean; originalBytes?: number }[]) =>
    entries.map(({ log, truncated, originalBytes }) => [log, truncated, originalBytes])

  test('are cut after the limit, with their true length', () => {
    const { encode, entries, lane } = setUp(10)
    encode(cri('F', '0123456789') + cri('F', '0123456789a') + cri('F', 'after'))
    assert.deepEqual(cut(entries()), [
      ['0123456789', undefined, undefined],
      ['0123456789', true, 11],
      ['after', undefined, undefined],
    ])
    assert.equal(lane.counters.truncated, 1)
  })

  test('are cut between two characters', () => {
    const { encode, entries } = setUp(10)
    encode(cri('F', `12345678€9`))
    assert.deepEqual(cut(entries()), [['12345678', true, 12]])
  })

  test('are cut when joined', () => {
    const { encode, entries } = setUp(10)
    encode(cri('P', '012345') + cri('P', '6789ab') + cri('F', 'cdef') + cri('F', 'after'))
    assert.deepEqual(cut(entries()), [
      ['0123456789', true, 16],
      ['after', undefined, undefined],
    ])
  })

  test('are cut in docker records', () => {
    const { encode, entries } = setUp(10)
    encode(`${JSON.stringify({ log: `${'"'.repeat(20)}\n`, stream: 'stdout', time })}\n`)
    assert.deepEqual(cut(entries()), [['"'.repeat(10), true, 20]])
  })

  test('are cut without ever being in memory whole, and hold the position', () => {
    const { encode, entries, file, pipeline, positionsIn } = setUp(10)
    const head = `${time} stdout F `
    const first = head + 'x'.repeat(pipeline.longestLineBytes)
    assert.equal(encode(first).byteCount, first.length)
    assert.deepEqual(positionsIn(file), { stdout: 0, stderr: 0 })
    encode('y'.repeat(500), { offset: first.length })
    encode(`z\n${cri('F', 'after')}`, { offset: first.length + 500 })
    assert.deepEqual(cut(entries()), [
      ['x'.repeat(10), true, pipeline.longestLineBytes + 501],
      ['after', undefined, undefined],
    ])
  })
})

test('stops at a full batch, and goes on in the next one without loss or repetition', () => {
  const { pipeline, lane, file, builder } = setUp(100_000)
  const bodies = Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(index * 70)}`)
  const text = Buffer.from(
    bodies.map((body, index) => (index % 7 === 3 ? cri('P', body) + cri('F', '') : cri('F', body))).join(''),
  )
  const seen: string[] = []
  let batches = 0
  for (let offset = 0; offset < text.length; batches += 1) {
    offset += pipeline.encode({ file, bytes: text.subarray(offset), offset, isFinal: false }, lane, builder).byteCount
    const lines = Buffer.from(builder.seal().bytes).toString().trimEnd().split('\n')
    seen.push(...lines.map((line) => JSON.parse(line).log))
    builder.clear()
  }
  assert.deepEqual(seen, bodies)
  assert.ok(batches > 2)
})

test('gives the same entries however the file is cut into chunks', () => {
  const body = fc.string({ unit: fc.constantFrom('a', '"', '\\', 'é', '\t', ' ') })
  const line = fc
    .tuple(fc.constantFrom('P', 'F'), body, fc.constantFrom('stdout', 'stderr'))
    .map((parts) => cri(...parts))
  const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 2 }, systemClock)
  const [wholeBuilder, piecesBuilder] = [pipeline.newBatch(), pipeline.newBatch()]
  fc.assert(
    fc.property(
      fc.array(fc.oneof(line, fc.constantFrom('junk\n', '\0\0\0', `${time} std\0\0`))),
      fc.infiniteStream(fc.integer({ min: 1, max: 200 })),
      (lines, sizes) => {
        const text = Buffer.from(lines.join(''))
        const whole = newLane(pipeline, wholeBuilder)
        whole.encode(text)
        const pieces = newLane(pipeline, piecesBuilder)
        let offset = 0
        for (let end = 0; end < text.length; ) {
          end = Math.min(text.length, end + sizes.next().value)
          offset += pieces.encode(text.subarray(offset, end), { offset }).byteCount
        }
        const untimed = ({ time: _, ...entry }: { time: string }) => entry
        assert.deepEqual(pieces.entries().map(untimed), whole.entries().map(untimed))
      },
    ),
  )
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileLoggy } from '../../src/formats/loggy-program.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import type { Multiline } from '../../src/model/multiline.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { Random } from '../../src/simulation/random.ts'
import { someContainer } from '../support/some-container.ts'
import { readTraces } from '../traces/traces.ts'

const traces = readTraces()
const resource = { fields: {}, kubernetes: {} }
const program = compileLoggy(resource, { hasIds: true })

interface Entry {
  readonly id: string
  readonly time: string
  readonly stream: string
  readonly log: string
  readonly level?: string
  readonly lines?: number
  readonly truncated?: boolean
}

const writers = {
  containerd: (line: string, stream: string, time: string) => `${time} ${stream} F ${line}\n`,
  docker: (line: string, stream: string, time: string) =>
    `${JSON.stringify({ log: `${line}\n`, stream, time })
      .replaceAll('<', '\\u003c')
      .replaceAll('>', '\\u003e')}\n`,
} as const

type Runtime = keyof typeof writers

/** Pipelines by the longest line, each used by one test after the other: with its memory of 20 MB a new one takes longer than most tests. */
const pipelines = new Map<number, ReturnType<typeof newPipeline>>()

function newPipeline(maxLineBytes: number) {
  const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() }
  const pipeline = new Pipeline({ maxLineBytes, batches: 1 }, clock)
  pipeline.configure({ json: false, level: 'auto', minLevel: 'trace' })
  return { pipeline, batch: pipeline.newBatch() }
}

/** A pipeline and lanes in it, until the next call. */
function setUp({ maxLineBytes = 1 << 20, runtime = 'containerd' }: { maxLineBytes?: number; runtime?: Runtime } = {}) {
  const { pipeline, batch } = pipelines.get(maxLineBytes) ?? newPipeline(maxLineBytes)
  pipelines.set(maxLineBytes, { pipeline, batch })
  batch.clear()
  const newLane = (multiline: Multiline = 'auto') =>
    Object.assign(new Lane({ ref: someContainer }, program), { multiline })
  let seconds = 0
  const nextTime = () => {
    seconds += 1
    return new Date(seconds * 1000).toISOString()
  }
  const write = (lines: readonly string[], stream = 'stdout') =>
    Buffer.from(lines.map((line) => writers[runtime](line, stream, nextTime())).join(''))
  const entries = (): Entry[] => {
    const text = Buffer.from(batch.seal().bytes).toString()
    return text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Entry)
  }
  /** Reads the file in pieces of these sizes. Returns the end of the last one's whole lines. */
  const read = (lane: Lane, bytes: Buffer, size: () => number, file: LogFile = { path: '0.log', key: 'key' }) => {
    let offset = 0
    for (let end = 0; offset < bytes.length; ) {
      end = Math.min(bytes.length, Math.max(end, offset) + size())
      const chunk = { file, bytes: bytes.subarray(offset, end), offset, isFinal: false }
      offset += pipeline.encode(chunk, lane, batch).byteCount
    }
  }
  const end = (lane: Lane) => pipeline.flushHeld(lane, batch)
  return { pipeline, batch, newLane, write, entries, read, end }
}

const whole = () => 1 << 20

/** As a reader has them: each record's lines. */
function recordsOf(entries: readonly Entry[], stream = 'stdout'): string[] {
  return entries.filter((entry) => entry.stream === stream).map(({ log }) => log)
}

describe('of the traces in the corpus each is one record, and nothing else is joined', () => {
  for (const runtime of ['containerd', 'docker'] as const)
    for (const { name, records } of traces) {
      test(`${name}, as ${runtime} writes it, read at once and byte by byte`, () => {
        const expected = records.map((lines) => lines.join('\n'))
        const lines = records.flat()
        for (const size of [whole, () => 1]) {
          const { newLane, write, read, end, entries } = setUp({ runtime })
          const lane = newLane()
          read(lane, write(lines), size)
          end(lane)
          assert.deepEqual(recordsOf(entries()), expected)
          for (const { log, lines: count } of entries())
            assert.equal(count, log.includes('\n') ? log.split('\n').length : undefined)
        }
      })
    }

  test('all of them, in docker records with any characters escaped', () => {
    const random = new Random(13)
    const escaped = (line: string, share: number) =>
      line.replace(/./g, (one) =>
        random.below(share) === 0
          ? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`
          : JSON.stringify(one).slice(1, -1),
      )
    for (const { name, records } of traces)
      for (const share of [1, 2, 4, 8, 20]) {
        const lines = records
          .flat()
          .map((line) => `{"log":"${escaped(line, share)}\\n","stream":"stdout","time":"2026-11-22T07:00:00Z"}\n`)
        const { newLane, read, end, entries } = setUp()
        const lane = newLane()
        read(lane, Buffer.from(lines.join('')), whole)
        end(lane)
        assert.deepEqual(
          recordsOf(entries()),
          records.map((joined) => joined.join('\n')),
          `${name}, one of ${share}`,
        )
      }
  })

  test('of both streams, among hundreds of other lines and parts of lines, read at once and line by line', () => {
    const random = new Random(23)
    let joined = 0
    for (let round = 0; round < 60; round += 1) {
      const { newLane, write, read, end, entries, batch } = setUp()
      const parts: Buffer[] = []
      const add = (line: string, stream: string) => {
        const bytes = write([line], stream)
        if (random.below(20) > 0) return parts.push(bytes)
        const at = random.below(line.length + 1)
        const beginning = write([line.slice(0, at)], stream)
          .toString()
          .replace(' F ', ' P ')
        return parts.push(Buffer.from(beginning), write([line.slice(at)], stream))
      }
      while (parts.length < 300) {
        const stream = random.below(6) === 0 ? 'stderr' : 'stdout'
        const lines = random.below(20) === 0 ? random.pick(random.pick(traces).records) : [`line ${parts.length}`]
        for (const line of lines) add(line, stream)
      }
      const [atOnce, byLine] = [whole, () => 1].map((size) => {
        const lane = newLane()
        batch.clear()
        read(lane, Buffer.concat(parts), size)
        end(lane)
        return ['stdout', 'stderr'].map((stream) => entries().filter((entry) => entry.stream === stream))
      })
      assert.deepEqual(atOnce, byLine)
      joined += byLine?.flat().filter(({ lines = 1 }) => lines > 1).length ?? 0
    }
    assert.ok(joined > 0)
  })

  test('two of them, a line of each in turn, on both streams of two containers, in pieces of any size', () => {
    const random = new Random(19)
    for (let round = 0; round < 40; round += 1) {
      const { newLane, write, read, end, entries, batch } = setUp()
      const pair = [random.pick(traces), random.pick(traces)] as const
      const queues = pair.map(({ records }) => [...records.flat()])
      const parts: Buffer[] = []
      while (queues.some((queue) => queue.length > 0)) {
        const stream = random.below(2)
        const line = queues[stream]?.shift()
        if (line !== undefined) parts.push(write([line], ['stdout', 'stderr'][stream]))
      }
      const lanes = [newLane(), newLane()] as const
      for (const lane of lanes) {
        batch.clear()
        read(lane, Buffer.concat(parts), () => 1 + random.below(random.below(2) === 0 ? 40 : 5000))
        end(lane)
        for (const [index, stream] of ['stdout', 'stderr'].entries())
          assert.deepEqual(
            recordsOf(entries(), stream),
            pair[index]?.records.map((lines) => lines.join('\n')),
          )
      }
    }
  })
})

describe('a joined record', () => {
  const trace = ['java.lang.IllegalStateException: gone', '\tat a.B.c(B.java:1)', '\tat a.B.d(B.java:2)']

  test('has the time of its first line, the number of its lines, and the level of an error', () => {
    const { newLane, write, read, end, entries } = setUp()
    const lane = newLane()
    read(lane, write(['before', ...trace, 'after']), whole)
    end(lane)
    const [, joined] = entries()
    assert.equal(joined?.time, '1970-01-01T00:00:02.000Z')
    assert.equal(joined.lines, 3)
    assert.equal(joined.level, 'error')
  })

  test('has the level that its first line says it has', () => {
    const { newLane, write, read, end, entries } = setUp()
    const lane = newLane()
    read(lane, write(['2026-11-29 07:00:00 WARN app - retrying', ...trace]), whole)
    end(lane)
    assert.deepEqual(
      entries().map(({ level, lines }) => [level, lines]),
      [['warn', 4]],
    )
  })

  test('has the id of all its bytes, from the first one on, however it was read', () => {
    const sizes = [whole, () => 1, () => 50]
    const ids = sizes.map((size) => {
      const { newLane, write, read, end, entries } = setUp()
      const lane = newLane()
      read(lane, write(['before', ...trace, 'after']), size)
      end(lane)
      return entries().map(({ id }) => id)
    })
    const { write } = setUp()
    const [before, ...parts] = ['before', ...trace].map((line) => write([line]).length)
    const bytes = parts.reduce((sum, length) => sum + length, 0)
    const hexadecimal = (value = 0, digits = 12) => value.toString(16).padStart(digits, '0')
    assert.equal(ids[0]?.[1]?.slice(17), `${hexadecimal(before)}-${hexadecimal(bytes, 8)}`)
    assert.deepEqual(ids[1], ids[0])
    assert.deepEqual(ids[2], ids[0])
  })

  test('has an error and where its goroutine was begun, though the line between them is like any other', () => {
    const { newLane, write, read, end, entries } = setUp()
    const lane = newLane()
    const lines = ['worker error: the file is gone', 'created by main.main in goroutine 1', '\t/app/trace.go:54 +0x245']
    read(lane, write(['before', ...lines, 'after']), whole)
    end(lane)
    assert.deepEqual(recordsOf(entries()), ['before', lines.join('\n'), 'after'])
  })

  test('is cut after 1,000 lines, and what follows is a record of its own; both say so', () => {
    const { newLane, write, read, end, entries } = setUp()
    const lane = newLane()
    read(lane, write(['Exception in thread "main" a.B', ...Array(1500).fill('\tat a.B.c(B.java:1)'), 'after']), whole)
    end(lane)
    assert.deepEqual(
      entries().map(({ lines, truncated, level }) => [lines, truncated, level]),
      [
        [1000, true, 'error'],
        [501, true, 'error'],
        [undefined, undefined, undefined],
      ],
    )
    assert.deepEqual([lane.counters.groups, lane.counters.grouped, lane.counters.cut], [2, 1501, 2])
  })

  test('is cut at 256 KiB, or where a line would be', () => {
    for (const [maxLineBytes, most] of [
      [1 << 20, 256 * 1024],
      [10_000, 10_000],
    ] as const) {
      const { newLane, write, read, end, entries } = setUp({ maxLineBytes })
      const lane = newLane()
      const frame = `\tat a.B.${'c'.repeat(500)}(B.java:1)`
      read(lane, write(['Exception in thread "main" a.B', ...Array(900).fill(frame), 'after']), whole)
      end(lane)
      const joined = entries().filter(({ lines }) => lines !== undefined)
      assert.ok(joined.length > 1)
      for (const { log, truncated } of joined) {
        assert.ok(log.length <= most)
        assert.equal(truncated, true)
      }
      assert.equal(
        joined.reduce((sum, { lines = 0 }) => sum + lines, 0),
        901,
      )
    }
  })

  test('has lines that the runtime split, read in pieces of any size', () => {
    const random = new Random(3)
    for (let round = 0; round < 50; round += 1) {
      const { newLane, write, read, end, entries } = setUp()
      const lane = newLane()
      const lines = ['before', ...trace, 'after'].map((line) => {
        const at = random.below(line.length)
        const [beginning, rest] = [line.slice(0, at), line.slice(at)]
        return write([beginning]).toString().replace(' F ', ' P ') + write([rest]).toString()
      })
      read(lane, Buffer.from(lines.join('')), () => 1 + random.below(100))
      end(lane)
      assert.deepEqual(recordsOf(entries()), ['before', trace.join('\n'), 'after'])
      assert.equal(lane.counters.lines, 10)
      assert.equal(lane.counters.joined, 7)
      assert.equal(lane.counters.entries, 3)
    }
  })
})

describe("by a pod's own rule", () => {
  const lines = ['x', ' 1', '\t2', 'Error: y', 'z', '    at f (/x.js:1:2)', '{"a":1}', ' {', '{', '', '2026 a', 'b', '']
  const byIndent = ['x\n 1\n\t2', 'Error: y', 'z\n    at f (/x.js:1:2)', '{"a":1}', ' {', '{', '', '2026 a', 'b', '']
  const byStart = ['x', ' 1', '\t2', 'Error: y\nz\n    at f (/x.js:1:2)', '{"a":1}', ' {', '{', '', '2026 a\nb\n']
  const begins = (line: Uint8Array) => /^\d{4} |^Error/.test(Buffer.from(line).toString())
  const rules: readonly (readonly [string, Multiline, readonly string[]])[] = [
    ['nothing is joined', 'off', lines],
    ['indented lines are joined to the one before, and JSON to nothing', 'indented', byIndent],
    ['lines are joined up to where a record begins, and JSON to nothing', { begins }, byStart],
  ]
  for (const [name, multiline, expected] of rules)
    for (const runtime of ['containerd', 'docker'] as const)
      test(`${name}, as ${runtime} writes it, in pieces of any size`, () => {
        const random = new Random(7)
        for (let round = 0; round < 30; round += 1) {
          const { newLane, write, read, end, entries } = setUp({ runtime })
          const lane = newLane(multiline)
          read(lane, write(lines), () => 1 + random.below(round === 0 ? 1 << 20 : 200))
          end(lane)
          assert.deepEqual(recordsOf(entries()), expected)
        }
      })

  test('lines go on being joined by it where the runtime splits them, and batches are full', () => {
    const { newLane, write, read, end, entries } = setUp()
    const lane = newLane({ begins })
    const split = (line: string) =>
      write([line.slice(0, 3)])
        .toString()
        .replace(' F ', ' P ') + write([line.slice(3)])
    read(lane, Buffer.from(['2026 a', 'bcdefg', '2026 h', 'ijklmn'].map(split).join('')), () => 30)
    end(lane)
    assert.deepEqual(recordsOf(entries()), ['2026 a\nbcdefg', '2026 h\nijklmn'])
  })
})

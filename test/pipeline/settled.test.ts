import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { type ByteRange, ByteRanges } from '../../src/lib/byte-ranges.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Settled, Settling } from '../../src/model/checkpoint.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import type { StreamName } from '../../src/model/stream-name.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { settledUntil } from '../../src/pipeline/settled.ts'
import { someContainer } from '../support/some-container.ts'

const time = '2026-11-22T07:00:00.5Z'
const cri = (tag: string, body: string, stream: StreamName = 'stdout') => `${time} ${stream} ${tag} ${body}\n`
const union = (...ranges: ByteRange[]) => ranges.reduce((set, range) => set.with(range), ByteRanges.none)

interface Entry {
  readonly log: string
  readonly partial?: true
}

function newPipeline() {
  const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, systemClock)
  return { pipeline, builder: pipeline.newBatch() }
}

/** One run of an agent over a container's files: batches of what is read, in order. */
function startRun({ pipeline, builder } = newPipeline()) {
  builder.clear()
  const lane = new Lane({ ref: someContainer }, loggyProgram(Buffer.from('}\n')))
  const read = (text: string, file: LogFile, { offset = 0, isFinal = false } = {}) =>
    pipeline.encode({ file, bytes: Buffer.from(text), offset, isFinal }, lane, builder)
  /** What is in the batch so far; another one begins. */
  const send = () => {
    const { bytes } = builder
    const positions = new Map(builder.positions)
    const lines = Buffer.from(bytes.subarray(0, builder.used)).toString().split('\n').slice(0, -1)
    const entries = lines.map((line) => JSON.parse(line) as Entry)
    builder.clear()
    return { entries, positions }
  }
  const told = () => send().entries.map(({ log, partial }) => (partial ? `${log} (partial)` : log))
  return { lane, pipeline, read, send, told, builder: () => builder }
}

/** A file as a run finds it of which earlier ones have settled so much. */
function resumed(stdout: ByteRange[], stderr: ByteRange[] = stdout): LogFile {
  return { path: '0.log', key: 'key', settled: { stdout: union(...stdout), stderr: union(...stderr) } }
}

describe('a batch settles of each file', () => {
  test('what lies between where the batch before it and where its own last turn left off', () => {
    const { read, send } = startRun()
    const file: LogFile = { path: '0.log' }
    const line = cri('F', 'x')
    const at = (lines: number) => line.length * lines
    const range = (from: number, to: number): Settling => ({
      stdout: { from: at(from), to: at(to) },
      stderr: { from: at(from), to: at(to) },
    })
    read(line, file)
    assert.deepEqual(send().positions.get(file), range(0, 1))
    read(line, file, { offset: at(1) })
    read(line + line, file, { offset: at(2) })
    assert.deepEqual(send().positions.get(file), range(1, 4))
  })

  test('nothing before the place at which reading began', () => {
    const { read, send } = startRun()
    const file = resumed([{ from: 0, to: 50 }])
    read(cri('F', 'x'), file, { offset: 50 })
    assert.deepEqual(send().positions.get(file)?.stdout, { from: 50, to: 50 + cri('F', 'x').length })
  })

  test('of a stream that holds a beginning nothing, in its own and in the next file, until the end is there', () => {
    const { read, send } = startRun()
    const [file, next]: LogFile[] = [{ path: '0.log' }, { path: '0.log' }]
    const [begun, other, rest] = [cri('P', 'one '), cri('F', 'e', 'stderr'), cri('F', 'two')]
    read(begun + other, file as LogFile)
    assert.deepEqual(send().positions.get(file as LogFile)?.stdout, { from: 0, to: 0 })
    read(other, next as LogFile)
    const second = send().positions
    assert.deepEqual(second.get(file as LogFile)?.stdout, { from: 0, to: 0 })
    assert.deepEqual(second.get(next as LogFile)?.stderr, { from: 0, to: other.length })
    read(rest, next as LogFile, { offset: other.length })
    const third = send().positions
    assert.deepEqual(third.get(file as LogFile)?.stdout, { from: 0, to: begun.length + other.length })
    assert.deepEqual(third.get(next as LogFile)?.stdout, { from: other.length, to: other.length + rest.length })
  })

  test('only what is read of it when a copy goes on where its original stopped', () => {
    const { read, send } = startRun()
    const original: LogFile = { path: '0.log', key: 'key' }
    const copy: LogFile = { path: '0.log.1', key: 'key' }
    const begun = cri('P', 'one ')
    read(begun, original)
    send()
    read(cri('F', 'e', 'stderr'), copy, { offset: begun.length })
    const { positions } = send()
    assert.deepEqual(positions.get(original)?.stdout, { from: 0, to: 0 })
    assert.equal(positions.get(copy)?.stdout.from, begun.length)
  })

  test('what it holds of the beginnings that are sent as they are, when it has no room for both', () => {
    const { lane, pipeline, read, send, builder } = startRun()
    const file: LogFile = { path: '0.log' }
    const begun = cri('P', 'begun')
    const text = begun + cri('P', 'x'.repeat(100), 'stderr')
    read(text, file)
    send()
    builder().used = builder().bytes.length - 300
    assert.equal(pipeline.flushHeld(lane, builder()), false)
    assert.deepEqual(builder().positions.get(file)?.stdout, { from: 0, to: text.length })
    assert.deepEqual(builder().positions.get(file)?.stderr, { from: begun.length, to: begun.length })
    builder().used = 0
    send()
    assert.equal(pipeline.flushHeld(lane, builder()), true)
    assert.deepEqual(send().positions.get(file)?.stderr, { from: begun.length, to: text.length })
  })

  test('a part of an overlong line not before its end, even if that is a partial', () => {
    const { pipeline, read, send } = startRun()
    const file: LogFile = { path: '0.log' }
    const begun = `${time} stdout P ${'x'.repeat(pipeline.longestLineBytes)}`
    read(begun, file)
    read('\n', file, { offset: begun.length })
    assert.deepEqual(send().positions.get(file)?.stdout, { from: 0, to: 0 })
    read(cri('F', 'end'), file, { offset: begun.length + 1 })
    assert.equal(send().positions.get(file)?.stdout.to, begun.length + 1 + cri('F', 'end').length)
  })
})

describe('what earlier runs have delivered', () => {
  test('is passed over wherever it lies, by stream', () => {
    const { read, told, lane } = startRun()
    const lines = [0, 1, 2, 3, 4, 5].map((number) => cri('F', `${number}`, number % 2 === 0 ? 'stdout' : 'stderr'))
    const at = (index: number) => lines.slice(0, index).join('').length
    const file = resumed([{ from: at(1), to: at(3) }], [{ from: at(2), to: at(4) }])
    read(lines.join(''), file)
    assert.deepEqual(told(), ['0', '1', '4', '5'])
    assert.equal(lane.counters.repeated, 2)
    assert.equal(settledUntil(file), at(4))
  })

  test('is not joined to a beginning that went out without its end, and whose batch was not acked', () => {
    const { read, told, lane } = startRun()
    const [begun, rest, next] = [cri('P', 'begun'), cri('F', 'rest'), cri('F', 'next')]
    const file = resumed([{ from: begun.length, to: begun.length + rest.length }])
    read(begun + rest + next, file)
    assert.deepEqual(told(), ['begun (partial)', 'next'])
    const { lines, repeated, joined, entries, unfinished, losses } = lane.counters
    assert.equal(lines, repeated + joined + entries - unfinished - losses)
  })

  test('leaves its end flagged when it was itself a beginning that went out alone', () => {
    const { read, told } = startRun()
    const [begun, rest, next] = [cri('P', 'begun'), cri('F', 'rest'), cri('F', 'next')]
    read(begun + rest + next, resumed([{ from: 0, to: begun.length }], []))
    assert.deepEqual(told(), ['rest (partial)', 'next'])
  })

  test('leaves a beginning where it is when the batch has no room for it', () => {
    const { read, told, builder } = startRun()
    const [begun, rest] = [cri('P', 'begun'), cri('F', 'rest')]
    const file = resumed([{ from: begun.length, to: begun.length + rest.length }])
    builder().used = builder().bytes.length - 10
    assert.deepEqual(read(begun + rest, file), { byteCount: begun.length, isBatchFull: true })
    builder().used = 0
    read(rest, file, { offset: begun.length })
    assert.deepEqual(told(), ['begun (partial)'])
  })
})

const record = fc.record({
  tag: fc.constantFrom('F', 'F', 'P'),
  stream: fc.constantFrom<StreamName>('stdout', 'stderr'),
  /** NULs before it. */
  hole: fc.constantFrom(0, 0, 0, 0, 0, 3),
  after: fc.constantFrom('read on', 'send', 'send without ends'),
})

/**
 * Runs read a file, each from where the earlier ones' acks allow; of the batches of each but the last, any are acked. What the
 * acked ones hold, and all of the last run, is what a destination has.
 */
test('whatever batches are acked in whatever order, each line comes from an acked one, and only once, and each hole is told', () => {
  const shared = newPipeline()
  const acks = fc.array(fc.array(fc.boolean(), { maxLength: 12 }), { maxLength: 3 })
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), acks, (records, ackedInRuns) => {
      // The last record of each stream ends its line.
      const closing = (['stdout', 'stderr'] as const).map((stream) => ({ tag: 'F', stream, hole: 0, after: 'send' }))
      const all = [...records, ...closing]
      const lines = all.map(({ tag, stream, hole }, number) => '\0'.repeat(hole) + cri(tag, `<${number}>`, stream))
      let settled: Settled = { stdout: ByteRanges.none, stderr: ByteRanges.none }
      const delivered: string[] = []
      for (const acked of [...ackedInRuns, undefined]) {
        const afters = all.map(({ after }) => after)
        const batches = playRun(startRun(shared), { lines, afters, settled })
        for (const [index, { entries, settling }] of batches.entries()) {
          if (acked !== undefined && acked[index] !== true) continue
          delivered.push(...entries)
          settled = { stdout: settled.stdout.with(settling.stdout), stderr: settled.stderr.with(settling.stderr) }
        }
      }
      const length = lines.join('').length
      assert.deepEqual([settled.stdout.head, settled.stderr.head], [length, length])
      const parts = delivered.map((log) => [...log.matchAll(/<(\d+)>/g)].map(([, number]) => Number(number)))
      for (const joined of parts) assert.ok(areOfOneLine(joined, all), `${joined}`)
      const holes = all.filter(({ hole }) => hole > 0).length
      assert.ok(delivered.filter((log) => log.startsWith('loggy: 3 bytes')).length >= holes, 'a hole was not told')
      const numbers = parts.flat()
      assert.deepEqual(
        numbers.sort((a, b) => a - b),
        lines.map((_, index) => index),
      )
    }),
  )
})

/** Only records that follow one another in their stream, and none after the end of a line, or behind a hole. */
function areOfOneLine(
  numbers: readonly number[],
  records: readonly { tag: string; stream: string; hole: number }[],
): boolean {
  return numbers.slice(1).every((number, index) => {
    const before = numbers[index] ?? 0
    const stream = records[number]?.stream
    const isApart =
      records.slice(before + 1, number).some((record) => record.stream === stream) ||
      records.slice(before + 1, number + 1).some(({ hole }) => hole > 0)
    return !isApart && records[before]?.stream === stream && records[before]?.tag === 'P'
  })
}

/** A batch ends after each record that is said to; what is held may go out with it as it is, as it would after a minute. */
function playRun(
  run: ReturnType<typeof startRun>,
  { lines, afters, settled }: Readonly<{ lines: readonly string[]; afters: readonly string[]; settled: Settled }>,
) {
  const file: LogFile = { path: '0.log', key: 'key', settled }
  const batches: { entries: string[]; settling: Settling }[] = []
  const begin = Math.min(settled.stdout.head, settled.stderr.head)
  let offset = 0
  for (const [index, line] of lines.entries()) {
    const passed = Math.max(0, begin - offset) // behind NULs a line may be left
    if (passed < line.length) run.read(line.slice(passed), file, { offset: offset + passed })
    offset += line.length
    if (afters[index] === 'read on') continue
    if (afters[index] === 'send without ends') run.pipeline.flushHeld(run.lane, run.builder())
    const { entries, positions } = run.send()
    const settling = positions.get(file)
    if (settling !== undefined) batches.push({ entries: entries.map(({ log }) => log), settling })
  }
  return batches
}

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { ByteRanges } from '../../src/lib/byte-ranges.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { LogFile } from '../../src/model/log-file.ts'
import { BATCH_BYTES } from '../../src/pipeline/batch-builder.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'

const time = '2026-11-22T07:00:00.5Z'
const cri = (tag: string, body: string, stream = 'stdout') => `${time} ${stream} ${tag} ${body}\n`
const docker = (log: string) => `${JSON.stringify({ log, stream: 'stdout', time })}\n`
const nuls = (count: number) => '\0'.repeat(count)

interface Entry {
  readonly log: string
  readonly partial?: true
  readonly malformed?: true
  readonly lost?: { readonly bytes: number }
}

/** A pipeline and one container's lane through it. */
function setUp(file: LogFile = { path: '0.log' }) {
  const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, systemClock)
  const lane = new Lane({ ref: someContainer }, loggyProgram(Buffer.from('}\n')))
  const builder = pipeline.newBatch()
  let offset = 0
  /** What comes next in the file, as a read leaves it in the kernel's memory. Returns what is not done with. */
  const read = (text: string, isFinal = false) => {
    const bytes = Buffer.from(text)
    pipeline.input.set(bytes)
    const chunk = { file, bytes: pipeline.input.subarray(0, bytes.length), offset, isFinal }
    const { byteCount } = pipeline.encode(chunk, lane, builder)
    offset += byteCount
    return text.slice(byteCount)
  }
  /** What is in the batch so far, in short; another one begins. */
  const told = () => {
    const lines = Buffer.from(builder.seal().bytes).toString().split('\n').slice(0, -1)
    builder.clear()
    return lines.map((line) => inShort(JSON.parse(line)))
  }
  const position = () => builder.positions.get(file)?.stdout.to
  return { pipeline, lane, builder, file, read, told, position }
}

function inShort({ log, partial, malformed, lost }: Entry): string {
  if (lost === undefined) return `${log}${partial ? ' (partial)' : ''}${malformed ? ' (malformed)' : ''}`
  assert.equal(log, `loggy: ${lost.bytes} bytes of this log are lost: NULs stand in their place, as after a power cut`)
  return `lost ${lost.bytes}`
}

function assertBalanced({ counters }: Lane): void {
  const { lines, repeated, joined, filtered, entries, unfinished, losses } = counters
  assert.equal(lines, repeated + joined + filtered + entries - unfinished - losses)
}

describe('NULs where a line should begin', () => {
  test('are passed over and told, and the line behind them is whole and like any other', () => {
    const { read, told, lane } = setUp()
    const text = nuls(5000) + cri('F', 'one') + nuls(3) + cri('F', 'two', 'stderr') + cri('F', 'three')
    read(text)
    assert.deepEqual(told(), ['lost 5000', 'one', 'lost 3', 'two', 'three'])
    const { bytes, lines, losses, lostBytes, malformed } = lane.counters
    assert.deepEqual(
      { bytes, lines, losses, lostBytes, malformed },
      { bytes: text.length, lines: 3, losses: 2, lostBytes: 5003, malformed: 0 },
    )
    assertBalanced(lane)
  })

  test('are told once, with their number, over however many chunks, and only counted', () => {
    const { read, told, lane } = setUp()
    read(cri('F', 'before'))
    const chunk = nuls(1 << 19)
    const chunks = 400
    for (let count = 0; count < chunks; count += 1) assert.equal(read(chunk), '')
    assert.deepEqual(told(), ['before'])
    read(nuls(7) + cri('F', 'after'))
    assert.deepEqual(told(), [`lost ${chunks * chunk.length + 7}`, 'after'])
    assertBalanced(lane)
  })

  test('at the end of a file are told when nothing can follow, and read again until then', () => {
    const { read, told, position } = setUp()
    const line = cri('F', 'one')
    read(line + nuls(50))
    assert.equal(position(), line.length)
    read(nuls(50))
    assert.equal(position(), line.length)
    assert.deepEqual(told(), ['one'])
    read('', true)
    assert.equal(position(), line.length + 100)
    assert.deepEqual(told(), ['lost 100'])
  })

  test('may be all that there is of a line', () => {
    const { read, told } = setUp()
    read(`${nuls(4)}\n${cri('F', 'next')}`)
    assert.deepEqual(told(), ['lost 4', ' (malformed)', 'next'])
  })

  test('hold the position until they are told, in the batch that tells of them', () => {
    const { read, position, told } = setUp()
    const [hole, begun, end] = [nuls(10), cri('P', 'one '), cri('F', 'two')]
    read(hole)
    assert.equal(position(), 0)
    assert.deepEqual(told(), [])
    assert.equal(read(begun.slice(0, 20)), begun.slice(0, 20))
    assert.equal(position(), hole.length)
    assert.deepEqual(told(), ['lost 10'])
    read(begun)
    assert.equal(position(), hole.length)
    read(end)
    assert.equal(position(), (hole + begun + end).length)
    assert.deepEqual(told(), ['one two'])
  })

  test('take its end from what was held before them', () => {
    const { read, told, lane } = setUp()
    read(cri('P', 'begun, ') + nuls(9) + cri('F', 'ended') + cri('F', 'next'))
    assert.deepEqual(told(), ['begun,  (partial)', 'lost 9', 'ended (partial)', 'next'])
    assertBalanced(lane)
  })

  test('are told in the next batch when the first one is full', () => {
    const { read, told, builder, lane } = setUp()
    const line = cri('F', 'one')
    builder.used = BATCH_BYTES - 10
    assert.equal(read(nuls(9) + line), line)
    assert.equal(builder.used, BATCH_BYTES - 10)
    builder.clear()
    assert.equal(read(line), '')
    assert.deepEqual(told(), ['lost 9', 'one'])
    assertBalanced(lane)
  })

  test('are told when the batch is full at the end of the file', () => {
    const { read, told, builder, position } = setUp()
    builder.used = BATCH_BYTES - 10
    read(nuls(9), true)
    assert.equal(position(), 0)
    builder.clear()
    read('', true)
    assert.equal(position(), 9)
    assert.deepEqual(told(), ['lost 9'])
  })

  test('are told before what else is lost', () => {
    const { read, told, pipeline, lane, builder, file, position } = setUp()
    read(nuls(9))
    const loss = { bytes: 5, reason: 'NULs stand in their place, as after a power cut', isSuspected: false }
    assert.equal(pipeline.encodeLoss({ ...loss, file: { ...file, end: 9 } }, lane, builder), true)
    assert.deepEqual(told(), ['lost 9', 'lost 5'])
    read(cri('F', 'next'))
    assert.equal(position(), 9 + cri('F', 'next').length)
    assert.deepEqual(told(), ['next'])
    assertBalanced(lane)
  })

  test('are not told again when an earlier run has, and what was held is joined to nothing behind them', () => {
    const [begun, hole, line, next] = [cri('P', 'begun, '), nuls(9), cri('F', 'one'), cri('F', 'next')]
    const from = begun.length
    const delivered = ByteRanges.none.with({ from, to: from + hole.length + line.length })
    const settled = { stdout: delivered, stderr: delivered }
    const { read, told, lane } = setUp({ path: '0.log', key: 'key', settled })
    read(begun + hole + line + next)
    assert.deepEqual(told(), ['begun,  (partial)', 'next'])
    assert.equal(lane.counters.losses, 0)
    assertBalanced(lane)
  })
})

describe('NULs within a line', () => {
  test('are what the container wrote when the line is of a known format', () => {
    const { read, told } = setUp()
    read(
      cri('F', `a${nuls(2)}b`) + cri('F', nuls(1)) + docker(`c${nuls(1)}\n`) + cri('F', `${nuls(2)}${time} stdout F x`),
    )
    assert.deepEqual(told(), [`a${nuls(2)}b`, nuls(1), `c${nuls(1)}`, `${nuls(2)}${time} stdout F x`])
  })

  for (const [format, torn, line] of [
    ['CRI', `${time} std`, cri('F', `one${nuls(1)}`)],
    ['docker', docker('torn\n').slice(0, 12), docker(`one${nuls(1)}\n`)],
  ] as const) {
    test(`are a hole where a line of ${format} was torn and another one stands behind them`, () => {
      const { read, told, lane } = setUp()
      read(torn + nuls(100) + line)
      assert.deepEqual(told(), [`${torn} (malformed)`, 'lost 100', `one${nuls(1)}`])
      assertBalanced(lane)
      assert.equal(read(torn + nuls(100) + line.slice(0, -1)), torn + nuls(100) + line.slice(0, -1))
      read(torn + nuls(100) + line.slice(0, -1), true)
      assert.deepEqual(told(), [`${torn} (malformed)`, 'lost 100', `one${nuls(1)}`])
    })
  }

  test('are a hole before a record of docker in an odd layout, however long', () => {
    const { read, told } = setUp()
    const log = 'x'.repeat(900_000)
    const record = `${JSON.stringify({ time, stream: 'stdout', log: `${log}\n` })}\n`
    read(`${time} std${nuls(7)}${record}${record.slice(0, 100_000)}`)
    assert.deepEqual(told(), [`${time} std (malformed)`, 'lost 7', log.slice(0, 1000)])
  })

  test('leave a line of no known format whole when nothing better stands behind them', () => {
    const { read, told } = setUp()
    read(`what${nuls(2)}is this?\n`)
    assert.deepEqual(told(), [`what${nuls(2)}is this? (malformed)`])
  })

  test('are told in the next batch when there is only room for what was torn', () => {
    const { read, told, builder, position } = setUp()
    const [torn, line] = [`${time} std`, cri('F', 'one')]
    builder.used = BATCH_BYTES - 300
    const start = builder.used
    assert.equal(read(torn + nuls(9) + line), line)
    assert.ok(builder.used > start)
    assert.equal(position(), torn.length)
    builder.clear()
    assert.equal(read(line), '')
    assert.deepEqual(told(), ['lost 9', 'one'])
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'

const bytes = Buffer.from('2026-01-01T00:00:00.5Z stdout F "hello"\n2026-01-01T00:00:00.6Z stderr P torn\n')

/** Lanes whose entries end in a text of so many bytes, and what writes one entry of each. */
function setUp(sizes: readonly number[]) {
  const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, systemClock)
  pipeline.configure({ json: false, level: 'auto', minLevel: 'trace' })
  const batch = pipeline.newBatch()
  const texts = sizes.map((size, index) => String(index % 10).repeat(size))
  const lanes = texts.map(
    (text) => new Lane({ ref: someContainer }, loggyProgram(Buffer.from(`,"kubernetes":"${text}"}\n`))),
  )
  const file = { path: '0.log', key: 'key' }
  const entriesOf = (lane: Lane) => {
    const chunk = { file, bytes, offset: 0, isFinal: false }
    const entries: unknown[] = []
    for (let isFull = true; isFull; batch.clear()) {
      isFull = pipeline.encode(chunk, lane, batch).isBatchFull
      for (const line of batch.bytes.subarray(0, batch.used).toString().trim().split('\n'))
        entries.push(JSON.parse(line))
    }
    return entries
  }
  const expected = (text: string) => [
    { time: '2026-01-01T00:00:00.5Z', stream: 'stdout', log: '"hello"', kubernetes: text },
  ]
  return { lanes, texts, entriesOf, expected }
}

test('lanes take turns, also when their programs together have no room', () => {
  // 15 MB, where 4 MiB have room.
  const { lanes, texts, entriesOf, expected } = setUp(new Array(300).fill(50_000))
  for (let turn = 0; turn < 2; turn += 1) {
    for (const [index, lane] of lanes.entries()) {
      assert.deepEqual(entriesOf(lane), expected(texts[index] as string))
      assert.deepEqual(entriesOf(lanes[0] as Lane), expected(texts[0] as string))
    }
  }
})

test('a text that has no room even alone is on its entries, and others are on theirs', () => {
  const { lanes, texts, entriesOf, expected } = setUp([100, 5_000_000, 3_000_000, 100, 1_900_000])
  for (const index of [0, 1, 2, 3, 4, 1, 0, 4, 2]) {
    assert.deepEqual(entriesOf(lanes[index] as Lane), expected(texts[index] as string), `${texts[index]?.length} bytes`)
  }
})

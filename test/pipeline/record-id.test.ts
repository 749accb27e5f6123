import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { ManualClock } from '../kube/support.ts'
import { someContainer } from '../support/some-container.ts'

const resource = Buffer.from('}\n')

test('the id of a line too long for memory has the length of all its chunks', () => {
  const pipeline = new Pipeline({ maxLineBytes: 10, batches: 1 }, systemClock)
  const lane = new Lane({ ref: someContainer }, loggyProgram(resource, { hasIds: true }))
  const builder = pipeline.newBatch()
  const text = Buffer.from(`2026-11-22T07:00:00.5Z stdout F ${'x'.repeat(2 * pipeline.longestLineBytes)}\n`)
  const middle = pipeline.longestLineBytes + 50
  for (const [from, to] of [
    [0, middle],
    [middle, text.length],
  ] as const) {
    const chunk = { file: { path: '0.log', key: 'key' }, bytes: text.subarray(from, to), offset: from, isFinal: false }
    pipeline.encode(chunk, lane, builder)
  }
  const { id } = JSON.parse(Buffer.from(builder.seal().bytes).toString())
  assert.equal(Number.parseInt(id.split('-').at(-1), 16), text.length)
})

test('losses that are told at the same time have ids of their own', () => {
  const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, new ManualClock())
  const lane = new Lane({ ref: someContainer }, loggyProgram(resource, { hasIds: true }))
  const builder = pipeline.newBatch()
  const loss = { bytes: undefined, reason: 'damaged', file: undefined, isSuspected: true }
  for (let count = 0; count < 3; count += 1) assert.equal(pipeline.encodeLoss(loss, lane, builder), true)
  const ids = Buffer.from(builder.seal().bytes)
    .toString()
    .match(/"id":"[^"]+"/g)
  assert.equal(new Set(ids).size, 3)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BATCH_BYTES, BatchBuilder } from '../../src/pipeline/batch-builder.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { someContainer } from '../support/some-container.ts'

function write(builder: BatchBuilder, lane: Lane, entries: number): void {
  const text = Buffer.from('{}\n'.repeat(entries))
  builder.bytes.set(text, builder.used)
  builder.used += text.length
  builder.entryCount += entries
  builder.count(lane, entries)
}

test('counts what is delivered and what is buried where it came from', () => {
  const builder = new BatchBuilder(new Uint8Array(BATCH_BYTES))
  const [a, b] = [new Lane(someContainer, new Uint8Array(0)), new Lane(someContainer, new Uint8Array(0))]
  write(builder, a, 10)
  write(builder, b, 20)
  write(builder, a, 5)
  const { bury } = builder.seal()
  bury([8, 9, 10, 11]) // two of a, two of b
  bury([29, 30]) // one of each
  builder.countDelivered()
  assert.deepEqual([a.counters.delivered, a.counters.deadLettered], [12, 3])
  assert.deepEqual([b.counters.delivered, b.counters.deadLettered], [17, 3])
})

test('grows for what is larger than any batch, when it is empty, and shrinks again', () => {
  const builder = new BatchBuilder(new Uint8Array(BATCH_BYTES))
  assert.equal(builder.reserve(BATCH_BYTES), true)
  write(builder, new Lane(someContainer, new Uint8Array(0)), 1)
  assert.equal(builder.reserve(BATCH_BYTES), false)
  builder.clear()
  assert.equal(builder.reserve(BATCH_BYTES * 3), true)
  assert.equal(builder.bytes.length, BATCH_BYTES * 3)
  builder.clear()
  assert.equal(builder.bytes.length, BATCH_BYTES)
})

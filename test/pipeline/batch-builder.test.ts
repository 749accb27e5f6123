import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchBuilder } from '../../src/pipeline/batch-builder.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { someContainer } from '../support/some-container.ts'

const output = () => ({ bytes: new Uint8Array(0), ends: new Uint32Array(0) })

function write(builder: BatchBuilder, lane: Lane, entries: number): void {
  builder.entryCount += entries
  builder.count(lane, entries)
}

test('counts what is delivered and what is buried where it came from', () => {
  const builder = new BatchBuilder(output())
  const program = { ops: [], head: new Uint8Array(0) }
  const [a, b] = [new Lane({ ref: someContainer }, program), new Lane({ ref: someContainer }, program)]
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

test('tells which entries stand within the same head', () => {
  const builder = new BatchBuilder(output())
  const [head, other] = [Buffer.from('a'), Buffer.from('b')]
  for (const [of, entries] of [
    [head, 2],
    [head, 1],
    [other, 4],
    [head, 1],
  ] as const)
    write(builder, new Lane({ ref: someContainer }, { ops: [], head: of }), entries)
  assert.deepEqual(builder.seal().heads, [
    { head, to: 3 },
    { head: other, to: 7 },
    { head, to: 8 },
  ])
  builder.clear()
  assert.deepEqual(builder.seal().heads, [])
})

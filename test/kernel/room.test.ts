import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { BatchBuilder } from '../../src/pipeline/batch-builder.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'

const RESOURCE = Buffer.from(',"kubernetes":{"pod":"web"}}\n')
const CANARY = 0x5a
/** Bytes that the batch has already. */
const USED = 10
// Each byte becomes six; the time is the longest that there is.
const bytes = Buffer.from(`2026-01-01T00:00:00.123456789+00:00 stderr F ${'\u0001'.repeat(50)}\n`)
const file = { path: '0.log', key: 'key' }

for (const hasIds of [false, true]) {
  test(`an entry whose body grows as much as any, ${hasIds ? 'with' : 'without'} an id, is written whole before the end of a batch or not at all`, () => {
    const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, systemClock)
    const { output } = pipeline.newBatch()
    const lane = new Lane({ ref: someContainer }, loggyProgram(RESOURCE, { hasIds }))
    let written = 0
    for (let room = USED; room < 1000; room += 1) {
      output.bytes.subarray(0, 2000).fill(CANARY)
      const batch = new BatchBuilder({ bytes: output.bytes.subarray(0, room), ends: output.ends })
      batch.used = USED
      const { isBatchFull } = pipeline.encode({ file, bytes, offset: 0, isFinal: false }, lane, batch)
      assert.equal(isBatchFull, batch.entryCount === 0)
      assert.equal(isBatchFull, batch.used === USED)
      assert.ok(output.bytes.subarray(room, 2000).every((byte) => byte === CANARY))
      assert.ok(output.bytes.subarray(0, USED).every((byte) => byte === CANARY))
      written += batch.entryCount
    }
    assert.ok(written > 300)
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileLoggy } from '../../src/formats/loggy-program.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'
import { mark } from './load.ts'
import { SEQUENCES, traceOf } from './loss-traces.ts'

test('each trace of the loss run is one record, whose first line has the mark', () => {
  const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() }
  const pipeline = new Pipeline({ maxLineBytes: 1 << 20, batches: 1 }, clock)
  const lane = Object.assign(
    new Lane({ ref: someContainer }, compileLoggy({ fields: {}, kubernetes: {} }, { hasIds: false })),
    {
      multiline: 'auto',
    },
  )
  const records = Array.from({ length: SEQUENCES }, (_, sequence) => {
    const place = mark(3, sequence, 1764370000000.5)
    return traceOf(sequence, place) ?? [`${place} GET / 200`]
  })
  const bytes = Buffer.from(
    records.flatMap((lines) => lines.map((line) => `2026-11-22T07:00:00Z stdout F ${line}\n`)).join(''),
  )
  const batch = pipeline.newBatch()
  pipeline.encode({ file: { path: '0.log' }, bytes, offset: 0, isFinal: true }, lane, batch)
  pipeline.flushGroups(['stdout'], lane, batch)
  const entries = Buffer.from(batch.seal().bytes).toString().trimEnd().split('\n')
  assert.deepEqual(
    entries.map((entry) => JSON.parse(entry).log.split('\n')),
    records,
  )
  assert.ok(records.filter((lines) => lines.length > 1).length > 20)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenBatches } from '../../src/agent/open-batches.ts'
import { BatchBuilder } from '../../src/pipeline/batch-builder.ts'

/** Two batches, and a destination that takes none of these partitions. */
function batchesOf({ only, full }: { readonly only: string | undefined; readonly full: readonly string[] }) {
  const builders = [1, 2].map(() => new BatchBuilder({ bytes: new Uint8Array(0), ends: new Uint32Array(0) }))
  const delivery = { isFree: (partition: string) => !full.includes(partition), inFlightOf: () => 0 }
  return new OpenBatches({ builders, delivery, only })
}

test('there is no room while the only partition is not taken, whatever its name', () => {
  for (const only of ['', 'usual']) {
    assert.equal(batchesOf({ only, full: [only] }).hasRoom, false)
    assert.equal(batchesOf({ only, full: [] }).hasRoom, true)
  }
})

test('of several partitions one that is not taken leaves room for the others', () => {
  const batches = batchesOf({ only: undefined, full: ['bad'] })
  assert.equal(batches.hasRoom, true)
  assert.equal(batches.of('bad'), undefined)
  assert.equal(batches.of('good')?.partition, 'good')
})

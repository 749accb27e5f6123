import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fairShares } from '../../src/lib/fair-shares.ts'

test('who asks for little gets it, and the others share the rest equally', () => {
  assert.deepEqual(fairShares(100, [Infinity, 10, Infinity]), [45, 10, 45])
  assert.deepEqual(fairShares(100, [50, 20, 40]), [40, 20, 40])
  assert.deepEqual(fairShares(100, [10, 20, 30]), [10, 20, 30])
  assert.deepEqual(fairShares(100, [Infinity]), [100])
  assert.deepEqual(fairShares(100, []), [])
})

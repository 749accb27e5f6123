import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secondsToLossOf } from '../../src/lib/loss-horizon.ts'

const rotation = { maxBytes: 1000, maxFiles: 5 }

test('nothing is left of the time once more is unread than the kubelet keeps', () => {
  assert.equal(secondsToLossOf(4000, 10, rotation), 0)
  assert.equal(secondsToLossOf(4000, 0, rotation), 0)
  assert.equal(secondsToLossOf(3990, 10, rotation), 1)
  assert.equal(secondsToLossOf(0, 10, { maxBytes: 10 * 2 ** 20, maxFiles: 5 }), 4 * 2 ** 20)
})

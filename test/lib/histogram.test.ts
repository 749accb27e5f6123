import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram } from '../../src/lib/histogram.ts'

test('each value is counted in the first bucket that holds it, and in the last one when none does', () => {
  const histogram = new Histogram([1, 10])
  for (const value of [0, 1, 2, 10, 11, 1e9]) histogram.add(value)
  assert.deepEqual(histogram.counts, [2, 2, 2])
  assert.equal(histogram.sum, 24 + 1e9)
})

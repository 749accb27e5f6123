import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Bucket, isLower, lower, UNLIMITED } from '../../src/lib/bucket.ts'

const rate = { linesPerSecond: 10, bytesPerSecond: 1000 }
const lines = (count: number) => ({ lines: count, bytes: 0 })

describe('a budget', () => {
  test('is full at first, and fills up to what comes in the time of a burst', () => {
    const bucket = new Bucket(rate, 2000)
    assert.deepEqual(bucket.left(5000), { lines: 20, bytes: 2000 })
    bucket.spend({ lines: 15, bytes: 100 }, 5000)
    assert.deepEqual(bucket.left(5000), { lines: 5, bytes: 1900 })
    assert.deepEqual(bucket.left(6000), { lines: 15, bytes: 2000 })
    assert.deepEqual(bucket.left(1e9), { lines: 20, bytes: 2000 })
  })

  test('may be in debt, of what is the shortest of both', () => {
    const bucket = new Bucket(rate, 1000)
    bucket.spend({ lines: 1, bytes: 3000 }, 0)
    assert.equal(bucket.leftMs(0), -2000)
    assert.equal(bucket.leftMs(2500), 500)
  })

  test('without a limit is never used up', () => {
    const bucket = new Bucket({ ...UNLIMITED, linesPerSecond: 10 }, 1000)
    bucket.spend({ lines: 5, bytes: 1e12 }, 0)
    assert.deepEqual(bucket.left(0), { lines: 5, bytes: Infinity })
    assert.equal(bucket.leftMs(0), 500)
  })

  test('survives times that go back: a little, which counts for nothing, or far, as when a clock is set', () => {
    const bucket = new Bucket(rate, 1000)
    bucket.spend(lines(10), 100_000)
    assert.equal(bucket.leftMs(99_000), 0)
    assert.equal(bucket.leftMs(100_500), 500)
    assert.equal(bucket.leftMs(0), 500)
    assert.equal(bucket.leftMs(100), 600)
  })

  test('tells what was asked for per second, spent or refused', () => {
    const bucket = new Bucket(rate, 1000)
    bucket.spend(lines(10), 0)
    bucket.demand()
    bucket.spend({ lines: 10, bytes: 50 }, 1000)
    bucket.refuse({ lines: 20, bytes: 50 }, 2000)
    assert.deepEqual(bucket.demand(), { linesPerSecond: 15, bytesPerSecond: 50 })
    assert.deepEqual(bucket.demand(), { linesPerSecond: 0, bytesPerSecond: 0 })
    bucket.isWanting = true
    assert.deepEqual(bucket.demand(), UNLIMITED)
  })

  test('is not measured over less than half a second', () => {
    const bucket = new Bucket(rate, 1000)
    bucket.spend(lines(10), 0)
    bucket.spend(lines(10), 1000)
    const { linesPerSecond } = bucket.demand()
    bucket.spend(lines(1), 1100)
    assert.equal(bucket.demand().linesPerSecond, linesPerSecond)
  })

  test('can be tried on a copy', () => {
    const bucket = new Bucket(rate, 1000)
    bucket.spend(lines(4), 0)
    const copy = bucket.copy()
    copy.spend(lines(6), 0)
    assert.deepEqual([bucket.left(0).lines, copy.left(0).lines], [6, 0])
  })
})

test('of two rates the lower one holds, in each way', () => {
  const other = { linesPerSecond: 20, bytesPerSecond: 10 }
  assert.deepEqual(lower(rate, other), { linesPerSecond: 10, bytesPerSecond: 10 })
  assert.equal(isLower(rate, other), true)
  assert.equal(isLower(UNLIMITED, rate), false)
})

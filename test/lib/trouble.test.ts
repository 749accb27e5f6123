import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { Trouble } from '../../src/lib/trouble.ts'

function setUp(options?: { readonly quietMs: number }) {
  const time = { ms: 7000 }
  return { time, trouble: new Trouble({ ...systemClock, monotonic: () => time.ms }, options) }
}

test('each kind is news once until a success ends the trouble', () => {
  const { trouble } = setUp()
  assert.equal(trouble.end(), 0)
  assert.deepEqual(
    ['a', 'a', 'b', 'a'].map((kind) => trouble.note(kind)),
    [true, false, true, false],
  )
  assert.deepEqual([trouble.has('a'), trouble.has('c')], [true, false])
  assert.equal(trouble.end(), 4)
  assert.equal(trouble.end(), 0)
  assert.equal(trouble.has('a'), false)
  assert.equal(trouble.note('a'), true)
})

test('with a quiet time, failures between successes are one trouble', () => {
  const { trouble, time } = setUp({ quietMs: 10_000 })
  assert.equal(trouble.note('a'), true)
  time.ms += 9000
  assert.equal(trouble.end(), 0)
  assert.equal(trouble.note('a'), false)
  time.ms += 10_000
  assert.equal(trouble.end(), 2)
  assert.equal(trouble.note('a'), true)
})

test('the fault says since when nothing has succeeded, and what the last try met', () => {
  const { trouble, time } = setUp({ quietMs: 10_000 })
  assert.equal(trouble.fault, undefined)
  trouble.note('HTTP 503')
  time.ms = 9000
  trouble.note('ECONNREFUSED')
  assert.deepEqual(trouble.fault, { kind: 'ECONNREFUSED', sinceMs: 7000 })
  trouble.end()
  assert.equal(trouble.fault, undefined)
  assert.equal(trouble.failureCount, 2)
})

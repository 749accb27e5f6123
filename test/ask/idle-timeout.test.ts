import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { IdleTimeout } from '../../src/ask/idle-timeout.ts'
import { ManualClock } from '../kube/support.ts'

test('aborts when no data has arrived for the time, which restarts with each chunk', async () => {
  const clock = new ManualClock()
  const timeout = new IdleTimeout(clock, { limitMs: 1000, signal: new AbortController().signal })
  const body = new PassThrough()
  const reader = timeout.restartOn(body)
  clock.advance(900)
  body.write('x')
  await reader.next()
  void reader.next()
  await setImmediate()
  clock.advance(900)
  await setImmediate()
  assert.equal(timeout.signal.aborted, false)
  clock.advance(1000)
  await setImmediate()
  clock.advance(1000)
  await setImmediate()
  assert.deepEqual([timeout.signal.aborted, timeout.hasExpired], [true, true])
})

test('does not expire while the consumer is busy', async () => {
  const clock = new ManualClock()
  const timeout = new IdleTimeout(clock, { limitMs: 1000, signal: new AbortController().signal })
  const body = new PassThrough()
  const reader = timeout.restartOn(body)
  body.write('x')
  await reader.next()
  for (let second = 0; second < 10; second += 1) {
    clock.advance(1000)
    await setImmediate()
  }
  assert.equal(timeout.signal.aborted, false)
  void reader.next()
  for (let second = 0; second < 2; second += 1) {
    await setImmediate()
    clock.advance(1000)
  }
  await setImmediate()
  assert.equal(timeout.hasExpired, true)
})

test('aborts with the other signal and when it is cleared, without counting that as expired', () => {
  const other = new AbortController()
  const [one, two] = [1, 2].map(() => new IdleTimeout(new ManualClock(), { limitMs: 1000, signal: other.signal }))
  one?.clear()
  assert.deepEqual([one?.signal.aborted, two?.signal.aborted], [true, false])
  other.abort()
  assert.deepEqual([two?.signal.aborted, one?.hasExpired, two?.hasExpired], [true, false, false])
})

import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Silence } from '../../src/ask/silence.ts'
import { ManualClock } from '../kube/support.ts'

test('aborts when nothing was heard for the time, which begins anew with each chunk', async () => {
  const clock = new ManualClock()
  const silence = new Silence(clock, { limitMs: 1000, signal: new AbortController().signal })
  const body = new PassThrough()
  const reader = silence.listen(body)
  clock.advance(900)
  body.write('x')
  await reader.next()
  void reader.next()
  await setImmediate()
  clock.advance(900)
  await setImmediate()
  assert.equal(silence.signal.aborted, false)
  clock.advance(1000)
  await setImmediate()
  clock.advance(1000)
  await setImmediate()
  assert.deepEqual([silence.signal.aborted, silence.isTooLong], [true, true])
})

test('does not take it for silence when what was heard is not taken', async () => {
  const clock = new ManualClock()
  const silence = new Silence(clock, { limitMs: 1000, signal: new AbortController().signal })
  const body = new PassThrough()
  const reader = silence.listen(body)
  body.write('x')
  await reader.next()
  for (let second = 0; second < 10; second += 1) {
    clock.advance(1000)
    await setImmediate()
  }
  assert.equal(silence.signal.aborted, false)
  void reader.next()
  for (let second = 0; second < 2; second += 1) {
    await setImmediate()
    clock.advance(1000)
  }
  await setImmediate()
  assert.equal(silence.isTooLong, true)
})

test('aborts with the other signal and when it is cleared, without taking that for silence', () => {
  const other = new AbortController()
  const [one, two] = [1, 2].map(() => new Silence(new ManualClock(), { limitMs: 1000, signal: other.signal }))
  one?.clear()
  assert.deepEqual([one?.signal.aborted, two?.signal.aborted], [true, false])
  other.abort()
  assert.deepEqual([two?.signal.aborted, one?.isTooLong, two?.isTooLong], [true, false, false])
})

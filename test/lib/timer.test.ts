import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Timer } from '../../src/lib/timer.ts'
import { handTurnedClock } from '../support/hand-turned-clock.ts'

test('calls once when it is due, by the last time that it was set', async () => {
  const clock = handTurnedClock()
  const timer = new Timer(clock)
  const calls: string[] = []
  timer.set(10, () => calls.push('first'))
  timer.set(20, () => calls.push('second'))
  await clock.pass(19)
  assert.deepEqual(calls, [])
  await clock.pass(1)
  assert.deepEqual(calls, ['second'])
  await clock.pass(100)
  assert.deepEqual(calls, ['second'])
})

test('never calls once it is cleared', async () => {
  const clock = handTurnedClock()
  const timer = new Timer(clock)
  timer.set(10, () => assert.fail('it was cleared'))
  timer.clear()
  await clock.pass(100)
})

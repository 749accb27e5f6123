import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReadyQueue } from '../../src/source/ready-queue.ts'
import { handTurnedClock } from '../support/hand-turned-clock.ts'

function setUp() {
  const clock = handTurnedClock()
  return { clock, queue: new ReadyQueue<string>(clock) }
}

test('is filled as soon as one waits, and at a poke though none does', async () => {
  const { queue } = setUp()
  const filled = queue.filled()
  queue.addWoken('a')
  await filled
  await queue.filled()
  queue.take()
  const poked = queue.filled()
  queue.poke()
  await poked
  assert.equal(queue.size, 0)
})

test('is patient while all who wait were merely woken', () => {
  const { queue } = setUp()
  assert.equal(queue.isPatient, false, 'nobody waits')
  queue.addWoken('a')
  assert.equal(queue.isPatient, true)
  queue.add('b')
  assert.equal(queue.isPatient, false)
  queue.take()
  assert.equal(queue.isPatient, false, 'the one with bytes to read may still wait')
  queue.take()
  queue.addWoken('a')
  assert.equal(queue.isPatient, true)
})

test('adds one when its time has come, by the last time it was given, unless it is taken before', async () => {
  const { queue, clock } = setUp()
  queue.addIn('a', 10)
  queue.addIn('a', 30)
  queue.addIn('b', 20)
  queue.addIn('c', Infinity)
  await clock.pass(15)
  assert.deepEqual([...queue], [])
  queue.add('b')
  assert.equal(queue.take(), 'b')
  await clock.pass(20)
  assert.deepEqual([...queue], ['a'])
  await clock.pass(1e9)
  assert.deepEqual([...queue], ['a'])
})

test('gives turns in the order of coming, but first to the one that needs an empty batch', () => {
  const { queue } = setUp()
  queue.add('a')
  queue.add('b')
  queue.add('a')
  queue.addFirst('c')
  assert.deepEqual([queue.take(), queue.take(), queue.take(), queue.take()], ['c', 'a', 'b', undefined])
})

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

test('one that was quiet waits for one turn of a busy one at most, however many there are', () => {
  const { queue } = setUp()
  for (const busy of ['A', 'B', 'C']) queue.addBusy(busy)
  assert.equal(queue.take(), 'A')
  queue.addWoken('a')
  queue.addBusy('A')
  queue.addWoken('b')
  assert.deepEqual([queue.take(), queue.take(), queue.take()], ['a', 'b', 'B'])
  queue.addWoken('a')
  queue.addBusy('B')
  assert.deepEqual([queue.take(), queue.take()], ['a', 'C'])
})

test('busy ones have their turns too while many quiet ones are woken all the time', () => {
  const { queue } = setUp()
  queue.addBusy('A')
  for (let number = 0; number < 200; number += 1) queue.addWoken(`${number}`)
  const turns: (string | undefined)[] = []
  for (let turn = 0; turn < 200; turn += 1) {
    const next = queue.take()
    turns.push(next)
    if (next === 'A') queue.addBusy('A')
    else queue.addWoken(String(next))
  }
  assert.ok(turns.filter((next) => next === 'A').length >= 3)
})

test('of the busy ones the most urgent comes first, and every fourth turn is of the one that waits longest', () => {
  const urgency = new Map([
    ['slow', Infinity],
    ['soon', 10],
    ['sooner', 5],
  ])
  const queue = new ReadyQueue<string>(handTurnedClock(), (one) => urgency.get(one) ?? 0)
  for (const one of urgency.keys()) queue.addBusy(one)
  const turns = Array.from({ length: 8 }, () => {
    const next = String(queue.take())
    queue.addBusy(next)
    return next
  })
  assert.deepEqual(turns.slice(0, 4), ['sooner', 'sooner', 'sooner', 'slow'])
  assert.equal(turns[7], 'soon')
})

test('one that is polled since it writes all the time is no quiet one', () => {
  const { queue } = setUp()
  queue.addPolled('A')
  assert.equal(queue.isPatient, true)
  queue.addWoken('a')
  assert.deepEqual([queue.take(), queue.take()], ['a', 'A'])
})

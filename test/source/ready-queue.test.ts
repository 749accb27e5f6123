import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ReadyQueue } from '../../src/source/ready-queue.ts'

/** A queue whose clock is turned by hand, and which has just given so many turns within a tenth of a second. */
function setUp(turns: number) {
  let nowMs = 1000
  const queue = new ReadyQueue<string>(() => nowMs)
  for (let turn = 0; turn < turns; turn += 1) {
    queue.addWoken('a')
    queue.take()
  }
  nowMs += 120
  let isFilled = false
  const filled = queue.filled().then(() => {
    isFilled = true
  })
  return { queue, filled, isFilled: () => isFilled }
}

test('says at once that somebody was woken, while that is rare', async () => {
  const { queue, filled } = setUp(10)
  queue.addWoken('a')
  await filled
  assert.equal(queue.size, 1)
})

test('waits a moment for others to be woken, while many are', async () => {
  const { queue, filled, isFilled } = setUp(50)
  queue.addWoken('a')
  await nextTurn()
  queue.addWoken('b')
  await nextTurn()
  assert.equal(isFilled(), false)
  await filled
  assert.deepEqual([...queue], ['a', 'b'])
})

test('does not wait for others when there are bytes to read, or when it is poked', async () => {
  for (const hurry of [(queue: ReadyQueue<string>) => queue.add('b'), (queue: ReadyQueue<string>) => queue.poke()]) {
    const { queue, filled, isFilled } = setUp(50)
    queue.addWoken('a')
    await nextTurn()
    assert.equal(isFilled(), false)
    hurry(queue)
    await nextTurn()
    assert.equal(isFilled(), true)
    await filled
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EntryQueue, type QueueItem } from '../../src/page/entry-queue.ts'

const fill = (queue: EntryQueue, from: number, to: number) => {
  for (let number = from; number < to; number += 1) queue.offer(String(number))
}
const isEntry = (item: QueueItem) => typeof item === 'string'

test('what fits is kept whole and in order', () => {
  const queue = new EntryQueue(10)
  fill(queue, 0, 10)
  assert.deepEqual(queue.take(4), ['0', '1', '2', '3'])
  assert.deepEqual(queue.take(99), ['4', '5', '6', '7', '8', '9'])
  assert.equal(queue.sampledOut, 0)
})

test('of a flood a sample is kept, in order, and every entry is counted', () => {
  const queue = new EntryQueue(10)
  fill(queue, 0, 1000)
  const kept = queue.take(99)
  assert.ok(kept.length >= 5 && kept.length <= 10, String(kept))
  assert.deepEqual(
    kept,
    kept.toSorted((a, b) => Number(a) - Number(b)),
  )
  assert.equal(queue.sampledOut + kept.length, 1000)
})

test('while it is held the newest are kept, behind the number of those before', () => {
  const queue = new EntryQueue(10)
  queue.pause()
  fill(queue, 0, 1000)
  queue.resume()
  const [gap, ...entries] = queue.take(99)
  assert.deepEqual(gap, { reason: 'pause', entries: 991 })
  assert.deepEqual(entries, ['991', '992', '993', '994', '995', '996', '997', '998', '999'])
  assert.equal(queue.sampledOut, 0)
})

test('no gap is lost, and those that come to stand beside each other are one', () => {
  const queue = new EntryQueue(10)
  for (let round = 0; round < 100; round += 1) {
    fill(queue, 0, 7)
    queue.offer({ reason: 'agent', entries: 3 })
  }
  const items = queue.take(999)
  const told = items.reduce((sum, item) => sum + (typeof item === 'string' ? 0 : (item.entries ?? 0)), 0)
  assert.equal(told, 300)
  items.forEach((item, index) => {
    assert.ok(isEntry(item) || isEntry(items[index + 1] ?? ''), 'two gaps in a row')
  })
})

test('it stays bounded where nobody takes, whatever comes', () => {
  const queue = new EntryQueue(10)
  for (const isPaused of [false, true, false]) {
    if (isPaused) queue.pause()
    else queue.resume()
    for (let round = 0; round < 500; round += 1) {
      queue.offer('entry')
      queue.offer({ reason: 'agent', entries: 1 })
      assert.ok(queue.size <= 20, `${queue.size} items`)
    }
  }
})

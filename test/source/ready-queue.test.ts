import assert from 'node:assert/strict'
import { watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ReadyQueue } from '../../src/source/ready-queue.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A queue whose clock is turned by hand, and which has just given so many turns within a tenth of a second. */
function setUp(turns: number) {
  let nowMs = 1000
  const queue = new ReadyQueue<string>(() => nowMs)
  for (let turn = 0; turn < turns; turn += 1) {
    queue.addWoken('a')
    queue.take()
  }
  nowMs += 120
  return { queue, filled: queue.filled() }
}

test('says at once that somebody was woken, while that is rare', async () => {
  const { queue, filled } = setUp(10)
  queue.addWoken('a')
  await filled
  assert.equal(queue.size, 1)
})

test('sleeps a moment while many are woken, and hears then of all that was written meanwhile', async (t) => {
  const { queue, filled } = setUp(50)
  queue.addWoken('a')
  writeWatched(t, queue)
  await filled
  assert.deepEqual([...queue], ['a', 'written'])
})

test('does not sleep when there are bytes to read', async (t) => {
  const { queue, filled } = setUp(50)
  queue.add('a')
  writeWatched(t, queue)
  await filled
  assert.deepEqual([...queue], ['a'])
})

test('does not sleep when it is poked and nobody waits', async (t) => {
  const { queue, filled } = setUp(50)
  queue.poke()
  writeWatched(t, queue)
  await filled
  assert.equal(queue.size, 0)
})

/** Writes a file now; the queue is told of it when the process listens to events. */
function writeWatched(t: TestContext, queue: ReadyQueue<string>): void {
  const directory = temporaryDirectory(t)
  const watcher = watch(directory, () => queue.addWoken('written'))
  t.after(() => watcher.close())
  writeFileSync(join(directory, 'file'), 'x')
}

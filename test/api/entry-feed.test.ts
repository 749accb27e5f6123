import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EntryFeed } from '../../src/api/entry-feed.ts'
import { someContainer } from '../support/some-container.ts'

test('a reader that throws is told of and offered nothing more; the agent and the other readers do not notice', () => {
  const feed = new EntryFeed()
  const faults: unknown[] = []
  let [tries, seen] = [0, 0]
  const broken = {
    offer() {
      tries += 1
      throw new Error('no such luck')
    },
  }
  feed.add(broken, (error) => faults.push(error))
  const counting = {
    offer() {
      seen += 1
    },
  }
  feed.add(counting, () => assert.fail())
  feed.offer(someContainer, Buffer.from('{}\n'))
  feed.offer(someContainer, Buffer.from('{}\n'))
  assert.deepEqual([tries, seen, faults.length, feed.readerCount], [1, 2, 1, 1])
})

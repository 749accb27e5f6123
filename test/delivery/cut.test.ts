import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cut } from '../../src/delivery/cut.ts'
import { batchOfLines } from './acked-delivery.ts'

/** Entries of three bytes each, five of a container with a head of 100 bytes and five of one with 10. */
function twoContainers(): Cut {
  const lines = Array.from({ length: 10 }, (_, n) => `0${n}`)
  const heads = [
    { head: Buffer.alloc(100), to: 5 },
    { head: Buffer.alloc(10), to: 10 },
  ]
  return Cut.whole({ ...batchOfLines(lines), heads })
}

test('what stands around entries counts, once for each container of a request', () => {
  const whole = twoContainers()
  assert.equal(whole.byteCount, 10 * 3 + 100 + 10)
  assert.equal(whole.only([0, 1, 4])?.byteCount, 3 * 3 + 100)
  assert.equal(whole.only([4, 7])?.byteCount, 2 * 3 + 100 + 10)
})

test('a request has as many entries as there is room for with their heads, and at least one', () => {
  const counts = (requestBytes: number) => {
    const { first, rest } = twoContainers().split({ requestBytes, requestEntries: 100 })
    return [first.entryCount, first.byteCount, rest?.entryCount, rest?.byteCount]
  }
  assert.deepEqual(counts(140), [10, 140, undefined, undefined])
  assert.deepEqual(counts(139), [9, 137, 1, 13])
  assert.deepEqual(counts(127), [5, 115, 5, 25])
  assert.deepEqual(counts(10), [1, 103, 9, 137])
})

test('halves have as many bytes of entries, however large a head is', () => {
  assert.deepEqual(
    twoContainers()
      .halves()
      .map(({ entryCount }) => entryCount),
    [5, 5],
  )
})

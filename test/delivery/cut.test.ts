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

test('containers whose entries need requests of their own get one each, whatever lies between; the others share one', () => {
  const heads = ['a', 'b', 'c', 'a', 'd'].map((name, index) => ({ name, to: (index + 1) * 2 }))
  const bytesOf = new Map(['a', 'b', 'c', 'd'].map((name) => [name, Buffer.from(name)]))
  const batch = {
    ...batchOfLines(Array.from({ length: 10 }, (_, n) => `0${n}`)),
    heads: heads.map(({ name, to }) => ({ head: bytesOf.get(name) as Buffer, to })),
  }
  const placesOf = (names: string, least = Number.POSITIVE_INFINITY) =>
    Cut.apart(batch, (head, byteCount) => names.includes(String(head)) || byteCount >= least).map((cut) => [
      ...cut.places(),
    ])
  assert.deepEqual(placesOf('ac'), [
    [0, 1, 6, 7],
    [4, 5],
    [2, 3, 8, 9],
  ])
  assert.deepEqual(placesOf('', 12), [
    [0, 1, 6, 7],
    [2, 3, 4, 5, 8, 9],
  ])
  assert.deepEqual(placesOf(''), [Array.from({ length: 10 }, (_, place) => place)])
  assert.equal(placesOf('abcd').length, 4)
})

test('groups have the entries of a cut in order, each under its own head, whichever are in it', () => {
  const heads = [2, 3, 7, 8, 10].map((to, index) => ({ head: Buffer.from('ab'[index % 2] ?? ''), to }))
  const lines = Array.from({ length: 10 }, (_, n) => `0${n}`)
  const whole = Cut.whole({ ...batchOfLines(lines), heads })
  for (let chosen = 1; chosen < 1 << lines.length; chosen += 1) {
    const cut = whole.only([...lines.keys()].filter((place) => chosen & (1 << place))) ?? whole
    const groups = cut
      .groups()
      .flatMap(({ head, pieces }) =>
        [...String(Buffer.concat(pieces)).matchAll(/\d+/g)].map(([line]) => `${head} ${line}`),
      )
    assert.deepEqual(
      groups,
      Array.from(cut.entries(), ({ head, bytes }) => `${head} ${bytes}`.trim()),
    )
    const places = [...cut.places()]
    const there = new Set(places.map((place) => [2, 3, 7, 8, 10].findIndex((to) => place < to)))
    assert.equal(cut.byteCount, places.length * 3 + there.size)
  }
})

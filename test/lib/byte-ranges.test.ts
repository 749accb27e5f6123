import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ByteRange, ByteRanges } from '../../src/lib/byte-ranges.ts'

const SIZE = 40
const range = fc.record({ from: fc.nat(SIZE), to: fc.nat(SIZE) })
const union = (ranges: readonly ByteRange[]) => ranges.reduce((set, one) => set.with(one), ByteRanges.none)

test('a set of ranges has what a set of single bytes has', () => {
  fc.assert(
    fc.property(fc.array(range), (ranges) => {
      const set = union(ranges)
      const bytes = new Set<number>()
      for (const { from, to } of ranges) for (let byte = from; byte < to; byte += 1) bytes.add(byte)
      for (let byte = 0; byte <= SIZE; byte += 1) assert.equal(set.has(byte), bytes.has(byte), `byte ${byte}`)
      const firstMissing = Array.from({ length: SIZE + 1 }, (_, byte) => byte).find((byte) => !bytes.has(byte))
      assert.equal(set.head, firstMissing)
      assert.equal(set.end, Math.max(-1, ...bytes) + 1)
    }),
  )
})

test('the same bytes make the same set, in whatever order and pieces they come', () => {
  fc.assert(
    fc.property(fc.array(range), fc.array(fc.nat()), (ranges, order) => {
      const pieces = ranges.flatMap(({ from, to }) => {
        const middle = Math.floor((from + to) / 2)
        return [
          { from: middle, to },
          { from, to: middle },
        ]
      })
      const shuffled = pieces.map((piece, index) => ({ piece, rank: order[index] ?? index }))
      shuffled.sort((a, b) => a.rank - b.rank)
      const set = union(shuffled.map(({ piece }) => piece))
      assert.ok(set.equals(union(ranges.filter(({ from, to }) => from < to))))
      assert.deepEqual(set, union(ranges))
    }),
  )
})

test('two sets are equal only if they hold the same bytes', () => {
  const set = union([{ from: 0, to: 5 }])
  const others: ByteRange[] = [
    { from: 5, to: 6 },
    { from: 7, to: 9 },
    { from: 7, to: 10 },
  ]
  const sets = [set, ...others.map((other) => set.with(other))]
  for (const one of sets) for (const other of sets) assert.equal(one.equals(other), one === other)
})

test('what a set holds already makes no new one', () => {
  const set = union([
    { from: 0, to: 5 },
    { from: 8, to: 12 },
  ])
  for (const held of [
    { from: 0, to: 5 },
    { from: 9, to: 12 },
    { from: 20, to: 20 },
  ])
    assert.equal(set.with(held), set)
})

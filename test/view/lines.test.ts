import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LineSplitter } from '../../src/view/lines.ts'

function split(chunks: readonly Uint8Array[], splitter = new LineSplitter()): string[] {
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()].map((line) => line.toString('latin1'))
}

test('finds the same lines however the bytes are cut into chunks', () => {
  const text = fc.string({ unit: fc.constantFrom('\n', 'a', 'é', '日', '👍', '\r') })
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 60 })), (whole, cuts) => {
      const bytes = Buffer.from(whole)
      const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
      const expected = bytes.toString('latin1').split('\n')
      if (expected.at(-1) === '') expected.pop()
      assert.deepEqual(split(chunks), expected)
    }),
  )
})

test('keeps characters whole that are split between chunks', () => {
  const splitter = new LineSplitter()
  const bytes = Buffer.from('日本\n')
  assert.deepEqual(splitter.push(bytes.subarray(0, 4)), [])
  assert.equal(splitter.push(bytes.subarray(4))[0]?.toString(), '日本')
})

test('leaves out and counts a line that is too long, and goes on with the next', () => {
  const splitter = new LineSplitter({ maxLineBytes: 8 })
  const chunks = ['ok\n123456', '789', '0123456789', '\nnext\n', 'abcdefghi'].map((text) => Buffer.from(text))
  assert.deepEqual(split(chunks, splitter), ['ok', 'next'])
  assert.equal(splitter.skippedCount, 2)
})

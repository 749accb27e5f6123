import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseByteSize } from '../../src/lib/byte-size.ts'

const sizes: readonly [string | number, number][] = [
  [1048576, 1048576],
  ['1048576', 1048576],
  ['1Mi', 1048576],
  ['64Ki', 65536],
  ['2Gi', 2147483648],
  ['1M', 1_000_000],
  ['16k', 16_000],
  [0, 0],
]

for (const [text, bytes] of sizes) {
  test(`${JSON.stringify(text)} is ${bytes} bytes`, () => assert.equal(parseByteSize(text), bytes))
}

for (const text of [
  '',
  'Mi',
  '1MB',
  '1mi',
  '1 Mi',
  '-1',
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e21,
  '9'.repeat(20),
]) {
  test(`${JSON.stringify(text)} is no size`, () => assert.equal(parseByteSize(text), undefined))
}

test('any whole number of bytes is itself, as a number and as text', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      assert.equal(parseByteSize(bytes), bytes)
      assert.equal(parseByteSize(String(bytes)), bytes)
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOfNuls } from '../../src/lib/end-of-nuls.ts'

test('finds where NULs end, wherever they begin and however many there are', () => {
  for (const count of [0, 1, 16_383, 16_384, 16_385, 100_000]) {
    const nuls = Buffer.alloc(count)
    assert.equal(endOfNuls(Buffer.concat([Buffer.from('ab'), nuls, Buffer.from('c\0')]), 2), 2 + count)
    assert.equal(endOfNuls(Buffer.concat([Buffer.from('a'), nuls]), 1), 1 + count)
  }
})

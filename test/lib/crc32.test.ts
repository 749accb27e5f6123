import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { crc32 } from '../../src/lib/crc32.ts'

test('gives the checksum that zlib gives', () => {
  assert.equal(crc32('123456789'), 0xcbf43926) // the check value of the algorithm
  assert.equal(crc32(''), 0)
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(crc32(text), zlib.crc32(text))))
})

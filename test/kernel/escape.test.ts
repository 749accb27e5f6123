import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MAXIMUM_GROWTH, writeEscaped } from '../../test/kernel/oracle/escape.ts'
import { anyText } from '../support/any-text.ts'

function escaped(source: Uint8Array): string {
  const target = new Uint8Array(source.length * MAXIMUM_GROWTH)
  return Buffer.from(target.subarray(0, writeEscaped(source, 0, source.length, target, 0))).toString()
}

test('escapes any text as JSON.stringify does', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      assert.equal(`"${escaped(Buffer.from(text))}"`, JSON.stringify(text.toWellFormed()))
    }),
  )
})

test('replaces invalid UTF-8 as the WHATWG decoder does, and leaves a byte order mark in place', () => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const tricky = fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => bytes.map((byte) => (byte % 3 === 0 ? byte | 0x80 : byte)))
  fc.assert(fc.property(tricky, (bytes) => assert.equal(JSON.parse(`"${escaped(bytes)}"`), decoder.decode(bytes))))
  assert.equal(escaped(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41, 0xff)), '\ufeffA\ufffd')
})

test('writes only from the given place on, and reads only the given range', () => {
  const target = Buffer.alloc(12, '.')
  assert.equal(writeEscaped(Buffer.from('abcdef'), 2, 4, target, 5), 7)
  assert.equal(target.toString(), '.....cd.....')
})

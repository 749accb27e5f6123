import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memberText } from '../../src/lib/json-member.ts'

test('a member stands as it was written', () => {
  const json = ' {"a" : 12345678901234567890 , "b":{"x]}\\"":[{"y":1.0}, "}"] ,"c":"\\u0041"} }'
  assert.equal(memberText(json, ['a']), '12345678901234567890')
  assert.equal(memberText(json, ['b', 'x]}"']), '[{"y":1.0}, "}"]')
  assert.equal(memberText(json, ['b', 'c']), '"\\u0041"')
})

test('what is not there is undefined', () => {
  for (const json of ['{}', '{"a":1}', '[]', '"b"', '{"a":{"b":1}}', ''])
    assert.equal(memberText(json, ['b']), undefined, json)
  assert.equal(memberText('{"a":1}', ['a', 'b']), undefined)
})

test('of doubled names it is the last one, as for JSON.parse', () => {
  assert.equal(memberText('{"a":1,"a":{"b":2}}', ['a', 'b']), '2')
})

test('any member of any object is the one that JSON.parse gives', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(2), (object, indent) => {
      const json = JSON.stringify(object, undefined, indent)
      for (const [name, value] of Object.entries(JSON.parse(json)))
        assert.deepEqual(JSON.parse(memberText(json, [name]) ?? ''), value)
    }),
  )
})

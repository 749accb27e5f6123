import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Cut } from '../../../src/delivery/cut.ts'
import { createOtlp } from '../../../src/formats/otlp/otlp.ts'
import type { Resource } from '../../../src/model/resource.ts'
import { anyText } from '../../support/any-text.ts'
import { batchOf } from '../batch-of.ts'
import { decodeOtlp } from './decode-otlp.ts'

const kubernetes = { namespace: 'shop', pod: 'web', container: 'app', restartCount: 0, labels: {}, annotations: {} }
const resource: Resource = { fields: {}, kubernetes }
const format = createOtlp('map')

function batchOfTexts(texts: readonly string[]) {
  const lines = texts.map((text) => `2026-11-22T07:00:00.5Z stdout F ${text}\n`).join('')
  return batchOf(Buffer.from(lines), format.compile(resource, { hasIds: true })).batch
}

function recordsOf(texts: readonly string[]) {
  const [group] = decodeOtlp(Buffer.concat(format.frame(Cut.whole(batchOfTexts(texts)).groups())))
  return group?.records ?? []
}

const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
const bodies: readonly (readonly [what: string, line: string, body: unknown])[] = [
  ['texts', '{"a":"b","é":"\\u00e9\\n\\"","":""}', { a: 'b', é: 'é\n"', '': '' }],
  [
    'whole numbers',
    '{"a":0,"b":-1,"c":9007199254740991,"d":127,"e":128}',
    { a: 0, b: -1, c: 2 ** 53 - 1, d: 127, e: 128 },
  ],
  ['other numbers', '{"a":0.5,"b":-1e300,"c":1e25}', { a: 0.5, b: -1e300, c: 1e25 }],
  ['words', '{"a":true,"b":false,"c":null}', { a: true, b: false, c: undefined }],
  ['lists and objects', '{"a":[1,[],{"b":{}}],"c":{}}', { a: [1, [], { b: {} }], c: {} }],
  ['an empty one, with spaces', '{ } ', {}],
  ['a name twice', '{"a":1,"a":2}', { a: 2 }],
  ['__proto__', '{"__proto__":1}', JSON.parse('{"__proto__":1}')],
  ['as deep as may be', nested(24), JSON.parse(nested(24))],
  ['deeper', nested(25), nested(25)],
  ['no object', '[1]', '[1]'],
  ['a text', 'hello', 'hello'],
  ['a torn object', '{"a":1', '{"a":1'],
]

for (const [what, line, expected] of bodies)
  test(`the body of a line with ${what}`, () => assert.deepEqual(recordsOf([line])[0]?.body, expected))

test('a whole number of 64 bits keeps its digits', () => {
  const line = '{"id":1234567890123456789,"less":-9223372036854775808,"more":9223372036854775808}'
  const body = Buffer.concat(format.frame(Cut.whole(batchOfTexts([line])).groups()))
  const [group] = decodeOtlp(body, { wholeNumbers: BigInt })
  assert.deepEqual(group?.records[0]?.body, { id: 1234567890123456789n, less: -(2n ** 63n), more: 2 ** 63 })
})

test('whatever the objects, they stand between other lines as JSON.parse reads them, and entries keep the text', () => {
  const value = fc.jsonValue({ maxDepth: 6 }).map((json) => JSON.parse(JSON.stringify(json)))
  const object = fc.dictionary(anyText(), value, { maxKeys: 8 })
  fc.assert(
    fc.property(fc.array(fc.oneof(object, fc.constant(undefined)), { maxLength: 6 }), (objects) => {
      const texts = ['text', ...objects.map((one) => (one === undefined ? 'text' : JSON.stringify(one)))].filter(
        (text) => Buffer.byteLength(text) <= 1000,
      )
      const expected = texts.map((text) => (text === 'text' ? text : withoutNull(JSON.parse(text))))
      assert.deepEqual(
        recordsOf(texts).map(({ body }) => body),
        expected,
      )
      const entries = [...Cut.whole(batchOfTexts(texts)).entries()]
      const logs = entries.map(({ bytes, head }) => JSON.parse(Buffer.from(format.record(bytes, head)).toString()).log)
      assert.deepEqual(logs, texts)
    }),
    { numRuns: 300 },
  )
})

/** As the decoder tells of a value that is not set. */
function withoutNull(value: unknown): unknown {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.map(withoutNull)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutNull(inner)]))
}

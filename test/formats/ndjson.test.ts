import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entryOf } from '../../src/formats/loggy-record.ts'
import { createNdjson } from '../../src/formats/ndjson.ts'
import { type SchemaName, schemas } from '../../src/formats/schemas/schemas.ts'
import type { ToyFormat } from './toy-formats.ts'
import { toyFormats } from './toy-formats.ts'

const NAMES = Object.keys(schemas) as SchemaName[]
const NONE = new Uint8Array(0)
const KUBERNETES =
  '"kubernetes":{"namespace":"shop","pod":"web","container":"app","labels":{"a.b":"1","a_b":"2"},"annotations":{}}'
const LETTERS = [
  `{"id":"0123-4-5","time":"2026-11-22T07:00:00.123456789Z","stream":"stdout","level":"warn","log":"a \\"b\\"","partial":true,"cluster":"c","team":"t",${KUBERNETES}}`,
  `{"time":"2026-11-22T07:00:00.123456789Z","stream":"stderr","json":{"n":12345678901234567890, "n":1.0},${KUBERNETES}}`,
  `{"time":"2026-11-22T07:00:00.123456789Z","stream":"unknown","log":"","lost":{"bytes":7,"reason":"x"},${KUBERNETES}}`,
].map((line) => Buffer.from(line))

for (const name of NAMES) {
  test(`a dead letter of schema ${name} is in schema loggy, and goes back into its own`, () => {
    const format = createNdjson(name)
    for (const letter of LETTERS) {
      const entry = entryOf(letter, format)
      assert.ok(entry !== undefined)
      assert.equal(entry.bytes.at(-1), 0x0a)
      assert.equal(Buffer.from(format.record(entry.bytes, NONE)).toString(), letter.toString())
    }
  })
}

test('an entry goes from any schema into any other', () => {
  for (const from of NAMES) {
    for (const to of NAMES) {
      for (const letter of LETTERS) {
        const line = Buffer.from(entryOf(letter, createNdjson(from))?.bytes ?? NONE).subarray(0, -1)
        const direct = entryOf(letter, createNdjson(to))?.bytes ?? NONE
        const over = entryOf(line, createNdjson(to))?.bytes ?? NONE
        assert.deepEqual(JSON.parse(Buffer.from(over).toString()), JSON.parse(Buffer.from(direct).toString()))
      }
    }
  }
})

test('a dead letter goes into a binary format too, with its head', () => {
  const [protobuf] = toyFormats.filter(({ name }) => name.startsWith('protobuf')) as [ToyFormat]
  const entry = entryOf(LETTERS[0] as Buffer, { ...createNdjson('loggy'), ...protobuf.format, schema: 'protobuf' })
  assert.ok(entry !== undefined)
  const [decoded] = protobuf.decode(Buffer.concat(protobuf.format.frame([{ head: entry.head, pieces: [entry.bytes] }])))
  assert.equal(decoded?.pod, 'web')
  const [told] = decoded.records
  assert.deepEqual([told?.body, told?.time, told?.level], ['a "b"', 1795330800123456789n, 'warn'])
})

test('what is no entry is sent to a destination of lines as it is, and to no other', () => {
  const line = Buffer.from('{"log":"bare"}')
  assert.deepEqual(entryOf(line, createNdjson('ecs'))?.bytes, Buffer.from('{"log":"bare"}\n'))
  assert.equal(entryOf(Buffer.from('[1]'), createNdjson('ecs')), undefined)
  const { schema: _, ...binary } = createNdjson('loggy')
  assert.equal(entryOf(line, binary), undefined)
})

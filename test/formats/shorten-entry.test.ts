import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createNdjson } from '../../src/formats/ndjson.ts'
import { type ReadRecord, readRecord, WHOLE_LINE } from '../../src/formats/read-record.ts'
import { renderRecord } from '../../src/formats/render-record.ts'
import { type SchemaName, schemas } from '../../src/formats/schemas/schemas.ts'
import { beginningOf } from '../../src/formats/shorten-entry.ts'
import { anyText } from '../support/any-text.ts'

const MAX_BYTES = 1500
const names = Object.keys(schemas) as SchemaName[]

function entryOf(schema: SchemaName, record: Partial<ReadRecord>, annotation = 'x') {
  const labels = { app: 'web', 'app.kubernetes.io/name': 'wéb "shop"' }
  const kubernetes = { namespace: 'shop', pod: 'web', container: 'app', labels, annotations: { note: annotation } }
  const format = createNdjson(schema, MAX_BYTES)
  const program = format.compile({ fields: { cluster: 'c', team: 't' }, kubernetes }, { hasIds: true })
  const whole = {
    id: 'digest-0-5000',
    time: '2026-11-29T01:02:03.123456789Z',
    stream: 'stderr',
    level: 'warn',
    body: { form: 'text', text: 'x'.repeat(5000) },
    ...WHOLE_LINE,
    ...record,
  } as const
  const entry = renderRecord(program, whole)
  return { entry, short: format.shorten?.(entry), format }
}

for (const schema of names) {
  test(`an entry in schema ${schema} is cut to the limit and no further, is flagged, and keeps all else`, () => {
    const { entry, short } = entryOf(schema, {})
    assert.equal(short?.length, MAX_BYTES)
    const [before, after] = [entry, short].map((bytes) => readRecord(String(bytes)))
    const text = after?.record.body.text ?? ''
    assert.match(text, /^x+$/)
    const flags = { isTruncated: true, originalBytes: 5000 }
    assert.deepEqual(after, {
      ...before,
      record: { ...before?.record, body: { form: 'text', text }, ...flags },
    })
  })
}

test('any text is cut between two characters, and as much of it is left as there is room for', () => {
  const characters = anyText({ minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(characters, fc.constantFrom(...names), (some, schema) => {
      const text = some.repeat(Math.ceil(3000 / some.length))
      const { short } = entryOf(schema, { body: { form: 'text', text } })
      const left = readRecord(String(short))?.record.body.text ?? ''
      assert.ok(short !== undefined && short.length <= MAX_BYTES)
      assert.ok(text.startsWith(left) && left.isWellFormed())
      // The longest escaped character has twelve bytes.
      assert.ok(short.length > MAX_BYTES - 12)
      assert.equal(short.at(-1), 0x0a)
    }),
    { numRuns: 40 },
  )
})

test('a JSON object that is too long becomes text, and a line that was cut before keeps its first length', () => {
  const json = `{"a":"${'é'.repeat(2000)}"}`
  const ofJson = readRecord(String(entryOf('loggy', { body: { form: 'json', text: json } }).short))?.record
  assert.equal(ofJson?.body.form, 'text')
  assert.ok(json.startsWith(ofJson?.body.text ?? ''))
  const cutBefore = entryOf('ecs', { isTruncated: true, originalBytes: 99_999 })
  assert.equal(readRecord(String(cutBefore.short))?.record.originalBytes, 99_999)
})

test('what is too long without its line cannot be cut', () => {
  assert.equal(entryOf('loggy', {}, 'y'.repeat(2000)).short, undefined)
})

test('the beginning of any text is as long as there is room for, and has no half of a character', () => {
  fc.assert(
    fc.property(anyText(), fc.nat({ max: 80 }), (text, bytes) => {
      const begin = beginningOf(text, bytes)
      const bytesOf = (part: string) => Buffer.byteLength(JSON.stringify(part)) - 2
      assert.ok(text.startsWith(begin) && bytesOf(begin) <= bytes)
      const next = String.fromCodePoint(text.codePointAt(begin.length) ?? 0)
      assert.ok(begin === text || bytesOf(begin) + bytesOf(next) > bytes)
    }),
  )
})

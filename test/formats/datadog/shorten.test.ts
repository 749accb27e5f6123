import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logArray } from '../../../src/formats/datadog/array.ts'
import { compileDatadog } from '../../../src/formats/datadog/program.ts'
import { ENTRY_BYTES, shorten } from '../../../src/formats/datadog/shorten.ts'
import { renderRecord } from '../../../src/formats/render-record.ts'
import { someRecord } from '../some-record.ts'

const TIMESTAMP = Date.parse('2026-11-22T08:00:00Z')

function entry(message: string, others: object = {}): Buffer {
  return Buffer.from(`,\n${JSON.stringify({ timestamp: TIMESTAMP, message, ddtags: 'a:b,c:d', ...others })}`)
}

for (const part of ['x', 'é', '😀', '\u0007', '"']) {
  test(`a log of more than 1 MB of ${JSON.stringify(part)} is cut to that and says so, without half a character`, () => {
    const message = part.repeat(1_200_000)
    const short = shorten(entry(message)) ?? Buffer.alloc(0)
    assert.ok(short.length <= ENTRY_BYTES && short.length > ENTRY_BYTES - 20, `${short.length}`)
    const text = Buffer.from(short).toString()
    assert.ok(text.startsWith(`,\n{"timestamp":${TIMESTAMP},`))
    const { message: left, ...log } = JSON.parse(text.slice(1))
    assert.ok(message.startsWith(left) && left.isWellFormed())
    const flags = { 'loggy.truncated': 'true', 'loggy.originalBytes': String(Buffer.byteLength(message)) }
    assert.deepEqual(log, { timestamp: TIMESTAMP, ddtags: 'a:b,c:d', ...flags })
  })
}

test('a log that is cut is found between others, also if an annotation names an attribute by a number', () => {
  const annotations = { 'resource.opentelemetry.io/1': 'x' }
  const kubernetes = { namespace: 'shop', pod: 'web', container: 'app', labels: {}, annotations }
  const { ops } = compileDatadog({ fields: {}, kubernetes }, { hasIds: false })
  const logOf = (text: string) => renderRecord({ ops }, { ...someRecord, body: { form: 'text', text } })
  const pieces = [Buffer.concat([logOf('a'), shorten(logOf('y'.repeat(1_200_000))) ?? logOf(''), logOf('b')])]
  // So late that each of them is changed.
  const array = logArray([{ head: new Uint8Array(0), pieces }], TIMESTAMP + 30 * 86_400_000)
  const logs: readonly { readonly message: string }[] = JSON.parse(Buffer.concat(array.pieces).toString())
  assert.deepEqual(
    logs.map(({ message }) => message[0]),
    ['a', 'y', 'b'],
  )
})

test('a log that was cut before keeps its first length', () => {
  const short = shorten(entry('x'.repeat(1_200_000), { 'loggy.originalBytes': '5000000' })) ?? Buffer.alloc(0)
  assert.equal(JSON.parse(Buffer.from(short).toString().slice(1))['loggy.originalBytes'], '5000000')
})

test('a log whose tags alone are too long has no shorter form', () => {
  assert.equal(shorten(entry('x', { ddtags: 'x'.repeat(1_000_000) })), undefined)
})

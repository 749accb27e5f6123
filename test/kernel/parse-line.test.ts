import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '../support/any-text.ts'
import { SmallKernel } from './small-kernel.ts'

const kernel = new SmallKernel()

function parse(text: string) {
  const { isMalformed: _, body, ...found } = kernel.parse(text)
  return { ...found, body: body.toString() }
}

function parseMalformed(text: string) {
  const { isMalformed, stream, body } = kernel.parse(text)
  return { isMalformed, stream, body: body.toString() }
}

describe('CRI lines', () => {
  const time = '2026-11-22T07:00:00.123456789Z'
  const whole = { stream: 'stdout', isPartial: false, isEscaped: false, time }
  const cases: [name: string, text: string, expected: object][] = [
    ['containerd', `${time} stdout F hello world`, { ...whole, body: 'hello world' }],
    ['an empty body', `${time} stdout F `, { ...whole, body: '' }],
    ['an empty body whose last space is gone', `${time} stdout F`, { ...whole, body: '' }],
    ['stderr', `${time} stderr F x`, { ...whole, stream: 'stderr', body: 'x' }],
    ['a partial', `${time} stdout P x`, { ...whole, isPartial: true, body: 'x' }],
    ['a list of tags', `${time} stdout P:cut:more x`, { ...whole, isPartial: true, body: 'x' }],
    ['a full line with more tags', `${time} stdout F:more x`, { ...whole, body: 'x' }],
    ['a partial without a body', `${time} stdout P`, { ...whole, isPartial: true, body: '' }],
    ['spaces that belong to the body', `${time} stdout F   x  `, { ...whole, body: '  x  ' }],
    [
      'CRI-O, with an offset',
      '2026-11-22T07:00:00.123456789+05:30 stdout F x',
      { ...whole, time: '2026-11-22T07:00:00.123456789+05:30', body: 'x' },
    ],
    [
      'a trimmed fraction',
      '2026-11-22T07:00:00.1Z stdout F x',
      { ...whole, time: '2026-11-22T07:00:00.1Z', body: 'x' },
    ],
    ['no fraction', '2026-11-22T07:00:00Z stdout F x', { ...whole, time: '2026-11-22T07:00:00Z', body: 'x' }],
  ]
  for (const [name, text, expected] of cases) test(`reads ${name}`, () => assert.deepEqual(parse(text), expected))

  for (const text of [
    '',
    'hello',
    '2026-11-22 07:00:00 stdout F x',
    '2026-11-22T07:00:00.Z stdout F x',
    '2026-11-22T07:00:00 stdout F x',
    '2026-11-22T07:00:00+0530 stdout F x',
    `${time} stdlog F x`,
    `${time} stdout`,
    `${time} stdout `,
    `${time}  stdout F x`,
    `${time} stdout Part x`,
    `${time} stdout FP x`,
    `${time} stdout f x`,
    `${time} stdout :F x`,
    // Torn in their headers by a full disk or a crash, with the next line behind.
    `${time} stdout ${time} stdout F text`,
    `${time} stderr foo bar`,
    `${time} stdout P${time} stderr F text`,
    `${time} stdout F${time} stderr F text`,
    `${time} std${time} stderr F text`,
    time,
  ]) {
    test(`takes ${JSON.stringify(text)} for malformed, whole`, () => {
      assert.deepEqual(parseMalformed(text), { isMalformed: true, stream: 'unknown', body: text })
    })
  }
})

describe('docker records', () => {
  const time = '2026-11-22T07:00:00.123456789Z'
  const usual = { stream: 'stderr', isPartial: false, time }

  test('copies the body of the usual layout as it is escaped', () => {
    const parsed = parse(`{"log":"say \\"hi\\" \\u003c\\n","stream":"stderr","time":"${time}"}`)
    assert.deepEqual(parsed, { ...usual, isEscaped: true, body: 'say \\"hi\\" \\u003c' })
  })
  test('takes a text without a final newline for a partial', () => {
    const parsed = parse(`{"log":"half","stream":"stderr","time":"${time}"}`)
    assert.deepEqual(parsed, { ...usual, isEscaped: true, isPartial: true, body: 'half' })
  })
  test('does not take an escaped backslash and an n for a newline', () => {
    assert.equal(parse(`{"log":"C:\\\\n","stream":"stderr","time":"${time}"}`).isPartial, true)
  })
  test('reads attributes, another order and missing members', () => {
    const odd = { ...usual, isEscaped: false, body: 'x "y"' }
    assert.deepEqual(parse(`{"log":"x \\"y\\"\\n","stream":"stderr","attrs":{"a":"b"},"time":"${time}"}`), odd)
    assert.deepEqual(parse(`{ "time":"${time}", "stream":"stderr", "log":"x \\"y\\"\\n" }`), odd)
    assert.deepEqual(parse(`{"log":"x\\n","time":"${time}"}`), { ...odd, stream: 'stdout', body: 'x' })
    assert.deepEqual(parse(`{"stream":"stderr","time":"${time}"}`), { ...odd, body: '' })
  })
  for (const [content, body] of [
    ['x\\ud83dy', 'x\ufffdy'],
    ['\\uDE00\\ud83d', '\ufffd\ufffd'],
    ['\\ud83d\\uD83D\\ude00', '\ufffd😀'],
    ['\\ud83d\\\\ude00', '\ufffd\\ude00'],
    ['\\ud83d\\u0041', '\ufffdA'],
    [`${'x'.repeat(40)}\\udbff`, `${'x'.repeat(40)}\ufffd`],
  ]) {
    test(`puts U+FFFD for each half of a surrogate pair in ${content}`, () => {
      const parsed = parse(`{"log":"${content}\\n","stream":"stderr","time":"${time}"}`)
      assert.deepEqual(parsed, { ...usual, isEscaped: false, body })
    })
  }
  for (const content of [
    '\\ud83d\\ude00',
    '\\uDBFF\\uDFFF\\ud800\\udc00',
    '\\ud7ff\\ue000',
    '\\\\ud83d',
    '\\u00d8\\u0d80',
  ]) {
    test(`copies ${content}, which has no half of a pair`, () => {
      const parsed = parse(`{"log":"${content}\\n","stream":"stderr","time":"${time}"}`)
      assert.deepEqual(parsed, { ...usual, isEscaped: true, body: content })
    })
  }
  for (const text of [
    '{"log":"x\\n","stream":"stdout"}',
    `{"log":"x\\n","stream":"stdlog","time":"${time}"}`,
    '{"log":"x\\n","stream":"stdout","time":"yesterday"}',
    `{"log":3,"stream":"stdout","time":"${time}"}`,
    `{"log":"x\\q","stream":"stdout","time":"${time}"}`,
    `{"log":"x","stream":"stdout","time":"${time}"`,
    '{"message":"a JSON line of somebody else"}',
    '{',
  ]) {
    test(`takes ${text} for malformed, whole`, () => {
      assert.deepEqual(parseMalformed(text), { isMalformed: true, stream: 'unknown', body: text })
    })
  }
})

test('agrees with JSON.parse on any docker record', () => {
  const record = fc.record({
    log: fc.oneof(anyText(), fc.string({ unit: fc.constantFrom('\\', '"', 'n', '\n', 'u', '0') })),
    stream: fc.constantFrom('stdout', 'stderr'),
    time: fc.constant('2026-11-22T07:00:00Z'),
  })
  fc.assert(
    fc.property(record, (given) => {
      const parsed = parse(JSON.stringify(given))
      const body = parsed.isEscaped ? JSON.parse(`"${parsed.body}"`) : parsed.body
      const whole = given.log.toWellFormed()
      assert.equal(parsed.isPartial, !whole.endsWith('\n'))
      assert.equal(body.toWellFormed(), parsed.isPartial ? whole : whole.slice(0, -1))
    }),
  )
})

test('never throws, and never drops a byte of what it does not know', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const { isMalformed, body } = kernel.parse(bytes)
      if (isMalformed) assert.deepEqual(new Uint8Array(body), bytes)
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LEVEL_MEMBERS, LEVEL_WORDS, LEVELS, rankInJson, rankInText } from '../../src/pipeline/level.ts'
import { ranksOf } from './judged.ts'

// The kernel finds levels by its own rules; those in TypeScript, for the page, must find the same.

const NONE = LEVELS.length - 1
const word = fc
  .constantFrom(...LEVEL_WORDS.map(({ word }) => word), 'tracer', 'in', 'errors', 'x')
  .chain((text) => fc.constantFrom(text, text.toUpperCase(), text[0]?.toUpperCase() + text.slice(1)))

function ofText(body: string): number {
  return rankInText(Buffer.from(body).toString('latin1').slice(0, 256)) ?? NONE
}

test('of any text is found as in TypeScript', () => {
  const piece = fc.oneof(
    word,
    word.map((text) => `level=${text}`),
    word.map((text) => `[${text}]`),
    fc.constantFrom(
      ...['[', ']', ' ', '  ', '\t', ':', '|', '-', '"', ',', '=', 'T', 'Z', 'level="', ' lvl=', 'SEVERITY='],
    ),
    fc.constantFrom(
      ...['2026-11-22T07:00:00.1Z ', 'I1122 07:00:00.123456 ', 'E1122 07:00:0', '12:00 ', '\u00a0', 'é', '_'],
    ),
    fc.string({ maxLength: 4 }).map((text) => text.replaceAll('\n', ' ')),
    fc.nat(300).map((length) => 'x'.repeat(length)),
  )
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('').replace(/^\{/, ''))
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (texts) => {
      assert.deepEqual(ranksOf(texts), texts.map(ofText), JSON.stringify(texts))
    }),
    { numRuns: 1000 },
  )
})

test('of any JSON object is found as in TypeScript', () => {
  const name = fc.constantFrom(...LEVEL_MEMBERS, 'message')
  const number = fc.oneof(fc.integer({ min: -20, max: 100 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  const value = fc.oneof(word, number, fc.constantFrom(null, true, {}, [1], 'x'.repeat(40), '1'.repeat(31)))
  const object = fc.dictionary(name, value, { maxKeys: 4 })
  fc.assert(
    fc.property(fc.array(object, { minLength: 1, maxLength: 20 }), (objects) => {
      const expected = objects.map((json) => rankInJson((member) => json[member]) ?? NONE)
      assert.deepEqual(ranksOf(objects.map((json) => JSON.stringify(json))), expected, JSON.stringify(objects))
    }),
    { numRuns: 1000 },
  )
})

for (const [body, level] of [
  ['{"level":"info","level":"error"}', 'error'],
  ['{"level":"b\\u0061d","severity":"error"}', undefined],
  ['{"level":30.99e0}', 'info'],
  ['{"level":5e1}', 'error'],
  ['{"level":3E-1}', undefined],
  ['{"a":{"level":"debug"},"b":[{"level":"debug"}]}', undefined],
] as const) {
  test(`of ${body} is ${level}`, () => {
    assert.deepEqual(ranksOf([body]), [level === undefined ? NONE : LEVELS.indexOf(level)])
  })
}

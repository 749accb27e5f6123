import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDuration } from '../../src/config/duration.ts'

const durations: readonly [string, number][] = [
  ['500ms', 500],
  ['5s', 5000],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
  ['1h1ms', 3_600_001],
  ['0s', 0],
  ['90s', 90_000],
  ['5m', 300_000],
]

for (const [text, milliseconds] of durations) {
  test(`${text} is ${milliseconds} ms`, () => assert.equal(parseDuration(text), milliseconds))
}

for (const text of [
  '',
  '5',
  '5 s',
  '-5s',
  '1.5s',
  '5S',
  's',
  '30s1m',
  '5s5s',
  '1d',
  '5s\n',
  `${'9'.repeat(20)}s`,
  '٣s',
]) {
  test(`${JSON.stringify(text)} is no duration`, () => assert.equal(parseDuration(text), undefined))
}

test('a duration survives being written and read', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e12 }), (milliseconds) => {
      assert.equal(parseDuration(writeDuration(milliseconds)), milliseconds)
    }),
  )
})

test('any text is a duration or is refused', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9hms ]{0,12}$/), (text) => {
      const milliseconds = parseDuration(text)
      assert.ok(milliseconds === undefined || (Number.isSafeInteger(milliseconds) && milliseconds >= 0))
    }),
  )
})

function writeDuration(milliseconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(milliseconds / 3_600_000), 'h'],
    [Math.floor(milliseconds / 60_000) % 60, 'm'],
    [Math.floor(milliseconds / 1000) % 60, 's'],
    [milliseconds % 1000, 'ms'],
  ]
  return parts.flatMap(([count, unit]) => (count > 0 ? `${count}${unit}` : [])).join('') || '0s'
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSince, parseTime } from '../../src/view/time.ts'

const now = Date.parse('2026-11-22T07:00:00Z')

const moments: readonly (readonly [string, string])[] = [
  ['10m', '2026-11-22T06:50:00.000Z'],
  ['1h30m', '2026-11-22T05:30:00.000Z'],
  ['2d', '2026-11-20T07:00:00.000Z'],
  ['1.5s', '2026-11-22T06:59:58.500Z'],
  ['250ms', '2026-11-22T06:59:59.750Z'],
  ['2026-11-22T06:00:00Z', '2026-11-22T06:00:00.000Z'],
  ['2026-11-22T06:00:00.123456789+02:00', '2026-11-22T04:00:00.123Z'],
]
for (const [text, expected] of moments) {
  test(`takes ${text}`, () => assert.equal(new Date(parseSince(text, now) ?? 0).toISOString(), expected))
}

for (const text of [
  '',
  '10',
  'm',
  '10 m',
  '-10m',
  '10m ago',
  'yesterday',
  '2026-11-22',
  '2026-13-45T00:00:00Z',
  '10',
]) {
  test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseSince(text, now), undefined))
}

test('reads the times of every container runtime', () => {
  const expected = Date.parse('2026-11-22T07:00:00.123Z')
  assert.equal(parseTime('2026-11-22T07:00:00.1234567Z'), expected)
  assert.equal(parseTime('2026-11-22T08:00:00.123456789+01:00'), expected)
  assert.equal(parseTime('10'), undefined)
})

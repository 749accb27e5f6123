import assert from 'node:assert/strict'
import { test } from 'node:test'
import { levelsOf } from './judged.ts'
import { LevelTexts } from './level-texts.ts'
import { levelOf } from './oracle/level.ts'

// The kernel finds levels by its own rules; those of the oracle are regular expressions.

test('of any text, and of any JSON object, is what the oracle finds', () => {
  const texts = new LevelTexts(2026)
  for (let round = 0; round < 200; round += 1) {
    const bodies = Array.from({ length: 200 }, () => texts.next())
    const expected = bodies.map((body) => levelOf(Buffer.from(body)))
    assert.deepEqual(levelsOf(bodies), expected, JSON.stringify(bodies))
  }
})

for (const [body, level] of [
  ['{"level":"info","level":"error"}', 'info'],
  ['{"level":"b\\u0061d","severity":"error"}', undefined],
  ['{"l\\u0065vel":"info","severity":"error"}', 'error'],
  ['{"level":null,"severity":"error"}', 'error'],
  ['{"level":30.99e0}', undefined],
  ['{"level":"30"}', 'info'],
  ['{"level":1000}', 'error'],
  ['{"level":1e9}', undefined],
  ['{"level":"warn","text":"\ud800"}', 'warn'],
  ['{"level":"warn", and no more of it', 'warn'],
  ['{"a":1,,"level":"warn"}', undefined],
  [`{"a":"${'x'.repeat(10_000)}","level":"warn"}`, 'warn'],
  [`${'x=1 '.repeat(130)}level=warn`, undefined],
  [`${'x=1 '.repeat(120)}level=warn`, 'warn'],
] as const) {
  test(`of ${JSON.stringify(body).slice(0, 60)} is ${level}`, () => {
    assert.deepEqual(levelsOf([body]), [level])
  })
}

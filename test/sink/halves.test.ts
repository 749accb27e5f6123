import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { halve } from '../../src/sink/halves.ts'

test('halves are whole lines that make up the whole, and only a single line has none', () => {
  const line = fc.string({ maxLength: 50 }).map((text) => `${text.replaceAll('\n', '')}\n`)
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), (lines) => {
      const whole = Buffer.from(lines.join(''))
      const halves = halve(whole)
      if (lines.length === 1) return assert.equal(halves, undefined)
      assert.ok(halves !== undefined)
      for (const half of halves) assert.equal(half.at(-1), 0x0a)
      assert.deepEqual(Buffer.concat(halves), whole)
    }),
  )
})

test('lines of one length are cut in the middle', () => {
  const halves = halve(Buffer.from('ab\n'.repeat(8)))
  assert.deepEqual(
    halves?.map(({ length }) => length),
    [12, 12],
  )
})

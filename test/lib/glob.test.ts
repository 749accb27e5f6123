import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { globs } from '../../src/lib/glob.ts'

test('matches as the regular expression does that a glob stands for', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 7 })
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n'), maxLength: 9 })
  const matches = (glob: string, text: string) =>
    new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text)
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 3 }), name, (patterns, text) => {
      const isExpected = patterns.some((each) => matches(each, text))
      assert.equal(globs(patterns)(text), isExpected)
    }),
    { numRuns: 2000 },
  )
})

test('a glob of many asterisks takes no time, whatever the name', () => {
  const startedMs = performance.now()
  assert.equal(globs([`${'*a'.repeat(1000)}*b`])('a'.repeat(253)), false)
  assert.equal(globs([`${'*a'.repeat(20)}*b`])('a'.repeat(253)), false)
  assert.ok(performance.now() - startedMs < 1000)
})

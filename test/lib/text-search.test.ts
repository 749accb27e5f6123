import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TextSearch } from '../../src/lib/text-search.ts'

test('a text is found where Node finds it', () => {
  const letters = fc.constantFrom('a', 'b', 'ä')
  const text = fc.string({ unit: letters, minLength: 1, maxLength: 8 })
  const bytes = fc.string({ unit: letters, maxLength: 60 })
  const padding = fc.constantFrom('', 'b'.repeat(2000))
  fc.assert(
    fc.property(text, bytes, padding, fc.nat(70), (looked, inside, behind, from) => {
      const all = Buffer.from(inside + behind)
      assert.equal(new TextSearch(looked).indexIn(all, from), all.indexOf(looked, from))
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CountsByName } from '../../src/lib/counts-by-name.ts'

test('names are counted apart, and those that come after so many under `other`', () => {
  const named = new CountsByName(2)
  for (const name of ['a', 'b', 'c', 'a', 'd']) named.add(name, 2)
  assert.deepEqual(
    [...named.counts],
    [
      ['a', 4],
      ['b', 2],
      ['other', 4],
    ],
  )
})

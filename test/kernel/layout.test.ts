import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as layout from '../../src/kernel/layout.ts'

/** Where the parts of an operation stand; all other constants that begin so are kinds of operations. */
const PARTS = new Set(['KIND', 'LITERAL', 'LITERAL_END', 'FORM', 'VALUE', 'NEXT', 'SIZE'].map((name) => `OP_${name}`))

test('no two kinds of operations have the same number', () => {
  const kinds = Object.entries(layout).filter(([name]) => name.startsWith('OP_') && !PARTS.has(name))
  assert.ok(kinds.length > 10)
  assert.deepEqual(new Set(kinds.map(([, number]) => number)).size, kinds.length)
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as layout from '../../src/kernel/layout.ts'
import { LINE_SHAPES } from '../../src/model/line-shape.ts'

/** Where the parts of an operation stand; all other constants that begin so are kinds of operations. */
const PARTS = new Set(['KIND', 'LITERAL', 'LITERAL_END', 'FORM', 'VALUE', 'NEXT', 'SIZE'].map((name) => `OP_${name}`))

test('no two kinds of operations have the same number', () => {
  const kinds = Object.entries(layout).filter(([name]) => name.startsWith('OP_') && !PARTS.has(name))
  assert.ok(kinds.length > 10)
  assert.deepEqual(new Set(kinds.map(([, number]) => number)).size, kinds.length)
})

test("shapes of lines have the kernel's names and numbers", () => {
  const source = readFileSync(new URL('../../src/kernel/assembly/shape.ts', import.meta.url), 'utf8')
  const shapes = Array.from(source.matchAll(/^export const (\w+): u32 = (\d+)$/gm), ([, name = '', number]) => ({
    name: name.toLowerCase(),
    number: Number(number),
  }))
  assert.deepEqual(
    shapes,
    LINE_SHAPES.map((name, number) => ({ name, number })),
  )
})

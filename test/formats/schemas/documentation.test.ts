import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { schemasMarkdown } from './schemas-markdown.ts'

test('the table of docs/schemas.md is that of the schemas', () => {
  const docs = readFileSync(new URL('../../../docs/schemas.md', import.meta.url), 'utf8')
  const block = /<!-- schemas -->\n(?<table>.*?)\n<!-- \/schemas -->/s.exec(docs)
  assert.equal(block?.groups?.table, schemasMarkdown())
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { readLine } from '../../src/entry/line.ts'
import { yamlDocument } from '../../src/view/yaml-document.ts'

const kubernetes = { namespace: 'shop', pod: 'web-1', container: 'app', labels: { app: 'web' } }

function yamlOf(entry: object): string {
  const line = readLine(JSON.stringify(entry))
  assert.ok(line.kind === 'entry')
  return yamlDocument(line.entry)
}

test('entries are documents that can be read back, also those with odd lines', () => {
  const entries = [
    { time: '2026-11-22T07:00:00Z', stream: 'stdout', log: 'a: [b\n---\n# c', kubernetes },
    { log: '\u001b[31mred\u001b[0m \u202e', kubernetes, lines: 2 },
    { log: 'x'.repeat(300), kubernetes },
  ]
  const text = entries.map((entry) => `${yamlOf(entry)}\n`).join('')
  assert.deepEqual(
    parseAllDocuments(text).map((document) => document.toJS()),
    entries,
  )
})

test('a line that stands as JSON on its entry is there once', () => {
  assert.deepEqual(parseAllDocuments(yamlOf({ json: { a: 1 }, kubernetes }))[0]?.toJS(), { json: { a: 1 }, kubernetes })
})

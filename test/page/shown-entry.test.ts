import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readShownEntry } from '../../src/page/shown-entry.ts'
import { testEntry } from './samples.ts'

const parse = (changes: object) => readShownEntry(JSON.stringify({ ...testEntry(''), ...changes }))

test('an entry is read with all its metadata, and kept as it was written', () => {
  const json = JSON.stringify({ ...testEntry('hello'), truncated: true, originalBytes: 9 })
  const entry = readShownEntry(json)
  assert.equal(entry?.json, json)
  assert.equal(entry.text, 'hello')
  assert.deepEqual(entry.labels, { app: 'web', 'pod-template-hash': '7c5d9f' })
  assert.equal(entry.metadata.get('owner'), 'Deployment web')
  assert.equal(entry.metadata.get('restartCount'), '0')
  assert.equal(entry.metadata.get('truncated'), 'true')
  assert.equal(entry.metadata.get('originalBytes'), '9')
})

test('severity is what the entry says, whatever its text does', () => {
  const table: [object, string | undefined][] = [
    [{ level: 'warn', log: 'ERROR x' }, 'warn'],
    [{ level: 'purple', log: 'x' }, undefined],
    [{ log: 'ERROR x' }, undefined],
    [{ log: undefined, json: { level: 20 } }, undefined],
    [{ log: 'loggy: 5 bytes of this log are lost', lost: { bytes: 5 } }, 'error'],
  ]
  for (const [changes, level] of table) assert.equal(parse(changes)?.level, level, JSON.stringify(changes))
})

test('JSON in the place of the line is shown as text', () => {
  assert.equal(parse({ log: undefined, json: { a: [1, 'x'] } })?.text, '{"a":[1,"x"]}')
})

test('what is no entry is none, and never throws', () => {
  const odd = '{"log":{"a":1},"time":7,"kubernetes":{"pod":1,"labels":[1],"annotations":"x","owner":null}}'
  for (const json of ['', 'x', '7', 'null', '[]', '{}', '{"kubernetes":[]}', '{"log":"x"}', odd])
    assert.equal(readShownEntry(json), undefined, json)
})

test('metadata of any kind is shown', () => {
  const { kubernetes } = testEntry('')
  const entry = parse({ kubernetes: { ...kubernetes, owner: null, containerKind: 'init' } })
  assert.equal(entry?.metadata.get('owner'), 'null')
  assert.equal(entry.metadata.get('containerKind'), 'init')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readEntry } from '../../src/entry/entry.ts'
import { readLine } from '../../src/entry/line.ts'
import { anyText } from '../support/any-text.ts'

const names = { namespace: 'shop', pod: 'web-1', container: 'app' }
const complete = {
  time: '2026-11-22T07:00:00.123456789Z',
  stream: 'stdout',
  log: 'GET /health 200',
  kubernetes: { ...names, node: 'node-1', labels: { app: 'web' }, annotations: { team: 'payments' } },
}

test('takes a complete entry, and one with the names alone', () => {
  assert.deepEqual(readLine(JSON.stringify(complete)), { kind: 'entry', entry: complete })
  assert.equal(readLine(JSON.stringify({ log: '', kubernetes: names })).kind, 'entry')
})

test('takes an entry that ends in a carriage return', () => {
  assert.equal(readLine(`${JSON.stringify(complete)}\r`).kind, 'entry')
})

test('knows the log lines of the agent', () => {
  assert.equal(readLine('{"level":"info","message":"started","time":"2026-11-22T07:00:00Z"}').kind, 'agent')
})

test('takes an entry for an entry even when its body brings the fields of an agent line', () => {
  assert.equal(readLine(JSON.stringify({ ...complete, level: 'info', message: 'x' })).kind, 'entry')
})

const foreign: readonly (readonly [string, string])[] = [
  ['a notice of kubectl', 'Found 2 pods, using pod/loggy-abc'],
  ['broken JSON', JSON.stringify(complete).slice(0, -1)],
  ['null', 'null'],
  ['a number', '42'],
  ['an array of entries', JSON.stringify([complete])],
  ['an object without a log', JSON.stringify({ kubernetes: names })],
  ['a log that is no text', JSON.stringify({ ...complete, log: { text: 'x' } })],
  ['JSON that is no object', JSON.stringify({ json: [1], kubernetes: names })],
  ['a time that is no text', JSON.stringify({ ...complete, time: 1 })],
  ['no pod', JSON.stringify({ ...complete, kubernetes: { namespace: 'shop', container: 'app' } })],
  ['kubernetes that is null', JSON.stringify({ ...complete, kubernetes: null })],
  ['a label that is no text', JSON.stringify({ ...complete, kubernetes: { ...names, labels: { app: 1 } } })],
  ['labels that are a list', JSON.stringify({ ...complete, kubernetes: { ...names, labels: ['app'] } })],
  ['annotations that are null', JSON.stringify({ ...complete, kubernetes: { ...names, annotations: null } })],
]
for (const [name, line] of foreign) {
  test(`takes for foreign: ${name}`, () => assert.equal(readLine(line).kind, 'foreign'))
}

test('takes white space for blank', () => {
  assert.equal(readLine('').kind, 'blank')
  assert.equal(readLine(' \t\r').kind, 'blank')
})

test('never throws, whatever the line', () => {
  fc.assert(
    fc.property(fc.oneof(anyText(), fc.json()), (line) => {
      readLine(line)
    }),
  )
})

test('takes a line of JSON that is nested too deep to be written for all that its entry says', () => {
  const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const line = `{"json":{"toJSON":1,"needle":${nested}},"kubernetes":${JSON.stringify(names)}}`
  assert.equal(readEntry(line)?.log, line)
})

test('keeps the members that are not of its own', () => {
  const entry = readEntry(JSON.stringify({ ...complete, lost: { bytes: 5 } }))
  assert.deepEqual(entry, { ...complete, lost: { bytes: 5 } })
})

test('reads a line that stands as JSON on its entry', () => {
  const line = readLine(JSON.stringify({ stream: 'stdout', json: { level: 'info', n: 1 }, kubernetes: names }))
  assert.equal(line.kind === 'entry' && line.entry.log, '{"level":"info","n":1}')
})

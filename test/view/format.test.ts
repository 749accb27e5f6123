import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import type { Entry } from '../../src/entry/entry.ts'
import { createFormatter } from '../../src/view/format.ts'

const entry: Entry = {
  time: '2026-11-22T07:00:00.123456789Z',
  stream: 'stdout',
  log: 'GET /health 200',
  kubernetes: {
    namespace: 'shop',
    pod: 'web-1',
    container: 'app',
    node: 'node-1',
    labels: { app: 'web', tier: 'front' },
  },
}
const text = createFormatter({ output: 'text', color: false, utc: true })
const wide = createFormatter({ output: 'wide', color: false, utc: true })

test('text shows the time of day, pod and container, and the log', () => {
  assert.equal(text(entry), '07:00:00.123Z web-1/app | GET /health 200')
})

test('wide shows the date, namespace, node, stream and labels too', () => {
  assert.equal(
    wide(entry),
    '2026-11-22 07:00:00.123Z shop/web-1/app node-1 stdout app=web,tier=front | GET /health 200',
  )
})

test('wide has something in each column of an entry whose pod stayed unknown', () => {
  const { namespace, pod, container } = entry.kubernetes
  const bare = { log: 'x', kubernetes: { namespace, pod, container } }
  assert.equal(wide(bare), '- shop/web-1/app - - - | x')
  assert.equal(
    wide({ ...bare, kubernetes: { ...bare.kubernetes, metadata: 'path-only' } }),
    '- shop/web-1/app - - (path-only) | x',
  )
})

test('shows the time of this machine unless told otherwise', () => {
  const date = new Date('2026-11-22T07:00:00.123Z')
  const hours = String(date.getHours()).padStart(2, '0')
  const minutes = String(date.getMinutes()).padStart(2, '0')
  assert.equal(
    createFormatter({ output: 'text', color: false })(entry),
    `${hours}:${minutes}:00.123 web-1/app | GET /health 200`,
  )
})

test('marks stderr with and without colour', () => {
  const failed = { ...entry, stream: 'stderr', log: 'no' }
  assert.equal(text(failed), '07:00:00.123Z web-1/app ! no')
  assert.ok(createFormatter({ output: 'text', color: true })(failed).endsWith('\x1b[38;5;160m!\x1b[39m no'))
})

test('colour changes nothing but colour', () => {
  const colored = createFormatter({ output: 'wide', color: true, utc: true })(entry)
  assert.notEqual(colored, wide(entry))
  assert.equal(stripVTControlCharacters(colored), wide(entry))
})

test('the further lines of a log cannot pose as entries', () => {
  const log = 'Error: x\n    at y\r\n07:00:00.123Z other/app | paid\n'
  assert.equal(
    text({ ...entry, log }),
    '07:00:00.123Z web-1/app | Error: x\n  |     at y\n  | 07:00:00.123Z other/app | paid',
  )
})

test('says what the agent remarked on', () => {
  assert.equal(text({ ...entry, log: 'x', malformed: true }), '07:00:00.123Z web-1/app | x [malformed]')
  assert.equal(
    text({ ...entry, log: 'x', partial: true, truncated: true, originalBytes: 2097152 }),
    '07:00:00.123Z web-1/app | x [partial, truncated from 2097152 bytes]',
  )
})

test('shows a time that is none as it is', () => {
  assert.equal(text({ ...entry, time: 'soon\x1b[2J', log: 'x' }), 'soon\\x1b[2J web-1/app | x')
  assert.equal(text({ ...entry, time: '+275760-09-13T00:00:00.000Z', log: 'x' }).endsWith('web-1/app | x'), true)
})

test('lets nothing through that harms a terminal, in any field', () => {
  const nasty = fc.string({ unit: fc.constantFrom('\x1b', '[', '2', 'J', 'm', '\u009b', '\u202e', '\r', '\n', 'x') })
  fc.assert(
    fc.property(nasty, nasty, nasty, (first, second, third) => {
      const kubernetes = { namespace: first, pod: second, container: third, node: first, labels: { [second]: third } }
      for (const format of [text, wide]) {
        const shown = format({ time: first, stream: second, log: third, kubernetes })
        assert.doesNotMatch(shown.replaceAll(/\n {2}[|!] /g, ''), /[^\P{Cc}\t]|\p{Bidi_Control}/u)
      }
    }),
  )
})

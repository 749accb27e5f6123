import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggyProgram } from '../../src/formats/loggy-program.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { someContainer } from '../support/some-container.ts'
import { entriesOf } from './oracle/entries.ts'

const MAX_LINE_BYTES = 1000
const RESOURCE = ',"kubernetes":{}}\n'
const NOW = '2026-11-25T12:00:00.000Z'
const clock = { now: () => Date.parse(NOW), monotonic: () => 0, sleep: () => Promise.resolve() }
const pipeline = new Pipeline({ maxLineBytes: MAX_LINE_BYTES, batches: 1 }, clock)
const builder = pipeline.newBatch()
let nanoseconds = 100_000_000

/** `content` is JSON string content. */
function record(content: string, stream = 'stdout', attributes = ''): string {
  nanoseconds += 1
  return `{"log":"${content}","stream":"${stream}"${attributes},"time":"2026-11-22T07:00:00.${nanoseconds}Z"}\n`
}

/** The entries of what stands in a log of its own, and how many lines were taken of it. */
function run(text: string) {
  const lane = new Lane({ ref: someContainer }, loggyProgram(Buffer.from(RESOURCE)))
  const { byteCount } = pipeline.encode(
    { file: { path: '0.log' }, bytes: Buffer.from(text), offset: 0, isFinal: false },
    lane,
    builder,
  )
  const entries = Buffer.from(builder.seal().bytes).toString()
  builder.clear()
  return { byteCount, lineCount: lane.counters.lines, entries }
}

function expectedOf(text: string): string {
  return entriesOf(Buffer.from(text), { maxLineBytes: MAX_LINE_BYTES, resource: RESOURCE, time: NOW })
}

const whole: [name: string, records: string[]][] = [
  ['two parts', ['one ', 'two\\n']],
  ['five parts, some empty', ['', 'a', '', 'b', '\\n']],
  ['what docker escapes for HTML', ['\\u003ca\\u003e \\u0026', ' \\u2028\\u2029\\n']],
  ['tabs and terminal escapes as moby writes them', ['\\u0009\\u001b[31m', '\\u001B[0m\\u0008\\u000c\\n']],
  ['quotes, backslashes and slashes', ['\\"\\\\\\/\\u0022\\u005c\\u002f', '\\\\u0041 \\\\\\u0041 \\\\\\\\/\\n']],
  ['characters of two, three and four bytes', ['\\u00e9\\u20AC\\uD83D\\ude00', 'é€😀\\n']],
  ['a character that was cut in two', ['\\ufffd', '\\ufffd\\ufffd\\n']],
  ['as many parts as it looks at', [...Array<string>(255).fill('a'), 'b\\n']],
  ['escapes around blocks of 16', [`${'x'.repeat(15)}\\u003c${'\\\\'.repeat(16)}\\u003e`, `${'\\\\'.repeat(31)}/\\n`]],
]
for (const [name, parts] of whole) {
  test(`joins ${name}`, () => {
    const text = [...parts.map((content) => record(content)), record('after\\n')].join('')
    const expected = { byteCount: Buffer.byteLength(text), lineCount: parts.length + 1, entries: expectedOf(text) }
    assert.deepEqual(run(text), expected)
  })
}

test('writes lines of the other stream before the one that they interrupt', () => {
  const text = record('a') + record('one\\n', 'stderr') + record('b') + record('two\\n', 'stderr') + record('c\\n')
  const { lineCount, entries } = run(text)
  assert.equal(lineCount, 5)
  assert.deepEqual(
    entries
      .trim()
      .split('\n')
      .map((entry) => JSON.parse(entry).log),
    ['one', 'two', 'abc'],
  )
})

const odd: [name: string, text: string][] = [
  ['its end is not there', record('a') + record('b')],
  ['its end is not there whole', record('a') + record('b\\n').slice(0, -1)],
  ['the other stream is split too', record('a') + record('x', 'stderr') + record('b\\n') + record('y\\n', 'stderr')],
  ['it has more parts than are looked at', `${record('a').repeat(256)}${record('b\\n')}`],
  ['a record has attributes', record('a') + record('b\\n', 'stdout', ',"attrs":{"a":"b"}')],
  ['a pair is cut in two', record('\\ud83d') + record('\\ude00\\n')],
  ['half a pair stands by itself', record('a') + record('\\ud83d\\u0041\\n')],
  ['another format stands between', `${record('a')}2026-11-22T07:00:00Z stderr F x\n${record('b\\n')}`],
  ['its parts may be too long together', record('x'.repeat(500)) + record(`${'y'.repeat(501)}\\n`)],
]
for (const [name, text] of odd) {
  test(`joins a line of which ${name} as well`, () => {
    const all = `${record('before\\n')}${text}${record('\\n')}${record('\\n', 'stderr')}`
    assert.equal(run(all).entries, expectedOf(all))
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kernel } from '../../src/kernel/kernel.ts'
import { entryTemplate } from '../../src/pipeline/entry-template.ts'
import { entriesOf } from './oracle/entries.ts'

// That both ways give the same bytes is the differential test's to show; here, that these lines are the kernel's at all.

const MAX_LINE_BYTES = 1000
const RESOURCE = ',"kubernetes":{}}\n'
const kernel = new Kernel({ inputBytes: 65_536, outputs: { count: 1, bytes: 65_536 } })
const output = kernel.newOutput()
let nanoseconds = 100_000_000

/** `content` is JSON string content. */
function record(content: string, stream = 'stdout', attributes = ''): string {
  nanoseconds += 1
  return `{"log":"${content}","stream":"${stream}"${attributes},"time":"2026-11-22T07:00:00.${nanoseconds}Z"}\n`
}

function run(text: string) {
  const input = kernel.input.subarray(0, Buffer.byteLength(text))
  input.set(Buffer.from(text))
  kernel.setTemplate(entryTemplate(Buffer.from(RESOURCE), { hasIds: false }))
  const { ended, at, used, lineCount } = kernel.run(input, 0, output, 0, { oddStreams: 0, maximumBody: MAX_LINE_BYTES })
  return { ended, at, lineCount, entries: Buffer.from(output.subarray(0, used)).toString() }
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
    const expected = entriesOf(Buffer.from(text), { maxLineBytes: MAX_LINE_BYTES, resource: RESOURCE, time: '' })
    assert.deepEqual(run(text), {
      ended: 'done',
      at: Buffer.byteLength(text),
      lineCount: parts.length + 1,
      entries: expected,
    })
  })
}

test('writes lines of the other stream before the one that they interrupt', () => {
  const text = record('a') + record('one\\n', 'stderr') + record('b') + record('two\\n', 'stderr') + record('c\\n')
  const { ended, lineCount, entries } = run(text)
  assert.deepEqual({ ended, lineCount }, { ended: 'done', lineCount: 5 })
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
  test(`leaves a line where ${name}`, () => {
    const before = record('before\\n')
    const { ended, at, lineCount } = run(before + text)
    assert.deepEqual({ ended, at, lineCount }, { ended: 'odd', at: before.length, lineCount: 1 })
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineSentences } from '../../src/api/line-sentences.ts'
import type { ExplainedLine, ExplainedLines } from '../../src/model/explained-line.ts'
import { someContainer } from '../support/some-container.ts'

const usual: ExplainedLine = {
  stream: 'stdout',
  text: 'text',
  place: 0,
  lines: 1,
  shape: 'other',
  firstShape: 'other',
  begins: undefined,
}

const cases: readonly (readonly [by: ExplainedLines['by'], Partial<ExplainedLine>, sentence: string])[] = [
  ['known', {}, 'stdout alone, as it is a line without a known form: text'],
  [
    'known',
    { lines: 3, begins: 'as-lead' },
    'stdout begins a record of 3 lines, as it is a warning or worse, or names an exception, and what follows belongs to it: text',
  ],
  ['known', { lines: 3, place: 1, shape: 'at' }, 'stdout joined, as it is a stack frame: text'],
  [
    'known',
    { lines: 3, place: 1, firstShape: 'rust_panic' },
    'stdout joined, as it belongs to the message or the code that is shown there: text',
  ],
  [
    'known',
    { lines: 3, place: 1, shape: 'indented', firstShape: 'open' },
    'stdout joined, as it goes on with the JSON object: text',
  ],
  [
    'known',
    { shape: 'more' },
    'stdout alone, as it is the number of frames that are left out, and nothing before it has one behind it: text',
  ],
  [
    'known',
    { shape: 'panic', begins: 'by-shape' },
    "stdout alone, as it is Go's panic, and nothing that follows belongs to it: text",
  ],
  ['known', { shape: 'word' }, 'stdout alone, as it is a line without a known form: text'],
  ['known', { shape: 'braced' }, 'stdout alone, as JSON is joined to nothing: text'],
  ['known', { stream: undefined }, 'unknown stream alone, as it has no known format: text'],
  ['indented', { lines: 2, place: 1 }, 'stdout joined, as it is indented: text'],
  ['indented', {}, 'stdout alone, as it is indented, and no record is above it: text'],
  [
    'start',
    { lines: 2, begins: 'by-shape' },
    'stdout begins a record of 2 lines, as the pattern is found in it, and what follows belongs to it: text',
  ],
  [
    'known',
    { lines: 3, place: 2, shape: 'close', firstShape: 'pem', text: undefined },
    'stdout joined, as it is in the PEM block: (in what was redacted of the record)',
  ],
  ['known', { text: 'x'.repeat(121) }, `stdout alone, as it is a line without a known form: ${'x'.repeat(120)}…`],
]

for (const [by, line, expected] of cases) {
  test(`says: ${expected}`, () => {
    const [title, sentence] = lineSentences(someContainer, { path: '/x/0.log', by, lines: [{ ...usual, ...line }] })
    assert.equal(title, 'The last lines of container app in /x/0.log:')
    assert.equal(sentence, expected)
  })
}

test('says so if there is no line, and nothing of a container whose lines are not joined', () => {
  assert.deepEqual(lineSentences(someContainer, { path: '/x', by: 'known', lines: [] }), [
    'There is no line of container app to explain in /x.',
  ])
  assert.deepEqual(lineSentences(someContainer, undefined), [])
})

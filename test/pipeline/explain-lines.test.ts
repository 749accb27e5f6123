import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileLoggy } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { explainLines, type LineSettings } from '../../src/pipeline/explain-lines.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { someContainer } from '../support/some-container.ts'
import { readTraces } from '../traces/traces.ts'

const ALL_PRESETS = 15
const parts = {
  redactor: createRedactor({ patterns: [], key: undefined }),
  clock: systemClock,
  maxLineBytes: 1 << 20,
  program: compileLoggy({ fields: {}, kubernetes: {} }, { hasIds: true }),
}

const containerd = (line: string, stream = 'stdout', tag = 'F') => `2026-11-22T07:00:00.5Z ${stream} ${tag} ${line}\n`
const docker = (line: string, stream = 'stdout') =>
  `${JSON.stringify({ log: `${line}\n`, stream, time: '2026-11-22T07:00:00.5Z' })}\n`

function explain(file: string, settings: Partial<LineSettings> = {}, offset = 0) {
  const usual: LineSettings = { ref: someContainer, multiline: 'auto', redacts: 0 }
  return explainLines({ path: '0.log', bytes: Buffer.from(file), offset }, { ...usual, ...settings }, parts).lines
}

/** Place of each line in its record, and the record's length. */
const placesOf = (lines: readonly { readonly place: number; readonly lines: number }[]) =>
  lines.map(({ place, lines }) => [place, lines])

describe('lines of real traces are said to be joined as they are', () => {
  for (const { name, records } of readTraces()) {
    const expected = records.flatMap((record) => record.map((text, place) => ({ text, place, lines: record.length })))
    for (const [runtime, write] of Object.entries({ containerd, docker })) {
      test(`${name}, ${runtime}`, () => {
        // On the other stream the same, a line at a time.
        const lines = explain(expected.map(({ text }) => write(text) + write(text, 'stderr')).join(''))
        for (const stream of ['stdout', 'stderr']) {
          const seen = lines.filter((line) => line.stream === stream)
          assert.deepEqual(
            seen.map(({ text, place, lines }) => ({ text, place, lines })),
            expected,
          )
        }
      })
    }
  }
})

test('each line has its shape, that of the first one of its record, and what it may begin', () => {
  const lines = [
    '2026-11-22 07:00:00 ERROR failed',
    'java.io.IOException: gone',
    '\tat a.B.c(B.java:1)',
    '\tat alone',
    'panic: no',
    '{}',
  ]
  const told = explain(lines.map((line) => containerd(line)).join(''))
  assert.deepEqual(
    told.map(({ shape, firstShape, begins }) => [shape, firstShape, begins]),
    [
      ['other', 'other', 'as-lead'],
      ['header', 'other', 'by-shape'],
      ['at', 'other', 'by-shape'],
      ['indented', 'indented', undefined],
      ['panic', 'panic', 'by-shape'],
      ['braced', 'braced', undefined],
    ],
  )
})

test('parts of a line are one line, and a line of no known format is one', () => {
  const file = `${containerd('panic: a', 'stdout', 'P')}garbled\n${containerd(' b')}${containerd('goroutine 1 [running]:')}`
  const told = explain(file)
  assert.deepEqual(placesOf(told), [
    [0, 1],
    [0, 2],
    [1, 2],
  ])
  assert.deepEqual(
    told.map(({ stream, text }) => [stream, text]),
    [
      [undefined, 'garbled'],
      ['stdout', 'panic: a b'],
      ['stdout', 'goroutine 1 [running]:'],
    ],
  )
})

test('lines are joined by what the pod says', () => {
  const file = ['# one', ' two', '# three', 'four'].map((line) => containerd(line)).join('')
  assert.deepEqual(placesOf(explain(file)), Array(4).fill([0, 1]))
  assert.deepEqual(placesOf(explain(file, { multiline: 'indented' })), [[0, 2], [1, 2], [0, 1], [0, 1]]) // biome-ignore format: one line
  const told = explain(file, { multiline: { begins: (line) => line[0] === 0x23 } })
  assert.deepEqual(placesOf(told), [[0, 2], [1, 2], [0, 2], [1, 2]]) // biome-ignore format: one line
  assert.deepEqual(
    told.map(({ begins }) => begins),
    ['by-shape', undefined, 'by-shape', undefined],
  )
})

test('nothing is shown that would not leave the node', () => {
  const key = [
    '-----BEGIN PRIVATE KEY-----',
    'MC4CAQAwBQYDK2VwBCIEIJ',
    'c2VjcmV0LXNlY3JldA==',
    '-----END PRIVATE KEY-----',
  ]
  const lines = ['login password=hunter2secret ok', ...key, 'done']
  const told = explain(lines.map((line) => containerd(line)).join(''), { redacts: ALL_PRESETS })
  assert.equal(told.length, lines.length)
  assert.doesNotMatch(JSON.stringify(told), /hunter2|MC4CAQ|c2VjcmV0/)
  assert.match(told[0]?.text ?? '', /^login password=.*REDACTED.* ok$/)
  assert.deepEqual(placesOf(told.slice(1, 5)), [[0, 4], [1, 4], [2, 4], [3, 4]]) // biome-ignore format: one line
  assert.equal(told[2]?.text, undefined)
})

test('the first record of each stream is left out where the file does not begin there', () => {
  const frame = '\tat a.B.c(B.java:1)'
  const file =
    containerd(frame) + containerd('x', 'stderr') + containerd(frame) + containerd('next') + containerd('more')
  assert.deepEqual(
    explain(file, {}, 5000).map(({ text }) => text),
    ['next', 'more'],
  )
  assert.equal(explain(file).length, 5)
})

test('a long log is explained to its end', () => {
  const lines = Array.from({ length: 6000 }, (_, index) => `line ${index} ${'x'.repeat(50)}`)
  const told = explain(lines.map((line) => containerd(line)).join(''))
  assert.deepEqual([told.length, told.at(-1)?.text], [6000, lines.at(-1)])
})

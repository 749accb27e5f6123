import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseViewArguments, viewUsage } from '../../src/view/options.ts'

const now = Date.parse('2026-11-22T07:00:00Z')
const parse = (...argv: string[]) => parseViewArguments(argv, now)

function keeps(argv: string[], change: object): boolean {
  const request = parse(...argv)
  assert.equal(request.kind, 'options')
  const kubernetes = { namespace: 'shop', pod: 'web-1', container: 'app', labels: {}, annotations: {} }
  return request.options.filter?.({ log: '', kubernetes: { ...kubernetes, ...change } }) ?? true
}

test('without arguments shows all of standard input as text', () => {
  assert.deepEqual(parse(), {
    kind: 'options',
    options: {
      file: undefined,
      follow: false,
      filter: undefined,
      output: 'text',
      color: 'auto',
      utc: false,
      showAgent: false,
    },
  })
  assert.deepEqual(parse('-'), parse())
})

test('takes a file and every switch', () => {
  assert.deepEqual(parse('-f', 'a.ndjson', '-o', 'wide', '--color=never', '--utc', '--agent'), {
    kind: 'options',
    options: {
      file: 'a.ndjson',
      follow: true,
      filter: undefined,
      output: 'wide',
      color: 'never',
      utc: true,
      showAgent: true,
    },
  })
})

test('names may stand in one option or in several', () => {
  for (const argv of [
    ['-n', 'shop, team-*'],
    ['-n', 'shop', '--namespace', 'team-*'],
  ]) {
    assert.equal(keeps(argv, { namespace: 'shop' }), true)
    assert.equal(keeps(argv, { namespace: 'team-a' }), true)
    assert.equal(keeps(argv, { namespace: 'default' }), false)
  }
})

test('selectors of several options must all match', () => {
  const argv = ['-l', 'app in (web,api)', '-l', 'tier!=cache', '-A', 'team=payments']
  const annotations = { team: 'payments' }
  assert.equal(keeps(argv, { labels: { app: 'web' }, annotations }), true)
  assert.equal(keeps(argv, { labels: { app: 'web', tier: 'cache' }, annotations }), false)
  assert.equal(keeps(argv, { labels: { app: 'web' } }), false)
})

test('--ignore-case belongs to --grep, on whichever side it stands', () => {
  const found = (...argv: string[]) => {
    const request = parse(...argv)
    return request.kind === 'options' && request.options.filter?.({ log: 'ERROR', kubernetes: names })
  }
  const names = { namespace: 'shop', pod: 'web-1', container: 'app' }
  assert.equal(found('--grep', 'error'), false)
  assert.equal(found('--grep', 'error', '--ignore-case'), true)
  assert.equal(found('--ignore-case', '--grep', 'error'), true)
})

const faults: readonly (readonly [string, string[], RegExp])[] = [
  ['an unknown option', ['--labls', 'x'], /^unknown flag: --labls$/],
  ['an option without its value', ['--grep'], /argument: --grep/],
  ['a second file', ['a', 'b'], /expected one FILE, got 2: a b/],
  ['an invalid expression', ['--grep', '('], /--grep "\(": .*nterminated group/],
  ['a faulty label selector', ['-l', 'app in ('], /--selector "app in \(": /],
  ['a faulty annotation selector', ['-A', '=x'], /--annotations "=x": /],
  ['an empty name', ['--pod', 'web,'], /--pod "web,": expected names or globs/],
  ['an unknown stream', ['--stream', 'out'], /--stream "out": expected one of stdout, stderr/],
  ['an unknown output', ['-o', 'xml'], /--output "xml": expected one of text, wide, json, yaml/],
  ['an unknown choice of colour', ['--color', 'yes'], /--color "yes": expected one of auto, always, never/],
  ['a time that is none', ['--since', 'yesterday'], /--since "yesterday": expected a duration such as 10m/],
]
for (const [name, argv, expected] of faults) {
  test(`refuses ${name}`, () => {
    const request = parse(...argv)
    assert.equal(request.kind, 'faulty')
    assert.equal(request.faults.length, 1)
    assert.match(request.faults.join(), expected)
  })
}

test('names all faults at once', () => {
  const request = parse('--grep', '(', '--since', 'x', '-o', 'y', 'a', 'b')
  assert.equal(request.kind === 'faulty' && request.faults.length, 4)
})

test('knows every option that the usage names', () => {
  const named = [...viewUsage.matchAll(/(?<![\w-])--?[A-Za-z][\w-]*/g)].map(([option]) => option)
  assert.ok(named.length > 20)
  for (const option of new Set(named)) {
    const request = parse(option)
    assert.doesNotMatch(request.kind === 'faulty' ? request.faults.join() : '', /unknown flag/)
  }
})

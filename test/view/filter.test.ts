import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entry } from '../../src/entry/entry.ts'
import { globs } from '../../src/lib/glob.ts'
import { parseSelector } from '../../src/select/selector.ts'
import { createFilter, type FilterTerms } from '../../src/view/filter.ts'

const entry: Entry = {
  time: '2026-11-22T07:00:00.5Z',
  stream: 'stderr',
  log: 'Payment declined',
  kubernetes: {
    namespace: 'shop',
    pod: 'web-1',
    container: 'app',
    labels: { app: 'web' },
    annotations: { team: 'payments & more' },
  },
}
const bare: Entry = { log: '', kubernetes: { namespace: 'shop', pod: 'web-1', container: 'app' } }
const at = (time: string) => Date.parse(time)
const labels = (text: string) => parseSelector(text, { values: 'label' })

const cases: readonly (readonly [string, FilterTerms, Entry, boolean])[] = [
  ['a label', { labels: labels('app in (web,api)') }, entry, true],
  ['another label', { labels: labels('app!=web') }, entry, false],
  ['a label of an entry without labels', { labels: labels('app=web') }, bare, false],
  ['the absence of a label from an entry without labels', { labels: labels('!app') }, bare, true],
  ['an annotation', { annotations: parseSelector('team', { values: 'annotation' }) }, entry, true],
  ['a label is no annotation', { annotations: parseSelector('app', { values: 'annotation' }) }, entry, false],
  ['a namespace', { namespace: globs(['sh*', 'x']) }, entry, true],
  ['another namespace', { namespace: globs(['kube-*']) }, entry, false],
  ['a pod', { pod: globs(['web-?']) }, entry, true],
  ['another pod', { pod: globs(['web']) }, entry, false],
  ['a container', { container: globs(['app']) }, entry, true],
  ['another container', { container: globs(['web-1']) }, entry, false],
  ['a stream', { stream: 'stderr' }, entry, true],
  ['another stream', { stream: 'stdout' }, entry, false],
  ['a level above', { minLevel: 'warn' }, { ...entry, level: 'error' }, true],
  ['the same level', { minLevel: 'error' }, { ...entry, level: 'error' }, true],
  ['a level below', { minLevel: 'error' }, { ...entry, level: 'warn' }, false],
  ['no level, whatever the line says', { minLevel: 'error' }, { ...entry, log: '[WARN] x' }, true],
  ['no level', { minLevel: 'fatal' }, entry, true],
  ['a loss', { minLevel: 'error' }, { ...entry, lost: { bytes: 1 } }, true],
  ['a text', { grep: /declined$/ }, entry, true],
  ['a text in another case', { grep: /payment/ }, entry, false],
  ['a moment before', { sinceMs: at('2026-11-22T07:00:00.4Z') }, entry, true],
  ['the same moment', { sinceMs: at('2026-11-22T07:00:00.5Z') }, entry, true],
  ['a moment after', { sinceMs: at('2026-11-22T07:00:00.6Z') }, entry, false],
  ['an entry without a time', { sinceMs: at('2026-11-22T07:00:00.6Z') }, bare, true],
  ['two terms of which one fails', { stream: 'stderr', grep: /accepted/ }, entry, false],
]
for (const [name, terms, candidate, expected] of cases) {
  test(`${expected ? 'keeps' : 'leaves out'}: ${name}`, () => {
    assert.equal(createFilter(terms)?.(candidate), expected)
  })
}

test('is no filter without terms', () => {
  assert.equal(createFilter({}), undefined)
})

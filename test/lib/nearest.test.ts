import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from '../../src/lib/nearest.ts'

const known = ['LOGGY_LOG_LEVEL', 'sink.path', 'source.directory', 'select.labels', 'select.namespaces', 'sink']

const slips: readonly [string, string | undefined][] = [
  ['source.directry', 'source.directory'],
  ['select.label', 'select.labels'],
  ['Select.Labels', 'select.labels'],
  ['sinks', 'sink'],
  ['slect.namespace', 'select.namespaces'],
  ['output', undefined],
  ['sink.auth', undefined],
  ['sink.pth', 'sink.path'],
  ['LOGGY_LOG_LEVL', 'LOGGY_LOG_LEVEL'],
  ['', undefined],
  ['x'.repeat(1_000_000), undefined],
]

for (const [written, meant] of slips) {
  test(`${written.slice(0, 20)} is taken for ${meant ?? 'no known key'}`, () =>
    assert.equal(nearest(written, known), meant))
}

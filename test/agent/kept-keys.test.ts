import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keptKeys } from '../../src/agent/kept-keys.ts'

const enrich = {
  from: 'api' as const,
  waitForMetadata: 0,
  labels: { include: ['*'], exclude: ['*-hash'] },
  annotations: { include: ['*'], exclude: ['*/last-applied-configuration', 'vault.*'] },
  maxAnnotationBytes: 100,
  recordId: false,
  cluster: '',
  fields: {},
  namespaceLabels: false,
  nodeLabels: false,
  deletedPodGracePeriod: 0,
}
const all = { include: ['*'], exclude: [] }
const select = {
  ...{ namespaces: all, containers: all, labels: 'pod-template-hash,app in (a,b)', annotations: '!vault.io/role' },
  ...({ minLevel: 'trace', podAnnotations: true } as const),
}
const kept = keptKeys({ enrich, select })

test('labels are stored that entries show, or that the selection asks for', () => {
  for (const [key, isKept] of [
    ['app', true],
    ['pod-template-hash', true],
    ['controller-hash', false],
  ] as const)
    assert.equal(kept.label(key), isKept, key)
})

test('annotations are stored that entries show, or that decide what is read; of long ones the key', () => {
  for (const [key, bytes, as] of [
    ['team', 10, 'whole'],
    ['team', 101, 'key'],
    ['team', Infinity, 'key'],
    ['kubectl.kubernetes.io/last-applied-configuration', 10, 'nothing'],
    ['vault.io/secret', 10, 'nothing'],
    ['vault.io/secret', Infinity, 'nothing'],
    ['vault.io/role', 200, 'whole'],
    ['loggy.io/exclude', 200, 'whole'],
  ] as const)
    assert.equal(kept.annotation(key, bytes), as, `${key} of ${bytes} bytes`)
})

test('the rules are the same text for the same options, and another for others', () => {
  assert.equal(keptKeys({ enrich, select }).rules, kept.rules)
  assert.equal(keptKeys({ enrich: { ...enrich, cluster: 'c' }, select }).rules, kept.rules)
  const others = [
    { enrich: { ...enrich, maxAnnotationBytes: 99 }, select },
    { enrich: { ...enrich, labels: all }, select },
    { enrich: { ...enrich, annotations: all }, select },
    { enrich, select: { ...select, labels: 'app' } },
    { enrich, select: { ...select, annotations: 'vault.io/other' } },
  ]
  assert.equal(new Set([kept.rules, ...others.map((config) => keptKeys(config).rules)]).size, 1 + others.length)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tenants } from '../../src/select/tenant.ts'

const podOf = (tenant: string) => ({ annotations: { 'loggy.io/tenant': tenant } })

test('a pod has the tenant that it chooses, if that is allowed, and else the usual one', () => {
  const tenants = new Tenants({ name: 'usual', allow: ['team-*', 'x'] })
  assert.equal(tenants.of(podOf('team-a')), 'team-a')
  assert.equal(tenants.of(podOf('x')), 'x')
  for (const tenant of ['', 'y', 'usual2', 'a-team-b']) assert.equal(tenants.of(podOf(tenant)), 'usual')
  assert.equal(tenants.of({ annotations: {} }), 'usual')
  assert.equal(tenants.of(undefined), 'usual')
})

test('a dataset is chosen by an annotation of its own, in small letters and without hyphens', () => {
  const datasets = new Tenants({ name: '', allow: ['*'], by: 'dataset' })
  const of = (dataset: string) => datasets.of({ annotations: { 'loggy.io/dataset': dataset, 'loggy.io/tenant': 'a' } })
  for (const dataset of ['shop', 'nginx.access_1']) assert.equal(of(dataset), dataset)
  for (const dataset of ['', 'a-b', 'Shop', 'a/b', 'é', 'a b', '*', 'x'.repeat(101)]) assert.equal(of(dataset), '')
  assert.equal(new Tenants({ name: '', allow: ['*'] }).of({ annotations: { 'loggy.io/dataset': 'shop' } }), '')
})

test('what cannot stand in a header is not allowed, whatever the globs say', () => {
  const tenants = new Tenants({ name: '', allow: ['*'] })
  for (const tenant of ['a b', 'a\r\nX-Other: b', 'é', '\u0000', 'x'.repeat(151), ''])
    assert.equal(tenants.of(podOf(tenant)), '')
  assert.equal(tenants.of(podOf('a.b_c-d/9')), 'a.b_c-d/9')
})

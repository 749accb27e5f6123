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

test('what cannot stand in a header is not allowed, whatever the globs say', () => {
  const tenants = new Tenants({ name: '', allow: ['*'] })
  for (const tenant of ['a b', 'a\r\nX-Other: b', 'é', '\u0000', 'x'.repeat(151), ''])
    assert.equal(tenants.of(podOf(tenant)), '')
  assert.equal(tenants.of(podOf('a.b_c-d/9')), 'a.b_c-d/9')
})

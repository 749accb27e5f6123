import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isExempt } from '../../src/transports/no-proxy.ts'

/** Each was also asked of Go 1.26, `x/net/http/httpproxy`. */
const cases: readonly [noProxy: string, host: string, isExempt: boolean, port?: string][] = [
  ['', 'a.example', false],
  ['', 'localhost', true],
  ['', '127.0.0.1', true],
  ['', '127.8.0.1', true],
  ['', '::1', true],
  ['*', 'a.example', true],
  ['*', '10.0.0.1', true],
  ['b.example, *', 'a.example', true],
  ['a.example', 'a.example', true],
  ['A.Example', 'a.example', true],
  ['a.example', 'b.a.example', true],
  ['a.example', 'ba.example', false],
  ['.a.example', 'a.example', false],
  ['.a.example', 'b.a.example', true],
  ['*.a.example', 'a.example', false],
  ['*.a.example', 'b.a.example', true],
  ['*a.example', 'ba.example', false],
  ['.svc,.cluster.local', 'otel.monitoring.svc', true],
  ['.svc,.cluster.local', 'otel.monitoring.svc.cluster.local', true],
  ['.svc', 'otel.monitoring', false],
  ['a.example:8080', 'a.example', false],
  ['a.example:8080', 'a.example', true, '8080'],
  ['.a.example:8080', 'b.a.example', true, '8080'],
  [':443', 'a.example', false],
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1:443', '10.0.0.1', true],
  ['10.0.0.1:80', '10.0.0.1', false],
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.7/8', '10.255.0.1', true],
  ['10.0.0.0/33', '10.0.0.1', false],
  ['10.0.0.0/8', 'ten.example', false],
  ['fd00::/8', 'fd00:10::1', true],
  ['fd00::/8', '10.0.0.1', false],
  ['0.0.0.0/0', 'fd00::1', false],
  ['FD00::1', 'fd00::1', true],
  ['fd00:0:0::1', 'fd00::1', true],
  ['[fd00::1]:443', 'fd00::1', true],
  ['[fd00::1]:80', 'fd00::1', false],
  ['0.0.1', '10.0.0.1', false],
  ['example', '10.0.0.1', false],
  [' ,, ', 'a.example', false],
]

for (const [noProxy, host, expected, port = '443'] of cases) {
  test(`NO_PROXY=${JSON.stringify(noProxy)} ${expected ? 'exempts' : 'does not exempt'} ${host} port ${port}`, () => {
    assert.equal(isExempt(noProxy, { host, port }), expected)
  })
}

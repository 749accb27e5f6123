import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Collector } from './support/collector.ts'
import { ProxyServer } from './support/proxy-server.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const material = (name: string) => new URL(`support/tls/${name}`, import.meta.url)
const LINES = 3000
const pod = { namespace: 'shop', name: 'web', containers: [{ name: 'app', image: 'app:1' }] }

test('through a proxy that refuses, dies and comes back every line arrives, and the log says whose fault it is', async (t) => {
  const tls = { cert: readFileSync(material('server.crt')), key: readFileSync(material('server.key')) }
  const collector = new Collector({ tls })
  await collector.start()
  t.after(() => collector.stop())
  const proxy = await ProxyServer.start(t)
  const url = `https://collector.test:${new URL(collector.url).port}/entries`
  const config = { sink: { type: 'http', url, tls: { caFile: material('authority.crt').pathname } } }
  const node = await TestNode.start(t, { config })
  const container = node.kubelet.startPod(pod).container()
  const write = (count: number) => {
    for (let left = count; left > 0; left -= 1) container.write('stdout', 'x'.repeat(500))
  }
  const arrived = () => collector.received().length
  const said = (kind: RegExp) => () => node.agentLog.some((line) => kind.test(JSON.stringify(line)))
  write(LINES)
  proxy.refuse = () => 407
  await node.startAgent({ HTTPS_PROXY: `http://me:hunter2@127.0.0.1:${proxy.port}`, NO_PROXY: '10.0.0.0/8,.svc' })
  await waitUntil('a 407 is said to be the proxy’s', said(/proxy .* says 407.*credentials/))
  assert.equal(arrived(), 0)
  proxy.refuse = () => undefined
  await waitUntil('all have come', () => arrived() >= LINES)
  await proxy.down()
  write(LINES)
  await waitUntil('the proxy is said to be away', said(/the proxy .* cannot be reached/))
  await proxy.up()
  write(LINES)
  await waitUntil('all have come', () => arrived() >= 3 * LINES)
  assert.equal(await node.stopAgent(), 0)
  assert.doesNotMatch(JSON.stringify([node.agentLog, node.noise]), /hunter2/)
  // Not the API server's.
  assert.ok(proxy.requests.every(({ method, target }) => method === 'CONNECT' && target.startsWith('collector.test:')))
})

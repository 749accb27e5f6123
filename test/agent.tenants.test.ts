import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { Collector } from './support/collector.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const podOf = (name: string, tenant?: string): PodSpec => ({
  namespace: 'shop',
  name,
  containers: [{ name: 'app', image: 'app:1' }],
  ...(tenant !== undefined && { annotations: { 'loggy.io/tenant': tenant } }),
})

async function setUp(t: TestContext, tenant: object) {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  const config = { sink: { type: 'http', url: collector.url, maxInFlight: 2, tenant } }
  const node = await TestNode.start(t, { config })
  /** Logs that were taken for a tenant. */
  const taken = (name: string) =>
    collector.accepted.flatMap(({ headers, lines }) => (headers['x-scope-orgid'] === name ? lines : []))
  const logs = (name: string) => taken(name).map((line) => JSON.parse(line).log)
  return { collector, node, logs }
}

test('a pod chooses its tenant among those allowed; else it is the usual one', async (t) => {
  const { node, logs } = await setUp(t, { name: 'usual', allow: ['team-*'] })
  for (const [name, tenant] of [
    ['a', 'team-a'],
    ['b', 'team-b'],
    ['c', 'other'],
    ['d', undefined],
  ] as const) {
    node.kubelet.startPod(podOf(name, tenant)).container().write('stdout', `of ${name}`)
  }
  await node.startAgent()
  await waitUntil('all are there', () => logs('usual').length === 2)
  await waitUntil('all are there', () => logs('team-a').length === 1 && logs('team-b').length === 1)
  assert.deepEqual(logs('team-a'), ['of a'])
  assert.deepEqual(logs('team-b'), ['of b'])
  assert.deepEqual(logs('usual').sort(), ['of c', 'of d'])
})

for (const [what, answer] of [
  ['refused', { status: 429, body: 'too much' }],
  ['refused for what it sends', { status: 400, body: 'no such tenant' }],
] as const) {
  test(`a tenant that is ${what} holds up no other, and loses nothing`, async (t) => {
    const { collector, node, logs } = await setUp(t, { allow: ['*'] })
    const isRefused = (tenant: unknown) => tenant === 'bad' || tenant === 'worse'
    collector.refuseIf((_, headers) => (isRefused(headers['x-scope-orgid']) ? answer : undefined))
    const [bad, worse, good] = ['bad', 'worse', 'good'].map((name) =>
      node.kubelet.startPod(podOf(name, name)).container(),
    )
    const write = (count: number, from: number) => {
      for (let number = from; number < from + count; number += 1) {
        for (const container of [bad, worse, good]) container?.write('stdout', `${number} ${'x'.repeat(8000)}`)
      }
    }
    write(800, 0) // 6 MB each: more than their batches hold
    await node.startAgent()
    await waitUntil('the good one is read', () => logs('good').length === 800)
    write(50, 800)
    await waitUntil('the good one goes on', () => logs('good').length === 850)
    assert.equal(logs('bad').length + logs('worse').length, 0)
    collector.refuseIf(() => undefined)
    const numbers = (name: string) =>
      [...new Set(logs(name).map((log) => Number.parseInt(log, 10)))].sort((a, b) => a - b)
    await waitUntil('all are there', () => numbers('bad').length === 850 && numbers('worse').length === 850)
    const all = Array.from({ length: 850 }, (_, index) => index)
    assert.deepEqual([numbers('bad'), numbers('worse'), numbers('good')], [all, all, all])
    assert.equal(await node.stopAgent(), 0)
    assert.deepEqual(node.noise, [])
  })
}

test('what waited for room is read as soon as a batch whose entry is in doubt gives its slot away', async (t) => {
  const seen: string[] = []
  const held: (() => void)[] = []
  const server = createServer(async (request, response) => {
    const lines = Buffer.concat(await request.toArray()).toString()
    const isFirst = !seen.includes(lines) // one that is sent again would keep the only request that may be on the way
    seen.push(lines)
    if (isFirst && lines.includes('held')) await new Promise<void>((resolve) => held.push(resolve))
    response.writeHead(lines.includes('poison') ? 400 : 204).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sink = { type: 'http', url, maxInFlight: 1, tenant: { allow: ['*'] } }
  const node = await TestNode.start(t, { config: { sink } })
  const [bad, waiting, other] = ['shared', 'shared', 'other'].map((tenant, index) =>
    node.kubelet.startPod(podOf(`pod-${index}`, tenant)).container(),
  )
  const isSeen = (text: string) => seen.some((lines) => lines.includes(text))
  bad?.write('stdout', 'poison, held')
  await node.startAgent()
  await waitUntil('it is on the way', () => isSeen('poison'))
  waiting?.write('stdout', 'good')
  other?.write('stdout', 'one of another')
  await waitUntil('what was written later has come', () => isSeen('one of another'))
  other?.write('stdout', 'the last one, held')
  await waitUntil('its ack is done with: no other will come', () => isSeen('the last one'))
  assert.equal(isSeen('good'), false)
  held[0]?.()
  // Less than the 30 s after which each log is looked at whatever was missed.
  await waitUntil('it is read', () => isSeen('good'), 25_000)
})

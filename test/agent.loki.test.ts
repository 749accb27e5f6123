import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { LokiServer } from './support/loki-server.ts'
import * as words from './support/loki-words.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const podOf = (name: string, more: Partial<PodSpec> = {}): PodSpec => ({
  namespace: 'shop',
  name,
  labels: { app: name, tier: 'front' },
  containers: [{ name: 'app', image: 'shop/app:1' }],
  ...more,
})

async function setUp(t: TestContext, sink: object = {}, enrich: object = {}) {
  const server = await LokiServer.start(t)
  const node = await TestNode.start(t, { config: { sink: { type: 'loki', url: server.url, ...sink }, enrich } })
  return { server, node }
}

const linesOf = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name} ${index}`)

test('a type and an address are enough: a stream for each container, in JSON and gzip, with few fields per entry', async (t) => {
  const { server, node } = await setUp(t, {}, { cluster: 'prod', fields: { env: 'test' } })
  for (const name of ['web', 'db']) {
    const container = node.kubelet.startPod(podOf(name)).container()
    for (const [index, line] of linesOf(name, 300).entries()) container.write(index % 2 ? 'stderr' : 'stdout', line)
  }
  await node.startAgent()
  await waitUntil('all lines', () => server.stored.length === 600)
  for (const name of ['web', 'db']) {
    assert.deepEqual(server.lines(name), linesOf(name, 300))
    const own = server.stored.filter(({ own: { pod } }) => pod === name)
    const node1 = node.kubelet.nodeName
    for (const [index, { labels, own: metadata }] of own.entries()) {
      assert.deepEqual(labels, {
        env: 'test',
        cluster: 'prod',
        namespace: 'shop',
        app: name,
        container: 'app',
        node: node1,
      })
      const { uid, ...others } = metadata
      assert.match(String(uid), /^[0-9a-f-]{36}$/)
      assert.deepEqual(others, { pod: name, restart: '0', stream: index % 2 ? 'stderr' : 'stdout' })
    }
  }
  for (const { path, headers } of server.requests) {
    assert.equal(path, '/loki/api/v1/push')
    assert.deepEqual([headers['content-encoding'], headers['content-type']], ['gzip', 'application/json'])
    assert.equal(headers['x-scope-orgid'], undefined)
  }
})

test('what Loki ignores of a stream is dead letters, found by halves behind the ten that it names; nothing else is', async (t) => {
  const { server, node } = await setUp(t)
  server.judge = (_, entry) => (/web \d*7$/.test(entry.line) ? words.tooFarBehind(entry) : undefined)
  for (const name of ['web', 'db']) {
    const container = node.kubelet.startPod(podOf(name)).container()
    for (const line of linesOf(name, 300)) container.write('stdout', line)
  }
  await node.startAgent()
  await waitUntil('dead letters and the others', () => node.deadLetters().length === 30 && server.stored.length === 570)
  assert.deepEqual(
    new Set(node.deadLetters().map(({ log }) => log)),
    new Set(linesOf('web', 300).filter((line) => line.endsWith('7'))),
  )
  assert.ok(server.requests.length < 20, `${server.requests.length} requests`)
  for (const { deadLetter, kubernetes } of node.deadLetters()) {
    assert.equal(deadLetter.reason, 'entry too far behind, oldest acceptable timestamp is: 2026-11-29T10:00:00Z')
    assert.deepEqual([deadLetter.status, kubernetes.labels.tier, kubernetes.image], [400, 'front', 'shop/app:1'])
  }
})

test('lines of a container that are all too old are dead letters after one answer, and those behind them arrive', async (t) => {
  const { server, node } = await setUp(t)
  server.validate = (labels, entry) => (entry.line.startsWith('old') ? words.tooOld(labels, entry) : undefined)
  const web = node.kubelet.startPod(podOf('web')).container()
  for (const line of linesOf('old', 200)) web.write('stdout', line)
  await node.startAgent()
  await waitUntil('dead letters', () => node.deadLetters().length === 200)
  assert.ok(server.requests.length < 4, `${server.requests.length} requests`)
  web.write('stdout', 'new')
  await waitUntil('the last line', () => server.lines().includes('new'))
})

test('a stream that Loki does not make is waited for, though it says 204 to it among others', async (t) => {
  const { server, node } = await setUp(t)
  server.isFull = ({ app }) => app === 'db'
  // Both are in one batch, and the last one is taken: Loki would tell of that one only.
  for (const name of ['db', 'web']) {
    const container = node.kubelet.startPod(podOf(name)).container()
    for (const line of linesOf(name, 20)) container.write('stdout', line)
  }
  await node.startAgent()
  const told = () => node.agentLog.find(({ error }) => String(error).includes('as many active streams'))
  await waitUntil('it is told', () => told() !== undefined)
  assert.equal(told()?.level, 'error')
  assert.match(String(told()?.error), /raise `max_global_streams_per_user`/)
  server.isFull = () => false
  await waitUntil('all lines', () => server.stored.length === 40)
  assert.deepEqual(server.lines('db'), linesOf('db', 20))
  assert.deepEqual(node.deadLetters(), [])
})

test('what was sent when the agent was killed is sent again, and Loki has it once', async (t) => {
  const { server, node } = await setUp(t, {}, { recordId: true })
  const web = node.kubelet.startPod(podOf('web')).container()
  for (const line of linesOf('web', 200)) web.write('stdout', line)
  server.answer = (request) => {
    server.push(request)
    return { status: 503, body: 'the proxy has lost the answer' }
  }
  await node.startAgent()
  await waitUntil('it is sent again', () => server.requests.length > 2)
  await node.kill()
  web.rotate()
  server.answer = () => undefined
  web.write('stdout', 'last')
  await node.startAgent()
  await waitUntil('all lines', () => server.lines().includes('last'))
  assert.deepEqual(server.lines(), [...linesOf('web', 200), 'last'])
  assert.equal(new Set(server.stored.map(({ own }) => own.id)).size, 201)
  assert.deepEqual(node.deadLetters(), [])
})

test('lines that are longer than Loki takes are cut and flagged, and arrive', async (t) => {
  const { server, node } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  server.validate = (labels, entry) =>
    Buffer.byteLength(entry.line) > 262_144 ? words.tooLong(labels, entry) : undefined
  web.write('stdout', 'x'.repeat(300_000))
  web.write('stdout', 'y'.repeat(262_144))
  await node.startAgent()
  await waitUntil('both lines', () => server.stored.length === 2)
  const found = server.stored.map(({ line, own: { truncated, originalBytes } }) => [
    line.length,
    truncated,
    originalBytes,
  ])
  assert.deepEqual(found, [
    [262_144, 'true', '300000'],
    [262_144, undefined, undefined],
  ])
  assert.deepEqual(node.deadLetters(), [])
})

test('a tenant that is over its limit holds up no other; labels and annotations come as chosen', async (t) => {
  const tenant = { name: 'usual', allow: ['team-*'] }
  const structuredMetadata = { labels: ['tier'], annotations: ['note/*'] }
  const { server, node } = await setUp(t, { tenant, structuredMetadata })
  let isLimited = true
  server.answer = ({ headers }) =>
    isLimited && headers['x-scope-orgid'] === 'team-b'
      ? { status: 429, body: words.rateLimit(), headers: { 'retry-after': '1' } }
      : undefined
  for (const name of ['a', 'b']) {
    const annotations = { 'loggy.io/tenant': `team-${name}`, 'note/x-y': 'n' }
    const container = node.kubelet.startPod(podOf(name, { annotations })).container()
    for (const line of linesOf(name, 20)) container.write('stdout', line)
  }
  node.kubelet.startPod(podOf('c')).container().write('stdout', 'c 0')
  await node.startAgent()
  await waitUntil('the other tenants', () => server.stored.length === 21)
  isLimited = false
  await waitUntil('all lines', () => server.stored.length === 41)
  for (const { tenant: name, own } of server.stored) {
    assert.equal(name, own.pod === 'c' ? 'usual' : `team-${own.pod}`)
    assert.equal(own.label_tier, 'front')
    assert.equal(own.annotation_note_x_y, own.pod === 'c' ? undefined : 'n')
    assert.equal(own.label_app, undefined)
  }
  assert.deepEqual(node.deadLetters(), [])
})

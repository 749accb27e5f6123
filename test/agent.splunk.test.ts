import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { HecServer } from './support/hec-server.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web: PodSpec = {
  namespace: 'shop',
  name: 'web',
  labels: { app: 'web' },
  containers: [{ name: 'app', image: 'shop/app:1' }],
}

async function setUp(t: TestContext, sink: object = {}, config: object = {}) {
  const server = await HecServer.start(t)
  const node = await TestNode.start(t, { config: { ...config, sink: { type: 'splunk', url: server.url, ...sink } } })
  const container = node.kubelet.startPod(web).container()
  const write = (count: number) => {
    for (let number = 0; number < count; number += 1) container.write('stdout', `line ${number}`)
  }
  return { server, node, container, write, letters: () => node.deadLetters() }
}

const numbered = (count: number) => Array.from({ length: count }, (_, number) => `line ${number}`)

test('a type, an address and a token are enough: events in gzip with their time, place and pod', async (t) => {
  const tokenFile = join(temporaryDirectory(t), 'token')
  writeFileSync(tokenFile, 'a-token\n')
  const { server, node, write, container } = await setUp(t, { tokenFile })
  server.token = 'a-token'
  write(500)
  container.write('stdout', '')
  await node.startAgent()
  await waitUntil('all lines', () => server.stored.length === 501)
  assert.deepEqual(server.lines(), [...numbered(500), { log: '' }])
  for (const { host, source, sourcetype, index, time, fields } of server.stored) {
    assert.deepEqual(
      [host, source, sourcetype, index],
      [node.kubelet.nodeName, 'shop/web/app', 'kube:container:app', undefined],
    )
    assert.ok(Math.abs(Number(time) - Date.now() / 1000) < 600)
    assert.deepEqual([Object(fields)['k8s.pod.name'], Object(fields)['k8s.pod.label.app']], ['web', 'web'])
  }
  for (const { path, headers } of server.requests) {
    assert.equal(path, '/services/collector/event')
    assert.deepEqual([headers['content-encoding'], headers['content-type']], ['gzip', 'application/json'])
    assert.match(String(headers['x-splunk-request-channel']), /^[0-9a-f-]{36}$/)
  }
})

test('a token or index that is not known loses nothing, is told once, and is never shown', async (t) => {
  const tokenFile = join(temporaryDirectory(t), 'token')
  writeFileSync(tokenFile, 'expired-0123\n')
  const { server, node, write, letters } = await setUp(t, { tokenFile, index: 'k8s' })
  Object.assign(server, { token: 'fresh-4567', index: 'main' })
  write(3)
  await node.startAgent()
  const errors = () => node.agentLog.flatMap(({ level, error }) => (level === 'error' ? [error] : []))
  await waitUntil('the complaint', () => errors().length === 1)
  writeFileSync(tokenFile, 'fresh-4567\n')
  await waitUntil('the next complaint', () => errors().length === 2)
  server.index = 'k8s'
  await waitUntil('all lines', () => server.stored.length === 3)
  assert.deepEqual(errors(), [
    'Invalid token (code 4): Splunk does not know the token',
    'wrong (code 7): there is no such index, or the token may not write to it: see sink.index',
  ])
  assert.doesNotMatch(JSON.stringify(node.agentLog), /expired-0123|fresh-4567/)
  assert.deepEqual(letters(), [])
})

test('the event that Splunk names is a dead letter; those before and behind it are stored, each once', async (t) => {
  const { server, node, write, letters } = await setUp(t)
  server.judge = ({ event }) => (event === 'line 7' || event === 'line 60' ? 6 : undefined)
  write(100)
  await node.startAgent()
  await waitUntil('the dead letters and the others', () => letters().length === 2 && server.stored.length >= 98)
  assert.deepEqual(
    server.lines(),
    numbered(100).filter((line) => line !== 'line 7' && line !== 'line 60'),
  )
  assert.deepEqual(
    letters().map(({ log, kubernetes, deadLetter }) => [log, kubernetes.pod, deadLetter.status, deadLetter.reason]),
    ['line 7', 'line 60'].map((log) => [log, 'web', 'HEC 6', 'wrong (code 6)']),
  )
})

test('with acknowledgements a line is delivered when it is indexed, asked of the server that has it', async (t) => {
  const { server, node, write, container } = await setUp(t)
  Object.assign(server, { hasAcks: true, isStuck: true })
  write(100)
  await node.startAgent()
  await waitUntil('it is asked', () => server.questions.length > 1)
  // The balancer sends who has no cookie to another server from now on.
  server.server = 'b'
  assert.equal(server.stored.length, 0)
  await node.kill()
  container.rotate()
  server.isStuck = false
  await node.startAgent()
  await waitUntil('all lines', () => server.stored.length === 100)
  container.write('stdout', 'last')
  await waitUntil('the last line', () => server.lines().includes('last'))
  assert.deepEqual(server.lines(), [...numbered(100), 'last'])
  const { acks, headers } = server.questions.at(-1) ?? { acks: [], headers: {} }
  assert.equal(acks.length, 1)
  const sent = server.requests.at(-1)?.headers
  assert.deepEqual(
    [headers.cookie, headers['x-splunk-request-channel'], headers['content-encoding']],
    ['server=b', sent?.['x-splunk-request-channel'], undefined],
  )
  assert.equal(await node.stopAgent(), 0)
})

test('a server that is too busy for all of a request gets the rest of it again, and then all lines', async (t) => {
  const { server, node, write, letters } = await setUp(t)
  let isBusy = true
  server.judge = ({ event }) => (isBusy && event === 'line 50' ? 9 : undefined)
  write(100)
  await node.startAgent()
  await waitUntil(
    'half of the lines, and further tries',
    () => server.stored.length === 50 && server.requests.length > 2,
  )
  isBusy = false
  await waitUntil('all lines', () => server.stored.length === 100)
  assert.deepEqual(server.lines(), numbered(100))
  assert.deepEqual(letters(), [])
})

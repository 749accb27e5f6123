import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { replay } from '../src/commands/replay.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { BulkServer } from './support/bulk-server.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const podOf = (name: string, annotations: Readonly<Record<string, string>> = {}): PodSpec => ({
  namespace: 'shop',
  name,
  labels: { app: name, 'app.kubernetes.io/name': name },
  annotations,
  containers: [{ name: 'app', image: 'shop/app:1' }],
})

async function setUp(t: TestContext, sink: object = {}) {
  const server = await BulkServer.start(t)
  const node = await TestNode.start(t, { config: { sink: { type: 'elasticsearch', url: server.url, ...sink } } })
  return { server, node }
}

/** How often each message was sent. */
function sendings({ requests }: BulkServer): Map<string, number> {
  const all = requests.flatMap(({ documents }) => documents.map(({ source }) => source.message))
  return new Map([...Map.groupBy(all, (message) => message)].map(([message, same]) => [message, same.length]))
}

test('a type and an address are enough: bulk requests in gzip, with ids, to the usual data stream', async (t) => {
  const { server, node } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  for (let number = 0; number < 500; number += 1) web.write('stdout', `line ${number}`)
  await node.startAgent()
  await waitUntil('all lines', () => server.stored.size === 500)
  assert.deepEqual(
    server.messages(),
    Array.from({ length: 500 }, (_, number) => `line ${number}`),
  )
  for (const { index, id, source } of server.stored.values()) {
    assert.equal(index, 'logs-kubernetes.container_logs-default')
    assert.match(id, /^[0-9a-f]{16}-[0-9a-f]{12}-[0-9a-f]{8}$/)
    assert.deepEqual(Object(source.kubernetes).labels, { app: 'web', 'app_kubernetes_io/name': 'web' })
  }
  for (const { url, headers } of server.requests) {
    assert.match(url, /^\/_bulk\?filter_path=errors/)
    assert.deepEqual([headers['content-encoding'], headers['content-type']], ['gzip', 'application/x-ndjson'])
  }
})

test('of a request with 200 only items that failed for a while are sent again, and nothing is stored twice', async (t) => {
  const { server, node } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  let isBusy = true
  const busy = { status: 429, type: 'es_rejected_execution_exception', reason: 'rejected execution' }
  server.judge = ({ source }) => (isBusy && /[37]$/.test(source.message) ? busy : undefined)
  for (let number = 0; number < 100; number += 1) web.write('stdout', `line ${number}`)
  await node.startAgent()
  await waitUntil('the others', () => server.stored.size === 80 && server.requests.length > 2)
  isBusy = false
  await waitUntil('all lines', () => server.stored.size === 100)
  for (const [message, count] of sendings(server)) assert.equal(count > 1, /[37]$/.test(message), message)
  assert.deepEqual(node.deadLetters(), [])
  const told = node.agentLog.filter(({ message }) => message.includes('does not accept entries'))
  assert.equal(told[0]?.error, 'es_rejected_execution_exception: rejected execution')
})

test('a document that the mapping refuses is a dead letter with the reason, and a replay stores it under its id', async (t) => {
  const { server, node } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  const fault = { status: 400, type: 'mapper_parsing_exception', reason: 'failed to parse field [message]' }
  server.judge = ({ source }) => (source.message.startsWith('bad') ? fault : undefined)
  for (const line of ['a', 'bad 1', 'b', 'bad 2', 'c']) web.write('stdout', line)
  await node.startAgent()
  await waitUntil('the dead letters and the others', () => node.deadLetters().length === 2 && server.stored.size === 3)
  assert.equal(await node.stopAgent(), 0)
  for (const [message, count] of sendings(server)) assert.equal(count, 1, message)
  const [{ deadLetter, log, kubernetes, id }] = node.deadLetters()
  assert.deepEqual([log, kubernetes.pod, kubernetes.labels['app.kubernetes.io/name']], ['bad 1', 'web', 'web'])
  assert.deepEqual(
    [deadLetter.sink, deadLetter.status, deadLetter.reason],
    ['elasticsearch', 400, 'mapper_parsing_exception: failed to parse field [message]'],
  )
  const sent = server.requests.flatMap(({ documents }) => documents).find(({ source }) => source.message === 'bad 1')
  assert.equal(id, sent?.id)
  server.judge = () => undefined
  const io = { env: {}, stdout: { write: () => {} }, stderr: process.stderr, signal: new AbortController().signal }
  assert.equal(await replay([node.deadLetterPath, '--config', node.configPath], io), 0)
  const again = [...server.stored.values()].find(({ source }) => source.message === 'bad 1')
  assert.deepEqual(again, sent)
})

test('what was stored before an answer was lost, or the agent killed, is stored once', async (t) => {
  const { server, node } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  server.answer = () => ({ status: 503, body: 'the proxy has lost the answer' })
  for (let number = 0; number < 200; number += 1) web.write('stdout', `line ${number}`)
  await node.startAgent()
  await waitUntil('it is sent again', () => server.requests.length > 2)
  await node.kill()
  web.rotate()
  server.answer = () => undefined
  web.write('stdout', 'last')
  await node.startAgent()
  await waitUntil('all lines', () => server.messages().includes('last'))
  assert.equal(server.stored.size, 201)
  assert.deepEqual(node.deadLetters(), [])
})

test('a 200 that is no answer of the bulk API is an error, and what was sent is sent again', async (t) => {
  const { server, node } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  server.answer = () => ({ status: 200, body: '<html>Sign in</html>' })
  web.write('stdout', 'line')
  await node.startAgent()
  await waitUntil('the complaint', () => node.agentLog.some(({ level }) => level === 'error'))
  assert.match(
    String(node.agentLog.find(({ level }) => level === 'error')?.error),
    /no answer of the bulk API.*Sign in/,
  )
  server.answer = () => undefined
  const count = server.requests.length
  await waitUntil('it is sent again', () => server.requests.length > count)
  assert.deepEqual(server.messages(), ['line'])
})

test('an answer that is too long to read is asked for in smaller parts', async (t) => {
  const { server, node } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  const padding = ' '.repeat(5 << 20)
  server.answer = ({ documents }, answer) =>
    documents.length > 30 ? { status: 200, body: `${answer.slice(0, -1)}${padding}}` } : undefined
  const fault = { status: 400, type: 'mapper_parsing_exception', reason: 'x' }
  server.judge = ({ source }) => (source.message === 'line 50' ? fault : undefined)
  for (let number = 0; number < 100; number += 1) web.write('stdout', `line ${number}`)
  await node.startAgent()
  await waitUntil('the dead letter', () => node.deadLetters().length === 1)
  web.write('stdout', 'last')
  await waitUntil('the last line', () => server.messages().includes('last'))
  assert.equal(node.deadLetters()[0].log, 'line 50')
  assert.equal(server.stored.size, 100)
})

test('a pod chooses its dataset among those allowed, and one that is blocked holds up no other', async (t) => {
  const dataStream = { namespace: 'prod', allow: ['shop.*', 'Bad-One'] }
  const { server, node } = await setUp(t, { dataStream, maxInFlight: 2 })
  const chosen = { a: 'shop.a', b: 'shop.b', c: 'other', d: 'Bad-One', e: undefined }
  let isBlocked = true
  const blocked = { status: 403, type: 'cluster_block_exception', reason: 'index read-only' }
  server.judge = ({ index }) => (isBlocked && index.includes('shop.b') ? blocked : undefined)
  const containers = Object.entries(chosen).map(([name, dataset]) =>
    node.kubelet.startPod(podOf(name, dataset ? { 'loggy.io/dataset': dataset } : {})).container(),
  )
  const write = (from: number) => {
    for (let number = from; number < from + 400; number += 1)
      for (const container of containers) container.write('stdout', `${number} ${'x'.repeat(8000)}`)
  }
  write(0)
  await node.startAgent()
  write(400)
  await waitUntil('all others', () => server.stored.size === 4 * 800)
  const indices = () => Map.groupBy(server.stored.values(), ({ index }) => index)
  const found = [...indices()].map(([index, documents]) => {
    const pods = new Set(documents.map(({ source }) => Object(source.kubernetes).pod.name))
    return [index, [...pods].sort().join()]
  })
  assert.deepEqual(found.sort(), [
    ['logs-kubernetes.container_logs-prod', 'c,d,e'],
    ['logs-shop.a-prod', 'a'],
  ])
  isBlocked = false
  await waitUntil('the blocked one too', () => server.stored.size === 5 * 800)
  assert.ok(node.agentLog.some(({ level, error }) => level === 'error' && String(error).includes('index read-only')))
})

test('name and password are sent, and the password is read again when it changes', async (t) => {
  const passwordFile = join(temporaryDirectory(t), 'password')
  writeFileSync(passwordFile, 'first \n')
  const { server, node } = await setUp(t, { username: 'é', passwordFile })
  const basic = (password: string) => `Basic ${Buffer.from(`é:${password}`).toString('base64')}`
  let password = 'first '
  server.answer = ({ headers }) => (headers.authorization === basic(password) ? undefined : { status: 401, body: '' })
  const web = node.kubelet.startPod(podOf('web')).container()
  web.write('stdout', 'one')
  await node.startAgent()
  await waitUntil('the first', () => server.messages().includes('one'))
  assert.equal(server.requests.at(-1)?.headers.authorization, basic('first '))
  password = 'second'
  writeFileSync(passwordFile, 'second\n')
  web.write('stdout', 'two')
  await waitUntil('the second', () => server.requests.at(-1)?.headers.authorization === basic('second'))
  assert.ok(!JSON.stringify(node.agentLog).includes('first '))
})

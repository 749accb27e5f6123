import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { replay } from '../src/commands/replay.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { DatadogServer } from './support/datadog-server.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web: PodSpec = {
  namespace: 'shop',
  name: 'web',
  labels: { app: 'web', 'tags.datadoghq.com/env': 'prod' },
  containers: [{ name: 'app', image: 'shop/app:1' }],
}

async function setUp(t: TestContext, sink: object = {}) {
  const server = await DatadogServer.start(t)
  const node = await TestNode.start(t, { config: { sink: { type: 'datadog', url: server.url, ...sink } } })
  const container = node.kubelet.startPod(web).container()
  return { server, node, container, letters: () => node.deadLetters() }
}

test('a type and an address are enough: arrays in gzip of at most 1,000 logs, each with its pod', async (t) => {
  const { server, node, container } = await setUp(t)
  for (let number = 0; number < 2500; number += 1) container.write('stdout', `[warn] line ${number}`)
  await node.startAgent()
  await waitUntil('all lines', () => server.messages().length === 2500)
  assert.deepEqual(new Set(server.messages()).size, 2500)
  for (const { path, headers, logs } of server.taken) {
    assert.equal(path, '/api/v2/logs')
    assert.deepEqual([headers['content-encoding'], headers['content-type']], ['gzip', 'application/json'])
    for (const { timestamp = 0, status, service, hostname, ddtags, ...log } of logs) {
      assert.ok(Math.abs(timestamp - Date.now()) < 600_000)
      assert.deepEqual(
        [status, service, hostname, log['k8s.pod.label.app']],
        ['warn', 'web', node.kubelet.nodeName, 'web'],
      )
      assert.match(String(ddtags), /^env:prod,.*kube_namespace:shop,pod_name:web/)
    }
  }
  assert.deepEqual(server.refused, [])
})

test('an API key that is not known loses nothing, is read again when it changes, and is never shown', async (t) => {
  const apiKeyFile = join(temporaryDirectory(t), 'key')
  writeFileSync(apiKeyFile, 'expired-0123\n')
  const { server, node, container, letters } = await setUp(t, { apiKeyFile })
  server.apiKey = 'fresh-4567'
  container.write('stdout', 'line')
  await node.startAgent()
  await waitUntil('the complaint', () => node.agentLog.some(({ level }) => level === 'error'))
  assert.equal(server.refused[0]?.headers['dd-api-key'], 'expired-0123')
  writeFileSync(apiKeyFile, 'fresh-4567\n')
  await waitUntil('the line', () => server.messages().includes('line'))
  const told = node.agentLog.filter(({ level }) => level === 'error')
  assert.deepEqual(
    told.map(({ error }) => error),
    ['HTTP 403: Forbidden (the credentials do not permit writing there)'],
  )
  assert.doesNotMatch(JSON.stringify(node.agentLog), /expired-0123|fresh-4567/)
  assert.deepEqual(letters(), [])
})

test('a log that is refused is a dead letter in schema loggy, and a replay sends it as it was', async (t) => {
  const { server, node, container, letters } = await setUp(t)
  server.answer = ({ logs }) =>
    logs.some(({ message }) => message === 'poison')
      ? { status: 400, body: '{"errors":[{"title":"Bad Request","detail":"no"}]}' }
      : undefined
  for (const line of ['a', 'b', 'poison', 'c']) container.write('stderr', line)
  await node.startAgent()
  await waitUntil('the dead letter and the others', () => letters().length === 1 && server.messages().length === 3)
  assert.equal(await node.stopAgent(), 0)
  const [{ time, kubernetes, deadLetter, ...others }] = letters()
  assert.deepEqual(others, { stream: 'stderr', log: 'poison' })
  assert.deepEqual([kubernetes.image, kubernetes.labels], ['shop/app:1', web.labels])
  assert.deepEqual([deadLetter.sink, deadLetter.reason], ['datadog', 'HTTP 400: Bad Request: no'])
  const sent = server.refused.flatMap(({ logs }) => logs).find(({ message }) => message === 'poison')
  assert.equal(sent?.time, time)
  server.answer = () => undefined
  const io = { env: {}, stdout: { write: () => {} }, stderr: process.stderr, signal: new AbortController().signal }
  assert.equal(await replay([node.deadLetterPath, '--config', node.configPath], io), 0)
  assert.deepEqual(server.taken.at(-1)?.logs, [sent])
})

test('lines older than 18 hours arrive with their time in an attribute, and are told of once', async (t) => {
  const { server, node, container } = await setUp(t)
  const old = new Date(Date.now() - 20 * 3_600_000).toISOString()
  for (let number = 0; number < 1500; number += 1)
    container.log.append(Buffer.from(`${old.slice(0, -1)}000000Z stdout F old ${number}\n`))
  container.write('stdout', 'new')
  await node.startAgent()
  await waitUntil('all lines', () => server.messages().length === 1501)
  const logs = server.taken.flatMap((request) => request.logs)
  for (const { message, timestamp, time, ...log } of logs) {
    const isOld = message.startsWith('old')
    assert.equal(timestamp === undefined, isOld)
    assert.equal(log['loggy.undated'], isOld ? 'true' : undefined)
    if (isOld) assert.equal(Date.parse(String(time)), Date.parse(old))
  }
  assert.equal(node.agentLog.filter(({ message }) => message.includes('18 hours')).length, 1)
})

test('an agent that is killed while the intake is busy sends all lines after its next start', async (t) => {
  const { server, node, container, letters } = await setUp(t)
  server.answer = () => ({ status: 429, body: '{"errors":[{"title":"Too Many Requests"}]}' })
  for (let number = 0; number < 500; number += 1) container.write('stdout', `line ${number}`)
  await node.startAgent()
  await waitUntil('it is sent again', () => server.refused.length > 2)
  await node.kill()
  container.rotate()
  server.answer = () => undefined
  container.write('stdout', 'last')
  await node.startAgent()
  await waitUntil('all lines', () => new Set(server.messages()).size === 501)
  assert.deepEqual(letters(), [])
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { freePort } from '../src/simulation/free-port.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { encodeOtlp } from './formats/otlp/decode-otlp.ts'
import { OtlpServer } from './support/otlp-server.ts'
import { TelemetryOf } from './support/telemetry-of.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const podOf = (name: string): PodSpec => ({
  namespace: 'shop',
  name,
  containers: [{ name: 'app', image: 'shop/app:1' }],
  labels: { app: name },
})

async function setUp(t: TestContext, sink: object = {}) {
  const server = await OtlpServer.start(t)
  const [port, apiPort] = [await freePort(), await freePort()]
  const config = {
    sink: { type: 'otlp', url: server.url, ...sink },
    enrich: { recordId: true },
    metrics: { port },
    api: { port: apiPort },
  }
  const node = await TestNode.start(t, { config })
  const warnings = async () => {
    const answer = await fetch(`http://127.0.0.1:${apiPort}/api/containers`)
    return ((await answer.json()) as { warnings: string[] }).warnings
  }
  return { server, node, warnings, telemetry: new TelemetryOf(port) }
}

const bodiesOf = (server: OtlpServer) => server.records().map(({ body }) => body)
const partial = (rejectedLogRecords: number, errorMessage: string) => ({
  status: 200,
  body: encodeOtlp('ExportLogsServiceResponse', { partialSuccess: { rejectedLogRecords, errorMessage } }),
})

test('a type and an address are enough: records come as protobuf in gzip, each container with its resource', async (t) => {
  const { server, node } = await setUp(t)
  const containers = ['web', 'db'].map((name) => node.kubelet.startPod(podOf(name)).container())
  await node.startAgent()
  for (let number = 0; number < 500; number += 1)
    for (const [index, container] of containers.entries()) container.write('stdout', `${index} ${number}`)
  await waitUntil('all records', () => server.records().length === 1000)
  for (const [index, name] of ['web', 'db'].entries()) {
    const own = server.records().filter(({ resource }) => resource['k8s.pod.name'] === name)
    assert.deepEqual(
      own.map(({ body }) => body),
      Array.from({ length: 500 }, (_, number) => `${index} ${number}`),
    )
    for (const { resource, time, observedTime } of own) {
      assert.equal(resource['k8s.pod.label.app'], name)
      assert.equal(resource['container.image.name'], 'shop/app')
      assert.equal(resource['k8s.node.name'], node.kubelet.nodeName)
      assert.ok(observedTime + 1_000_000n >= time)
    }
  }
  assert.equal(new Set(server.records().map(({ attributes }) => attributes['log.record.uid'])).size, 1000)
  for (const { path, headers, resources } of server.taken) {
    assert.equal(path, '/v1/logs')
    assert.equal(headers['content-type'], 'application/x-protobuf')
    assert.equal(headers['content-encoding'], 'gzip')
    const pods = resources.map(({ resource }) => resource['k8s.pod.name'])
    assert.equal(new Set(pods).size, pods.length, 'each container once')
  }
})

test('a partial success is not sent again, counted, and told with the words of the server', async (t) => {
  const { server, node, warnings, telemetry } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  server.answer = (bodies) => (bodies.includes('line 7') && bodies.length > 1 ? partial(1, 'line 7 is bad') : undefined)
  for (let number = 0; number < 100; number += 1) web.write('stdout', `line ${number}`)
  await node.startAgent()
  web.write('stdout', 'last')
  await waitUntil('the last line', () => bodiesOf(server).includes('last'))
  await waitUntil('the count', async () => (await telemetry.scrape()).value('loggy_sink_rejected_entries_total') === 1)
  assert.equal(bodiesOf(server).filter((body) => body === 'line 7').length, 1)
  assert.deepEqual(node.deadLetters(), [])
  const told = node.agentLog.filter(({ message }) => message.includes('without saying which'))
  assert.deepEqual(
    told.map(({ level, error }) => [level, error]),
    [['error', 'line 7 is bad']],
  )
  assert.equal((await telemetry.scrape()).value('loggy_sink_failing'), 0)
  assert.deepEqual(await warnings(), [
    '1 entries were rejected by the destination, which does not say which, and are lost: line 7 is bad.',
  ])
})

test('a refused record is a dead letter in schema loggy, and the others arrive', async (t) => {
  const { server, node } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  server.answer = (bodies) =>
    bodies.includes('poison') ? { status: 400, body: encodeOtlp('Status', { code: 3, message: 'bad' }) } : undefined
  for (const line of ['a', 'b', 'poison', 'c']) web.write('stderr', line)
  await node.startAgent()
  await waitUntil(
    'the dead letter and the others',
    () => node.deadLetters().length === 1 && server.records().length === 3,
  )
  const [{ id, time, kubernetes, deadLetter, ...others }] = node.deadLetters()
  assert.deepEqual(others, { stream: 'stderr', log: 'poison' })
  assert.deepEqual([kubernetes.pod, kubernetes.image, kubernetes.labels], ['web', 'shop/app:1', { app: 'web' }])
  assert.equal(deadLetter.reason, 'HTTP 400: bad')
  assert.match(id, /^[0-9a-f]{16}-/)
  assert.match(time, /\.\d{9}Z$/)
  assert.deepEqual(bodiesOf(server).sort(), ['a', 'b', 'c'])
})

test('a Collector that says 400 to large requests gets smaller ones, and no line is refused for it', async (t) => {
  const { server, node } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  server.answer = (bodies) =>
    bodies.join('').length > 20_000
      ? { status: 400, body: encodeOtlp('Status', { code: 3, message: 'http: request body too large' }) }
      : undefined
  for (let number = 0; number < 1000; number += 1) web.write('stdout', `${number} ${'x'.repeat(100)}`)
  await node.startAgent()
  await waitUntil('all lines', () => server.records().length === 1000)
  assert.deepEqual(node.deadLetters(), [])
  assert.ok(server.refused.length < 12, `${server.refused.length} requests in vain`)
})

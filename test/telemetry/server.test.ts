import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { freePort } from '../../src/simulation/free-port.ts'
import type { PodSpec } from '../../src/simulation/pod-object.ts'
import { serveTelemetry } from '../../src/telemetry/server.ts'
import { ManualClock } from '../kube/support.ts'
import { Collector } from '../support/collector.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { TelemetryOf } from '../support/telemetry-of.ts'
import { TestNode } from '../support/test-node.ts'
import { waitUntil } from '../support/wait-until.ts'
import { restingFigures } from './figures.ts'

const web: PodSpec = { namespace: 'shop', name: 'web', containers: [{ name: 'app', image: 'shop/web:1' }] }
const about = { version: '1', nodeVersion: '26', sink: 'stdout', heldLimits: { maxBytes: 1, maxFiles: 1 } }
const options = { about, rotation: { maxBytes: 1000, maxFiles: 5 } }

/** Serves figures that the test can change, until it is over. */
function serve(t: TestContext, port: number) {
  const clock = new ManualClock()
  const log = recordedLog()
  const ended = new AbortController()
  let figures = restingFigures
  const agent = {
    get loop() {
      return figures.loop
    },
    figures: () => figures,
    containers: async () => [],
  }
  const serving = serveTelemetry({ port, ...options }, { agent, clock, log, signal: ended.signal })
  const end = () => {
    ended.abort()
    return serving
  }
  t.after(end)
  const show = (change: Partial<typeof figures>) => {
    figures = { ...restingFigures, ...change }
  }
  return { clock, log, end, show, agent }
}

test('a loop that stands still is told with 503 by both probes', async (t) => {
  const port = await freePort()
  const telemetry = new TelemetryOf(port)
  const { show } = serve(t, port)
  await waitUntil('it listens', async () => (await telemetry.ask('/healthz'))?.status === 200)
  show({ loop: { ...restingFigures.loop, silentMs: 45_000 } })
  const expected = { status: 503, text: "The agent's loop has not turned for 45 s.\n" }
  assert.deepEqual(await telemetry.ask('/healthz'), expected)
  assert.deepEqual(await telemetry.ask('/readyz'), expected)
  const scrape = await telemetry.scrape()
  assert.equal(scrape.value('loggy_ready'), 0)
  assert.equal(scrape.value('loggy_loop_silent_seconds'), 45)
})

test('other paths are not found, other methods not allowed, and a fault is told as one', async (t) => {
  const port = await freePort()
  const telemetry = new TelemetryOf(port)
  const { agent, log } = serve(t, port)
  await waitUntil('it listens', async () => (await telemetry.ask('/healthz'))?.status === 200)
  assert.equal((await telemetry.ask('/'))?.status, 404)
  assert.equal((await telemetry.ask('/metrics?name=x'))?.status, 200)
  assert.equal((await telemetry.ask('/metrics', 'POST'))?.status, 405)
  assert.deepEqual(await telemetry.ask('/healthz', 'HEAD'), { status: 200, text: '' })
  agent.containers = () => Promise.reject(new Error('no such luck'))
  assert.deepEqual(await telemetry.ask('/metrics'), { status: 500, text: 'no such luck\n' })
  assert.equal((await telemetry.ask('/healthz'))?.status, 200)
  assert.deepEqual(
    log.lines.map(({ level }) => level),
    ['warn'],
  )
})

test('a port in use is told once and tried again; the end frees it', async (t) => {
  const port = await freePort()
  const telemetry = new TelemetryOf(port)
  const taken = createServer().listen(port)
  await once(taken, 'listening')
  const { clock, log, end } = serve(t, port)
  await waitUntil('the fault is told', () => log.lines.length > 0)
  clock.advance(60_000)
  await new Promise((resolve) => setImmediate(resolve))
  taken.close()
  await once(taken, 'close')
  await waitUntil('it listens', async () => {
    clock.advance(60_000)
    return (await telemetry.ask('/healthz'))?.status === 200
  })
  assert.deepEqual(
    log.lines.map(({ level, message }) => `${level}: ${message}`),
    ['error: cannot serve metrics and health; retrying'],
  )
  await end()
  assert.equal(await telemetry.ask('/healthz'), undefined)
})

test('port 0 serves nothing', async (t) => {
  const { log } = serve(t, 0)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(log.lines, [])
})

test('without the API the agent lives, and is ready once the first list was waited for in vain', async (t) => {
  const port = await freePort()
  const telemetry = new TelemetryOf(port)
  const node = await TestNode.start(t, { config: { metrics: { port }, enrich: { waitForMetadata: '2s' } } })
  await node.api.down()
  await node.startAgent()
  await waitUntil('it listens', async () => (await telemetry.ask('/healthz'))?.status === 200)
  assert.deepEqual(await telemetry.ask('/readyz'), {
    status: 503,
    text: 'The first list of pods has not arrived yet.\n',
  })
  await waitUntil('it is ready', async () => (await telemetry.ask('/readyz'))?.status === 200)
  node.kubelet.startPod(web).container().write('stdout', 'here')
  await node.entry('here')
  const without = await telemetry.scrape()
  assert.equal(without.value('loggy_reflector_listed', { resource: 'pods' }), 0)
  assert.ok(without.value('loggy_reflector_errors_total', { resource: 'pods' }) > 0)
  assert.equal(without.value('loggy_containers_path_only'), 1)
  assert.equal(without.value('loggy_entries_path_only_total'), 1)
})

test('a destination that fails makes the agent unready, with its reason, and never a case for a restart', async (t) => {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  const port = await freePort()
  const telemetry = new TelemetryOf(port)
  const node = await TestNode.start(t, { config: { metrics: { port }, sink: { type: 'http', url: collector.url } } })
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  await waitUntil('it is ready', async () => (await telemetry.ask('/readyz'))?.status === 200)
  collector.failRate(1, { seed: 1, reaction: { status: 503 } })
  container.write('stdout', 'refused')
  await waitUntil('it is not', async () => (await telemetry.ask('/readyz'))?.status === 503)
  const { text = '' } = (await telemetry.ask('/readyz')) ?? {}
  assert.match(text, /^The last delivery attempt failed \(HTTP 503\), and none has succeeded for \d+ s\.\n$/)
  assert.equal((await telemetry.ask('/healthz'))?.status, 200)
  collector.failRate(0, { seed: 1, reaction: { status: 204 } })
  await waitUntil('it is ready again', async () => (await telemetry.ask('/readyz'))?.status === 200)
})

test('the loop turns under back-pressure: while nobody reads its output the agent lives', async (t) => {
  const port = await freePort()
  const telemetry = new TelemetryOf(port)
  const node = await TestNode.start(t, { config: { metrics: { port } }, stdout: 'paused' })
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  const lines = Array.from({ length: 30_000 }, (_, number) => `${number} ${'x'.repeat(100)}`)
  container.log.writeAll('stdout', lines)
  await waitUntil('nothing is read any more', async () => {
    const scrape = await telemetry.scrape()
    return scrape.value('loggy_batches_in_flight') === 2 && scrape.value('loggy_batch_oldest_seconds') > 3
  })
  const scrape = await telemetry.scrape()
  assert.ok(scrape.value('loggy_loop_silent_seconds') < 2, `${scrape.value('loggy_loop_silent_seconds')} s`)
  assert.ok(scrape.value('loggy_event_loop_delay_seconds_count') >= 3)
  assert.equal((await telemetry.ask('/healthz'))?.status, 200)
  node.readOn()
  await node.entry(`29999 ${'x'.repeat(100)}`)
})

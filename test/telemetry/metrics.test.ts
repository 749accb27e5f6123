import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { freePort } from '../../src/simulation/free-port.ts'
import type { PodSpec } from '../../src/simulation/pod-object.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { Collector } from '../support/collector.ts'
import { type Scrape, TelemetryOf } from '../support/telemetry-of.ts'
import { TestNode } from '../support/test-node.ts'
import { waitUntil } from '../support/wait-until.ts'

const podOf = (name: string): PodSpec => ({ namespace: 'shop', name, containers: [{ name: 'app', image: 'app:1' }] })

async function setUp(t: TestContext, config: Readonly<Record<string, object>> = {}) {
  const port = await freePort()
  const node = await TestNode.start(t, { config: { ...config, metrics: { port } } })
  return { node, telemetry: new TelemetryOf(port) }
}

function assertBalance(scrape: Scrape): void {
  const [lines, entries] = [scrape.value('loggy_lines_total'), scrape.value('loggy_entries_total')]
  const of = (name: string) => scrape.value(`loggy_${name}`)
  const filtered = of('lines_filtered_total') + of('lines_sampled_total')
  const left = of('lines_repeated_total') + of('lines_joined_total') + filtered
  const others = of('entries_unfinished_total') + of('losses_total') + of('entries_sampled_total')
  assert.equal(lines, left + entries - others)
  const done = of('entries_delivered_total') + of('entries_dead_lettered_total') + of('entries_in_flight')
  assert.equal(entries, done)
}

test('a known run has the values that it must have, and its counters balance', async (t) => {
  const config = { select: { minLevel: 'info' }, source: { maxLineBytes: '1Ki' } }
  const { node, telemetry } = await setUp(t, config)
  const web = node.kubelet.startPod(podOf('web')).container()
  node.kubelet.startPod({ ...podOf('dns'), namespace: 'kube-system', annotations: { 'loggy.io/exclude': 'maybe' } })
  await node.startAgent()
  for (let number = 0; number < 100; number += 1) web.write('stdout', `line ${number}`)
  web.write('stderr', 'level=debug msg="not worth it"')
  web.write('stdout', 'x'.repeat(2000))
  web.log.append(Buffer.from('of no format\n'))
  web.log.writeUnfinished('stdout', 'begun, ')
  web.write('stdout', 'and ended')
  web.write('stdout', 'last')
  await node.entry('last')
  await waitUntil('the acks', async () => (await telemetry.scrape()).value('loggy_entries_in_flight') === 0)
  const scrape = await telemetry.scrape()

  const expected = {
    loggy_lines_total: 106,
    loggy_lines_joined_total: 1,
    loggy_lines_filtered_total: 1,
    loggy_lines_malformed_total: 1,
    loggy_lines_truncated_total: 1,
    loggy_lines_repeated_total: 0,
    loggy_entries_total: 104,
    loggy_entries_delivered_total: 104,
    loggy_entries_path_only_total: 0,
    loggy_entries_cached_total: 0,
    loggy_lost_bytes_total: 0,
    loggy_losses_total: 0,
    loggy_lag_bytes: 0,
    loggy_lag_seconds: 0,
    loggy_open_files: 1,
    loggy_held_files: 0,
    loggy_pods: 2,
    loggy_containers_path_only: 0,
    loggy_invalid_hints: 1,
    loggy_sink_failing: 0,
    loggy_ready: 1,
  }
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, scrape.value(name)])), expected)
  assert.equal(node.entries.length, 104)
  assert.equal(scrape.value('loggy_containers', { state: 'read' }), 1)
  assert.equal(scrape.value('loggy_containers', { state: 'exclude' }), 1)
  assert.equal(scrape.value('loggy_reflector_state', { resource: 'pods', state: 'watching' }), 1)
  assert.equal(scrape.value('loggy_reflector_lists_total', { resource: 'pods' }), 1)
  assert.equal(scrape.value('loggy_container_lag_bytes', { pod_name: 'web' }), 0)
  const acks = scrape.value('loggy_sink_latency_seconds_count')
  assert.ok(acks > 0 && acks <= scrape.value('loggy_batches_total'))
  assert.ok(scrape.value('loggy_read_bytes_total') > 100 * 40)
  assert.ok(scrape.value('process_resident_memory_bytes') > 10e6)
  assert.ok(scrape.value('process_cpu_seconds_total') > 0)
  assert.ok(Math.abs(scrape.value('process_start_time_seconds') - Date.now() / 1000) < 120)
  assertBalance(scrape)
})

test('each metric of the catalogue is exposed, and no other', async (t) => {
  const { node, telemetry } = await setUp(t)
  await node.startAgent()
  await waitUntil('it listens', async () => (await telemetry.ask('/healthz')) !== undefined)
  const { metrics } = await telemetry.scrape()
  const catalogued = catalogue.flatMap((group) => group.metrics.map(({ name, type, help }) => ({ name, type, help })))
  assert.deepEqual(
    [...metrics.values()].map(({ name, type, help }) => ({ name, type, help })),
    catalogued,
  )
})

test('no total of the node goes back when containers end, however many scrape at a time', async (t) => {
  const { node, telemetry } = await setUp(t)
  await node.startAgent()
  const pods = ['one', 'two', 'three'].map((name) => node.kubelet.startPod(podOf(name)))
  for (const pod of pods) pod.container().write('stdout', pod.object.metadata.name)
  for (const name of ['one', 'two', 'three']) await node.entry(name)
  let before = (await telemetry.scrape()).totals()
  for (const pod of pods) node.kubelet.deletePod(pod)
  let isOver = false
  while (!isOver) {
    const scrapes = await Promise.all([telemetry.scrape(), telemetry.scrape(), telemetry.scrape()])
    for (const scrape of scrapes) {
      assertBalance(scrape)
      const totals = scrape.totals()
      for (const [key, value] of before) assert.ok((totals.get(key) ?? 0) >= value, key)
      isOver = scrape.value('loggy_logs_finished_total') === 3 && scrape.value('loggy_entries_in_flight') === 0
    }
    before = scrapes[2]?.totals() ?? before
  }
  assert.equal(before.get('loggy_entries_delivered_total'), 3)
  const last = await telemetry.scrape()
  assert.equal(last.value('loggy_containers', { state: 'read' }), 0)
  assert.equal(last.value('loggy_open_files'), 0)
})

test('while the destination refuses, lag, retries and held files show, and afterwards they are gone', async (t) => {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  collector.failRate(1, { seed: 1, reaction: { status: 503 } })
  const { node, telemetry } = await setUp(t, { sink: { type: 'http', url: collector.url, maxInFlight: 1 } })
  const web = node.kubelet.startPod(podOf('web')).container()
  await node.startAgent()
  web.write('stdout', 'first')
  await waitUntil('a refusal', () => collector.requests.length > 1)
  for (let number = 0; number < 50; number += 1) web.write('stdout', `line ${number}`)
  web.rotate()
  web.write('stdout', 'last')
  await waitUntil('the file put aside is held', async () => {
    const scrape = await telemetry.scrape()
    return scrape.value('loggy_held_files') === 1 && scrape.value('loggy_sink_retries_total') > 0
  })
  const during = await telemetry.scrape()
  assertBalance(during)
  assert.equal(during.value('loggy_sink_failing'), 1)
  assert.equal(during.value('loggy_ready'), 0)
  assert.equal(during.value('loggy_batches_in_flight'), 1)
  assert.ok(during.value('loggy_batch_oldest_seconds') > 0)
  assert.ok(during.value('loggy_held_bytes') > 50 * 40)
  assert.ok(during.value('loggy_lag_bytes') > during.value('loggy_held_bytes'))
  assert.ok(during.value('loggy_container_lag_seconds', { pod_name: 'web' }) > 0)
  assert.equal(during.value('loggy_open_files'), 2)
  collector.failRate(0, { seed: 1, reaction: { status: 204 } })
  await waitUntil('all is delivered', () => collector.received().some((line) => line.includes('"last"')))
  await waitUntil('all is well', async () => {
    const after = await telemetry.scrape()
    const names = ['lag_bytes', 'held_files', 'entries_in_flight', 'sink_failing', 'batches_in_flight']
    return names.every((name) => after.value(`loggy_${name}`) === 0) && after.value('loggy_ready') === 1
  })
  assertBalance(await telemetry.scrape())
})

test('what is refused for good is counted as dead letters', async (t) => {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  collector.refuseIf((lines) => (/one|two/.test(lines) ? { status: 400, body: 'no' } : undefined))
  const { node, telemetry } = await setUp(t, { sink: { type: 'http', url: collector.url } })
  const web = node.kubelet.startPod(podOf('web')).container()
  await node.startAgent()
  for (const line of ['one', 'good', 'two', 'good']) web.write('stdout', line)
  await waitUntil('both are dead letters', async () => {
    const scrape = await telemetry.scrape()
    return scrape.value('loggy_entries_dead_lettered_total') === 2 && scrape.value('loggy_entries_in_flight') === 0
  })
  const scrape = await telemetry.scrape()
  assertBalance(scrape)
  assert.equal(scrape.value('loggy_entries_delivered_total'), 2)
  assert.ok(scrape.value('loggy_dead_letter_bytes_total') > 0)
})

test('lines that a run before had delivered, and what was lost while away, are counted', async (t) => {
  const { node, telemetry } = await setUp(t)
  const web = node.kubelet.startPod(podOf('web')).container()
  await node.startAgent()
  web.write('stdout', 'before')
  await node.entry('before')
  web.log.writeUnfinished('stdout', 'held ')
  web.write('stderr', 'delivered')
  await node.entry('delivered')
  await node.stopAgent()
  web.write('stdout', 'and ended')
  await node.startAgent()
  await node.entry('held and ended')
  const scrape = await telemetry.scrape()
  assertBalance(scrape)
  assert.equal(scrape.value('loggy_lines_repeated_total'), 1)
  assert.ok(scrape.value('loggy_checkpoints') >= 1)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../src/simulation/free-port.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { letPass } from './support/let-pass.ts'
import { TelemetryOf } from './support/telemetry-of.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const podOf = (name: string, annotations = {}): PodSpec => ({
  namespace: 'shop',
  name,
  annotations,
  containers: [{ name: 'app', image: 'app:1' }],
})
/** Lines per second of the tests, each with a burst of one second. */
const RATE = 200
const delay = { linesPerSecond: RATE, burst: '1s' }
const sample = { ...delay, over: 'sample' }
/** Milliseconds: less than the 30 s after which each log is looked at whatever was missed, and enough for a loaded machine. */
const SOON_MS = 25_000
const numbers = (logs: readonly string[]) => logs.map(Number)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

interface Summary {
  readonly lines: number
  readonly bytes: number
  readonly limit: string
}

function summariesOf(node: TestNode): Summary[] {
  return node.entries.flatMap(({ sampled }) => (sampled === undefined ? [] : [sampled as Summary]))
}

test('a container over its limit is delayed, another one is not, and no line is lost', async (t) => {
  const port = await freePort()
  const node = await TestNode.start(t, { config: { limit: { container: delay }, metrics: { port } } })
  const flood = node.kubelet.startPod(podOf('flood')).container()
  const quiet = node.kubelet.startPod(podOf('quiet')).container()
  let written = 0
  const write = (lines: number) => {
    for (const end = written + lines; written < end; written += 1) flood.write('stdout', `${written}`)
  }
  write(3 * RATE)
  const startedMs = performance.now()
  await node.startAgent()
  await waitUntil('the burst', () => node.logs('flood').length >= RATE)
  const allowed = RATE + ((performance.now() - startedMs) / 1000) * RATE
  assert.ok(node.logs('flood').length <= allowed, `${node.logs('flood').length} lines at once, of ${allowed}`)
  quiet.write('stdout', 'hello')
  await node.entry('hello')
  // Between two waits it has a turn, in which it is not delayed. It must not have all before it is asked, however busy the machine is.
  const delayed = async () => (await new TelemetryOf(port).scrape()).value('loggy_delayed_logs')
  await waitUntil('one log is delayed', async () => {
    if (written - node.logs('flood').length < RATE) write(RATE)
    return (await delayed()) === 1
  })
  await waitUntil('the rest', () => node.logs('flood').length >= written)
  assert.deepEqual(numbers(node.logs('flood')), upTo(written))
  const after = await new TelemetryOf(port).scrape()
  assert.ok((after.value('loggy_delayed_seconds_total') ?? 0) >= 1)
  assert.equal(after.value('loggy_limit_yields_total'), 0)
})

test('a delayed container whose log is rotated, and whose agent is killed meanwhile, loses nothing', async (t) => {
  const node = await TestNode.start(t, { config: { limit: { container: delay } } })
  const container = node.kubelet.startPod(podOf('web')).container()
  const total = 4 * RATE // in as many files as the kubelet keeps
  for (const number of upTo(total)) {
    container.write('stdout', `${number}`)
    if (number % RATE === RATE - 1) container.rotate()
  }
  await node.startAgent()
  await waitUntil('the burst', () => node.logs().length >= RATE)
  await node.kill()
  await node.startAgent()
  await waitUntil('all lines', () => new Set(node.logs()).size === total, 30_000)
  assert.deepEqual(
    [...new Set(numbers(node.logs()))].sort((a, b) => a - b),
    upTo(total),
  )
})

test('the limit of a container whose pod is deleted gives way: its lines would be lost', async (t) => {
  const node = await TestNode.start(t, { config: { limit: { container: { linesPerSecond: 1, burst: '1s' } } } })
  const pod = node.kubelet.startPod(podOf('web'))
  for (const number of upTo(300)) pod.container().write('stdout', `${number}`)
  await node.startAgent()
  await waitUntil('the first line', () => node.logs().length > 0)
  pod.delete()
  await waitUntil('all lines', () => node.logs().length === 300, SOON_MS)
  assert.equal(
    node.entries.some(({ lost }) => lost !== undefined),
    false,
  )
})

test('a limit gives way, and says so, before the kubelet deletes lines that are not read', async (t) => {
  const port = await freePort()
  const metrics = { port, containerLogMaxSize: '4Ki', containerLogMaxFiles: 3 }
  const limit = { container: { linesPerSecond: 1, burst: '1s' } }
  const node = await TestNode.start(t, { config: { limit, metrics } })
  const container = node.kubelet.startPod(podOf('web')).container()
  for (const number of upTo(500)) container.write('stdout', `${number}`)
  await node.startAgent()
  await waitUntil('more than its limit', () => node.logs().length > 100, SOON_MS)
  const told = node.agentLog.find(({ message }) => message.startsWith('a log is read faster than its limit allows'))
  assert.deepEqual([told?.level, told?.pod], ['warn', 'web'])
  assert.equal((await new TelemetryOf(port).scrape()).value('loggy_limit_yields_total'), 1)
})

test('what is over is left out where that is wished, and one entry says how much and why', async (t) => {
  const port = await freePort()
  const node = await TestNode.start(t, { config: { limit: { container: sample }, metrics: { port } } })
  const pod = node.kubelet.startPod(podOf('web'))
  const total = 10 * RATE
  for (const number of upTo(total)) pod.container().write('stdout', `${number}`)
  await node.startAgent()
  await waitUntil('some', () => node.logs().length >= RATE)
  pod.delete()
  await waitUntil('the entry that tells', () => summariesOf(node).length > 0)
  const [told] = summariesOf(node)
  const kept = node.entries.filter(({ sampled }) => sampled === undefined)
  assert.equal(kept.length + (told?.lines ?? 0), total)
  assert.ok(kept.length >= RATE && kept.length < total, `${kept.length} kept`)
  assert.equal(told?.limit, `limit.container: ${RATE} lines/s`)
  const scrape = await new TelemetryOf(port).scrape()
  assert.equal(scrape.value('loggy_lines_sampled_total'), told?.lines)
  assert.equal(scrape.value('loggy_entries_sampled_total'), 1)
})

test('an agent that ends says first what it has left out', async (t) => {
  const node = await TestNode.start(t, { config: { limit: { container: sample } } })
  const container = node.kubelet.startPod(podOf('web')).container()
  for (const number of upTo(5 * RATE)) container.write('stdout', `${number}`)
  await node.startAgent()
  await waitUntil('some', () => node.logs().length >= RATE)
  await node.stopAgent()
  const kept = node.entries.filter(({ sampled }) => sampled === undefined).length
  const told = summariesOf(node).reduce((sum, { lines }) => sum + lines, 0)
  assert.equal(kept + told, 5 * RATE)
  await node.startAgent()
  container.write('stdout', 'next')
  await node.entry('next')
  assert.equal(node.logs().filter((log) => log === '0').length, 1, 'nothing comes twice')
})

test('after a SIGKILL what was left out is told: perhaps twice, never not at all', async (t) => {
  const node = await TestNode.start(t, { config: { limit: { container: sample } } })
  const container = node.kubelet.startPod(podOf('web')).container()
  const total = 5 * RATE
  for (const number of upTo(total)) container.write('stdout', `${number}`)
  await node.startAgent()
  await waitUntil('some', () => node.logs().length >= RATE)
  await letPass(node, 200) // their acks would be on disk
  await node.kill()
  assert.deepEqual(summariesOf(node), [])
  await node.startAgent()
  await waitUntil('some again', () => node.logs().length >= 2 * RATE)
  await node.stopAgent()
  const kept = new Set(node.entries.filter(({ sampled }) => sampled === undefined).map(({ log }) => log))
  const told = summariesOf(node).reduce((sum, { lines }) => sum + lines, 0)
  assert.ok(kept.size + told >= total, `${kept.size} kept, ${told} told of ${total}`)
})

test('a pod lowers its limit by an annotation, and an invalid one is reported', async (t) => {
  const node = await TestNode.start(t, { config: { limit: { container: { linesPerSecond: 1000, burst: '1s' } } } })
  const low = node.kubelet.startPod(podOf('low', { 'loggy.io/limit': 'linesPerSecond=50' })).container()
  const wrong = node.kubelet.startPod(podOf('wrong', { 'loggy.io/limit': 'fast' })).container()
  for (const number of upTo(150)) {
    low.write('stdout', `${number}`)
    wrong.write('stdout', `${number}`)
  }
  await node.startAgent()
  await waitUntil('all of the other', () => node.logs('wrong').length === 150)
  assert.ok(node.logs('low').length < 150)
  const told = node.agentLog.find(({ message }) => message === 'invalid annotation: ignored')
  assert.deepEqual([told?.annotation, told?.value], ['loggy.io/limit', 'fast'])
  await waitUntil('all lines', () => node.logs('low').length === 150, SOON_MS)
})

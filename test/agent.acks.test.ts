import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, truncateSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { Collector } from './support/collector.ts'
import { letPass } from './support/let-pass.ts'
import { type TestEntry, TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web: PodSpec = { namespace: 'shop', name: 'web', containers: [{ name: 'app', image: 'shop/web:1' }] }

/** Milliseconds after an ack within which it is on disk. */
const STORED_MS = 200

async function setUp(t: TestContext) {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  const node = await TestNode.start(t, { config: { sink: { type: 'http', url: collector.url, maxInFlight: 4 } } })
  const entries = () => collector.received().map((line) => JSON.parse(line) as TestEntry)
  const logs = () => entries().map(({ log }) => log)
  const arrival = (log: string) => waitUntil(`the arrival of ${log}`, () => logs().includes(log))
  const refusal = () => waitUntil('a refusal', () => collector.requests.some(({ outcome }) => outcome === 503))
  return { collector, node, entries, logs, arrival, refusal }
}

test('what was acked while an older batch is refused does not come again after SIGKILL, and that batch does', async (t) => {
  const { collector, node, entries, logs, arrival, refusal } = await setUp(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  container.write('stdout', 'before')
  await arrival('before')
  collector.refuse('refused')
  container.write('stdout', 'refused')
  await refusal()
  container.log.writeUnfinished('stderr', 'begun, ')
  container.write('stdout', 'ahead')
  await arrival('ahead')
  container.rotate()
  container.write('stderr', 'and ended')
  await arrival('begun, and ended')
  container.write('stdout', 'of the next file')
  await arrival('of the next file')
  await letPass(node, STORED_MS)
  await node.kill()

  assert.ok(!logs().includes('refused'))
  container.write('stdout', 'while away')
  collector.refuse(undefined)
  await node.startAgent()
  await arrival('refused')
  await arrival('while away')
  container.write('stdout', 'after')
  await arrival('after')
  const expected = ['before', 'ahead', 'begun, and ended', 'of the next file', 'refused', 'while away', 'after']
  assert.deepEqual(logs().sort(), expected.sort())
  assert.ok(entries().every(({ partial, lost }) => partial === undefined && lost === undefined))
})

test('a file is done although its last ack came first, and is neither read nor told as lost again', async (t) => {
  const { collector, node, entries, logs, arrival, refusal } = await setUp(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  collector.refuse('refused')
  container.write('stdout', 'refused')
  await refusal()
  container.write('stdout', 'last of its file')
  await arrival('last of its file')
  container.rotate()
  container.write('stdout', 'first of the next')
  await arrival('first of the next')
  collector.refuse(undefined)
  await arrival('refused')
  await letPass(node, STORED_MS)
  await node.kill()
  await node.startAgent()
  container.write('stdout', 'after')
  await arrival('after')
  assert.deepEqual(logs().sort(), ['after', 'first of the next', 'last of its file', 'refused'])
  assert.ok(entries().every(({ lost }) => lost === undefined))
})

test('one batch that is refused stops the reading once three others are acked beyond it', async (t) => {
  const { collector, node, logs, arrival, refusal } = await setUp(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  collector.refuse('refused')
  container.write('stdout', 'refused')
  await refusal()
  for (const line of ['one', 'two', 'three']) {
    container.write('stdout', line)
    await arrival(line)
  }
  container.write('stdout', 'four')
  const refusals = collector.requests.length
  await waitUntil('more refusals', () => collector.requests.length >= refusals + 2)
  assert.deepEqual(logs(), ['one', 'two', 'three'])
  collector.refuse(undefined)
  await arrival('four')
  assert.deepEqual(logs().sort(), ['four', 'one', 'refused', 'three', 'two'])
})

test('a file that lost its end is settled anew: what is written there comes, although the old position lies beyond it', async (t) => {
  const { collector, node, logs, arrival, refusal } = await setUp(t)
  const container = node.kubelet.startPod(web).container()
  const lines = (word: string, from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `${word} ${from + index}`)
  const append = (words: readonly string[]) =>
    appendFileSync(container.logPath, words.map((word) => `2026-11-22T07:00:00.5Z stdout F ${word}\n`).join(''))
  append(lines('old', 10, 30))
  await node.startAgent()
  await arrival('old 29')
  await node.stopAgent()

  // A power cut: the first lines stay.
  const lineBytes = readFileSync(container.logPath).length / 20
  truncateSync(container.logPath, lineBytes * 5)
  collector.refuse('new 10')
  append(lines('new', 10, 12))
  await node.startAgent()
  await refusal()
  append(lines('new', 12, 40))
  await letPass(node, STORED_MS)
  await node.kill()
  collector.refuse(undefined)
  await node.startAgent()
  append(['after'])
  await arrival('after')
  assert.deepEqual(
    lines('new', 10, 40).filter((word) => !logs().includes(word)),
    [],
  )
})

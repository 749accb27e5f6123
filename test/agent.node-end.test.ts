import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import type { SimulatedPod } from '../src/simulation/simulated-pod.ts'
import { TestNode, type TestNodeOptions } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const containers = [{ name: 'app', image: 'x' }]
const agentPod: PodSpec = { namespace: 'loggy', name: 'loggy-x', containers }
const own = { POD_NAMESPACE: 'loggy', POD_NAME: 'loggy-x' }
const READING_ON = 'the node is shutting down: reading on until the logs of its pods have ended'
const GRACE_OVER = 'shutdown.grace is over before all logs have ended'
const PODS = 20
/** Milliseconds between the last words of two pods. */
const STEP_MS = 100

/** A node with the agent in a pod of its own, and pods whose lines it reads. */
async function setUp(
  t: TestContext,
  { pods: count = PODS, ...options }: TestNodeOptions & { readonly pods?: number } = {},
) {
  const node = await TestNode.start(t, options)
  const self = node.kubelet.startPod(agentPod)
  const pods = Array.from({ length: count }, (_, number) =>
    node.kubelet.startPod({ namespace: 'shop', name: `pod-${number}`, containers }),
  )
  await node.startAgent(own)
  for (const [number, pod] of pods.entries()) pod.container().write('stdout', `line of ${number}`)
  await waitUntil('all are read', () => node.entries.length >= count)
  return { node, self, pods }
}

const hasLogged = (node: TestNode, message: string) => node.agentLog.some((entry) => entry.message === message)

/** As a kubelet ends a pod some time after its deletion: its last words, its end, its files, its status, its object. */
async function end(node: TestNode, pod: SimulatedPod, number: number): Promise<void> {
  await sleep(number * STEP_MS)
  for (let line = 0; line < 100; line += 1) pod.container().write('stdout', `last words of ${number}: ${line}`)
  pod.exit()
  if (number % 2 === 0) pod.removeLogs()
  pod.reportStatus()
  if (number % 4 === 0) pod.withdraw()
  node.kubelet.forgetPod(pod)
}

function assertLastWords(node: TestNode): void {
  const logs = new Set(node.logs())
  for (let number = 0; number < PODS; number += 1)
    for (let line = 0; line < 100; line += 1)
      assert.ok(logs.has(`last words of ${number}: ${line}`), `${number}: ${line}`)
}

describe('an agent that is ended together with the pods of its node', () => {
  test('reads on until all their last words are delivered, and then ends', async (t) => {
    const { node, self, pods } = await setUp(t)
    for (const pod of [self, ...pods]) pod.markDeleted()
    const ends = pods.map((pod, number) => end(node, pod, number))
    const stopping = node.stopAgent()
    await Promise.all(ends)
    assert.equal(await stopping, 0)
    assertLastWords(node)
    assert.ok(hasLogged(node, READING_ON))
    assert.ok(!hasLogged(node, GRACE_OVER))
    assert.ok(node.entries.every(({ kubernetes }) => kubernetes.metadata === undefined))
  })

  test('does not wait for a link whose log is gone', async (t) => {
    const { node, pods } = await setUp(t)
    const target = join(node.root, 'pods/shop_gone_1234/app/0.log')
    symlinkSync(target, join(node.kubelet.logDirectory, `gone_shop_app-${'a'.repeat(64)}.log`))
    for (const pod of pods) pod.markDeleted()
    const ends = pods.map((pod, number) => end(node, pod, number))
    assert.equal(await node.stopAgent(), 0)
    await Promise.all(ends)
    assert.ok(hasLogged(node, READING_ON))
    assert.ok(!hasLogged(node, GRACE_OVER))
  })

  test('does so if it is the first of them, and hears of the others a moment later', async (t) => {
    const { node, self, pods } = await setUp(t)
    self.markDeleted()
    const stopping = node.stopAgent()
    await sleep(100)
    for (const pod of pods) pod.markDeleted()
    await Promise.all(pods.map((pod, number) => end(node, pod, number)))
    assert.equal(await stopping, 0)
    assertLastWords(node)
  })

  test('ends when the grace is over, whatever still runs, and says what', async (t) => {
    const { node, pods } = await setUp(t, { config: { shutdown: { grace: '1s' } } })
    for (const pod of pods) pod.markDeleted()
    assert.equal(await node.stopAgent(), 0)
    assert.equal(node.agentLog.find(({ message }) => message === GRACE_OVER)?.logs, PODS)
  })

  test('reads on where only the node tells that it goes', async (t) => {
    const { node, pods } = await setUp(t, { pods: 1, config: { enrich: { nodeLabels: true } } })
    const taints = [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }]
    node.api.upsert({ kind: 'Node', metadata: { name: 'node-1', labels: {} }, spec: { taints } })
    const stopping = node.stopAgent()
    await waitUntil('it reads on', () => hasLogged(node, READING_ON))
    await Promise.all(pods.map((pod, number) => end(node, pod, number)))
    assert.equal(await stopping, 0)
    assert.ok(node.logs().includes('last words of 0: 99'))
  })
})

describe('an agent that is ended alone, as by a rolling update', () => {
  for (const [what, config] of [
    ['', undefined],
    [', without a grace', { shutdown: { grace: '0s' } }],
  ] as const)
    test(`ends at once, and its successor reads on${what}`, async (t) => {
      const { node, self, pods } = await setUp(t, config === undefined ? {} : { config })
      self.markDeleted()
      pods[0]?.markDeleted() // of a rollout
      const startMs = performance.now()
      assert.equal(await node.stopAgent(), 0)
      t.diagnostic(`it ended within ${Math.round(performance.now() - startMs)} ms`)
      assert.ok(!hasLogged(node, READING_ON))
      pods[1]?.container().write('stdout', 'for the next')
      await node.startAgent({ ...own, POD_NAME: 'loggy-y' })
      await node.entry('for the next')
    })
})

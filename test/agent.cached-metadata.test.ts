import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { webSpec as web } from './support/pod.ts'
import { cpuWaitMsOf } from './support/process-usage.ts'
import { TestNode, type TestNodeOptions } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

/** Milliseconds from when the agent says that it runs until it knows the pods; 15 on a machine at rest, 240 on one with eight times too much to do. */
const KNOWN_MS = 1000
/** Nothing but the disk can make a pod known sooner. */
const patient = { enrich: { waitForMetadata: '10m' } }

const cachePath = (node: TestNode) => join(node.root, 'state', 'metadata.cache')

/** The latest such line of the agents' logs. */
const logged = (node: TestNode, message: string) => node.agentLog.findLast((entry) => entry.message === message)
const timeOf = (entry: ReturnType<typeof logged>) => Date.parse(String(entry?.time))

/** A node whose agent has known the pods, and has ended, and whose API server is gone. */
async function setUp(t: TestContext, options: TestNodeOptions & { readonly pods?: readonly PodSpec[] } = {}) {
  const node = await TestNode.start(t, options)
  const pods = (options.pods ?? [web]).map((spec) => node.kubelet.startPod(spec))
  await node.startAgent()
  const [first] = pods
  if (first === undefined) throw new Error('a test needs a pod')
  first.container().write('stdout', 'known')
  await node.entry('known')
  await node.stopAgent()
  await node.api.down()
  return { node, pods, pod: first, container: first.container() }
}

describe('an agent that starts while the API server is away', () => {
  test('enriches from its disk at once, says so, and stops saying it when the server answers', async (t) => {
    const { node, container } = await setUp(t, { config: patient })
    const { kubernetes: known } = await node.entry('known')
    container.write('stdout', 'cached')
    const startedMs = performance.now()
    await node.startAgent()
    const { kubernetes } = await node.entry('cached')
    const ms = performance.now() - startedMs
    t.diagnostic(`the first entry came ${Math.round(ms)} ms after the process began`)
    assert.deepEqual(kubernetes, { ...known, metadata: 'cached' })
    const stored = logged(node, 'the API server does not answer: using metadata that an earlier run stored')
    assert.equal(stored?.pods, 1)
    const knownMs = timeOf(stored) - timeOf(logged(node, 'started')) - cpuWaitMsOf(node.pid)
    assert.ok(knownMs < KNOWN_MS, `${knownMs} ms`)
    await node.api.up()
    await waitUntil('the server is asked', () => node.api.openWatches('pods').length > 0)
    container.write('stdout', 'confirmed')
    assert.deepEqual((await node.entry('confirmed')).kubernetes, known)
  })

  test('knows a pod by its uid alone: one of the same name is another, and new ones are not known', async (t) => {
    const { node, pod } = await setUp(t, { config: { enrich: { waitForMetadata: '100ms' } } })
    const next = node.kubelet.replacePod(pod)
    next.container().write('stdout', 'of the next')
    await node.startAgent()
    const { kubernetes } = await node.entry('of the next')
    assert.deepEqual([kubernetes.uid, kubernetes.metadata, kubernetes.labels], [next.uid, 'path-only', undefined])
    await node.api.up()
    await waitUntil('the server is asked', () => node.api.openWatches('pods').length > 0)
    next.container().write('stdout', 'known')
    await waitUntil('it is known', () =>
      node.entries.some((entry) => entry.log === 'known' && entry.kubernetes.uid === next.uid),
    )
    const last = node.entries.at(-1)?.kubernetes
    assert.deepEqual([last?.metadata, last?.labels], [undefined, { app: 'web' }])
  })

  test('treats a pod that the server no longer has as deleted: its last lines are still enriched', async (t) => {
    const { node, pod, container } = await setUp(t)
    container.write('stdout', 'before')
    await node.startAgent()
    await node.entry('before')
    pod.withdraw()
    await node.api.up()
    await waitUntil('the server is asked', () => node.api.openWatches('pods').length > 0)
    container.write('stdout', 'last words')
    assert.deepEqual((await node.entry('last words')).kubernetes.labels, { app: 'web' })
    await node.stopAgent()
    assert.doesNotMatch(readFileSync(cachePath(node), 'utf8'), /payments/)
  })

  test('selects by the labels and annotations that it has on disk', async (t) => {
    const others: PodSpec[] = [
      { ...web, name: 'batch', labels: { app: 'batch' } },
      { ...web, name: 'quiet', annotations: { 'loggy.io/exclude': 'true' } },
    ]
    const { node, pods } = await setUp(t, { pods: [web, ...others], config: { select: { labels: 'app=web' } } })
    for (const pod of pods.toReversed()) pod.container().write('stdout', `of ${pod.spec.name}`)
    await node.startAgent()
    await node.entry('of web')
    pods[0]?.container().write('stdout', 'later')
    await node.entry('later')
    assert.deepEqual(node.logs(), ['known', 'of web', 'later'])
  })

  test('has the labels of namespace and node from its disk, too', async (t) => {
    const config = { enrich: { namespaceLabels: true, nodeLabels: true } }
    const node = await TestNode.start(t, { config })
    node.api.upsert({ kind: 'Namespace', metadata: { name: 'shop', labels: { tier: 'gold' } } })
    node.api.upsert({ kind: 'Namespace', metadata: { name: 'elsewhere', labels: { tier: 'tin' } } })
    node.api.upsert({ kind: 'Node', metadata: { name: 'node-1', labels: { zone: 'a' } } })
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    container.write('stdout', 'known')
    const { kubernetes: known } = await node.entry('known')
    await node.stopAgent()
    assert.doesNotMatch(readFileSync(cachePath(node), 'utf8'), /elsewhere/)
    await node.api.down()
    container.write('stdout', 'cached')
    await node.startAgent()
    const { kubernetes } = await node.entry('cached')
    assert.deepEqual(kubernetes, { ...known, metadata: 'cached' })
    assert.deepEqual(known.namespaceLabels, { tier: 'gold' })
  })
})

test('what is known of pods is on disk seconds later, so that a kill does not undo it', async (t) => {
  const node = await TestNode.start(t)
  const pod = node.kubelet.startPod(web)
  await node.startAgent()
  const hasPod = () =>
    statSync(cachePath(node), { throwIfNoEntry: false }) !== undefined &&
    readFileSync(cachePath(node), 'utf8').includes(pod.uid)
  await waitUntil('the pod is stored', hasPod)
  await node.kill()
  await node.api.down()
  pod.container().write('stdout', 'after the kill')
  await node.startAgent()
  assert.equal((await node.entry('after the kill')).kubernetes.metadata, 'cached')
})

test('while the API server answers, nothing is taken from the disk', async (t) => {
  const { node, container } = await setUp(t)
  await node.api.up()
  container.write('stdout', 'after the restart')
  await node.startAgent()
  assert.equal((await node.entry('after the restart')).kubernetes.metadata, undefined)
})

test('an agent that can store nothing of pods reads on, and says it', async (t) => {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web).container()
  mkdirSync(cachePath(node), { recursive: true })
  writeFileSync(join(cachePath(node), 'a file'), '')
  await node.startAgent()
  container.write('stdout', 'one')
  await node.entry('one')
  assert.equal(await node.stopAgent(), 0)
  assert.equal(logged(node, 'metadata of pods cannot be stored; retrying')?.level, 'warn')
  rmSync(cachePath(node), { recursive: true })
})

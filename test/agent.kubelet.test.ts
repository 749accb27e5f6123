import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { KubeletServer } from '../src/simulation/kubelet-server.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { selfSignedCertificate } from './kube/certificate.ts'
import { webSpec as web } from './support/pod.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const hash = 'b'.repeat(32)
const proxy: PodSpec = { ...web, name: 'proxy-node-1', configHash: hash }

async function setUp(t: TestContext, enrich: { readonly from: string }) {
  const tls = selfSignedCertificate({ name: 'node-1' })
  const kubeletCaFile = join(temporaryDirectory(t), 'kubelet.crt')
  writeFileSync(kubeletCaFile, tls.cert)
  let node: TestNode | undefined
  const server = await KubeletServer.start({ tls, pods: () => node?.kubelet.pods ?? [] })
  t.after(() => server.close())
  const kubernetes = { kubeletUrl: server.url, kubeletCaFile }
  node = await TestNode.start(t, { config: { enrich: { waitForMetadata: '10m', ...enrich }, kubernetes } })
  return { node, server }
}

describe("the node's kubelet as the source of metadata", () => {
  test('gives new pods, changed ones and static ones, and the API server is not asked for any', async (t) => {
    const { node } = await setUp(t, { from: 'kubelet' })
    node.kubelet.startPod(proxy).container().write('stdout', 'static')
    await node.startAgent()
    const { kubernetes: fixed } = await node.entry('static')
    assert.deepEqual([fixed.uid, fixed.labels, fixed.metadata], [hash, { app: 'web' }, undefined])
    const pod = node.kubelet.startPod(web)
    pod.container().write('stdout', 'new')
    const { kubernetes } = await node.entry('new')
    assert.deepEqual([kubernetes.uid, kubernetes.annotations], [pod.uid, { team: 'payments' }])
    pod.setMetadata({ labels: { app: 'web2' } })
    await waitUntil('the label has changed', () => {
      pod.container().write('stdout', 'changed')
      return node.entries.some((entry) => entry.log === 'changed' && entry.kubernetes.labels?.app === 'web2')
    })
    assert.equal(node.api.requests.length, 0)
  })

  test('tells an agent that ends that its node goes away', async (t) => {
    const { node } = await setUp(t, { from: 'kubelet' })
    node.kubelet.startPod({ namespace: 'loggy', name: 'loggy-x', containers: [{ name: 'loggy', image: 'x' }] })
    const pod = node.kubelet.startPod(web)
    await node.startAgent({ POD_NAMESPACE: 'loggy', POD_NAME: 'loggy-x' })
    pod.container().write('stdout', 'known')
    await node.entry('known')
    pod.markDeleted()
    const ending = node.stopAgent()
    const readsOn = () => node.agentLog.some(({ message }) => message.startsWith('the node is shutting down'))
    await waitUntil('it reads on', readsOn).catch(() => assert.fail(JSON.stringify(node.agentLog)))
    pod.container().write('stdout', 'last words')
    await node.entry('last words')
    node.kubelet.deletePod(pod)
    assert.equal(await ending, 0)
  })
})

describe('with enrich.from: auto', () => {
  test('the kubelet is asked for what an API server that is away does not report, and the API server counts again when it is back', async (t) => {
    const { node, server } = await setUp(t, { from: 'auto' })
    const known = node.kubelet.startPod(web)
    await node.startAgent()
    known.container().write('stdout', 'by the API server')
    await node.entry('by the API server')

    await node.api.down()
    const pod = node.kubelet.startPod({ ...web, name: 'late' })
    const fixed = node.kubelet.startPod(proxy)
    pod.container().write('stdout', 'by the kubelet')
    fixed.container().write('stdout', 'static')
    const { kubernetes } = await node.entry('by the kubelet')
    assert.deepEqual([kubernetes.uid, kubernetes.metadata, kubernetes.labels], [pod.uid, undefined, { app: 'web' }])
    assert.equal((await node.entry('static')).kubernetes.uid, hash)

    await node.api.up()
    await waitUntil('the mirror pod is known', () => {
      fixed.container().write('stdout', 'of the mirror')
      return node.entries.some(({ log, kubernetes: { uid } }) => log === 'of the mirror' && uid === fixed.uid)
    })
    assert.ok(server.requests.length > 0)
  })

  test('an agent that starts while the API server is away has all pods from the kubelet', async (t) => {
    const { node } = await setUp(t, { from: 'auto' })
    const pod = node.kubelet.startPod(web)
    await node.startAgent()
    pod.container().write('stdout', 'known')
    await node.entry('known')
    await node.stopAgent()
    await node.api.down()
    const next = node.kubelet.startPod({ ...web, name: 'unknown' })
    await node.startAgent()
    next.container().write('stdout', 'new')
    assert.equal((await node.entry('new')).kubernetes.metadata, undefined)
    pod.container().write('stdout', 'confirmed')
    assert.equal((await node.entry('confirmed')).kubernetes.metadata, undefined, 'the kubelet has it too')
  })
})

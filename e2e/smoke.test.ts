import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Entry, EntryStream } from './support/entry-stream.ts'
import { Installation } from './support/installation.ts'
import { kubectl, kubectlJson, startKubectl } from './support/kubectl.ts'

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly spec: { readonly nodeName: string }
  readonly status: { readonly podIP: string }
}

const image = process.env.LOGGY_E2E_IMAGE
const busybox = process.env.LOGGY_E2E_BUSYBOX ?? 'busybox:1'
const skip = image === undefined && 'LOGGY_E2E_IMAGE names no image: e2e/README.md'

describe('an agent on a real cluster', { skip, timeout: 300_000 }, () => {
  const stop = new AbortController()
  let installation: Installation
  let stream: EntryStream
  /** All pods are on it, since only its agent is listened to. */
  let node: string

  const inNamespace = (...args: string[]) => ['--namespace', installation.namespace, ...args]
  const podNamed = (name: string) => kubectlJson<Pod>('get', 'pod', name, ...inNamespace())
  const isOf = (pod: string) => (entry: Entry) => entry.kubernetes.pod === pod

  before(async () => {
    installation = await Installation.create({ loggy: image ?? '', busybox })
    await installation.applyAgent()
    await kubectl('rollout', 'status', `daemonset/${installation.daemonSet}`, '--timeout=120s', ...inNamespace())
    const [agent] = (await kubectlJson<{ items: Pod[] }>('get', 'pods', ...inNamespace())).items
    assert.ok(agent, 'no node runs an agent')
    node = agent.spec.nodeName
    await installation.applyCounter(node)
    await installation.applyCounter(node, 'witness-counter')
    await kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=120s', ...inNamespace())
    stream = new EntryStream(startKubectl(['logs', '--follow', agent.metadata.name, ...inNamespace()], stop.signal))
  })

  after(async () => {
    stop.abort()
    await installation?.remove()
  })

  test('puts the metadata that the API has on the lines of a pod', async () => {
    const { metadata, status } = await podNamed('counter')
    const isComplete = ({ kubernetes }: Entry) => kubernetes.pod === 'counter' && kubernetes.podIP !== undefined
    const { time, log, kubernetes, ...entry } = await stream.find('an entry of the counter', isComplete)
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)$/)
    assert.match(log, /^count \d+$/)
    assert.equal(entry.stream, 'stdout')
    assert.equal(kubernetes.namespace, installation.namespace)
    assert.equal(kubernetes.container, 'counter')
    assert.equal(kubernetes.uid, metadata.uid)
    assert.equal(kubernetes.node, node)
    assert.equal(kubernetes.podIP, status.podIP)
    assert.deepEqual(kubernetes.labels, { app: 'counter', tier: 'demo' })
    assert.equal(kubernetes.annotations?.team, 'payments')
  })

  test('shows a changed label on the lines that follow', async () => {
    await kubectl('label', 'pod', 'counter', 'tier=changed', '--overwrite', ...inNamespace())
    await stream.find(
      'the changed label',
      (entry) => isOf('counter')(entry) && entry.kubernetes.labels?.tier === 'changed',
    )
  })

  test('leaves a pod alone while its annotation says so', async () => {
    await kubectl('annotate', 'pod', 'counter', 'loggy.io/exclude=true', ...inNamespace())
    await stream.until(
      'five lines of the witness in a row',
      () => stream.entries.length >= 5 && stream.entries.slice(-5).every(isOf('witness-counter')),
    )
    const seen = stream.entries.length
    await kubectl('annotate', 'pod', 'counter', 'loggy.io/exclude-', ...inNamespace())
    await stream.find('the counter again', isOf('counter'), seen)
  })

  test('gives the lines of a recreated pod its new uid only', async () => {
    const old = await podNamed('counter')
    await kubectl('delete', 'pod', 'counter', '--now', ...inNamespace())
    await installation.applyCounter(node)
    await kubectl('wait', '--for=condition=Ready', 'pod/counter', '--timeout=120s', ...inNamespace())
    const { metadata } = await podNamed('counter')
    assert.notEqual(metadata.uid, old.metadata.uid)
    const ofNewPod = () => stream.entries.filter(({ kubernetes }) => kubernetes.uid === metadata.uid)
    await stream.until('five lines of the new pod', () => ofNewPod().length >= 5)
    const [first] = ofNewPod()
    assert.equal(first?.log, 'count 1')
    const later = stream.entries.slice(stream.entries.indexOf(first)).filter(isOf('counter'))
    assert.deepEqual(later, ofNewPod())
  })

  test('writes nothing but JSON', () => {
    assert.deepEqual(stream.strangers, [])
    assert.ok(stream.entries.every(({ kubernetes }) => kubernetes.metadata === undefined))
  })
})

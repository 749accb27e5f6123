import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { busyboxPod, COUNT, type PodOptions, podTemplate } from '../support/busybox-pod.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { podNamed, podsWith } from '../support/pod-object.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'

const skip = await unlessMet()

describe('lines of pods that change', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'kubectl logs' })

  test('carry a label from when it was changed on the running pod', async () => {
    const { installation, entries, node } = scene()
    const labels = { app: 'changing', tier: 'first' }
    await installation.applyPod(busyboxPod('changing', node, { labels, containers: { counter: COUNT } }))
    const withTier = (tier: string) => () => entries.ofPod('changing').some((e) => e.kubernetes.labels?.tier === tier)
    await entries.until('the first label', withTier('first'))
    await installation.kubectl('label', 'pod', 'changing', 'tier=second', '--overwrite')
    await entries.until('the second label', withTier('second'))
    const tiers = entries.ofPod('changing').map(({ kubernetes }) => kubernetes.labels?.tier)
    assert.deepEqual(tiers, [...tiers].sort(), 'the old label came back')
    assertContiguous('changing')
  })

  test('of a Deployment that is rolled carry their own version and its name', async () => {
    const { installation, entries } = scene()
    const versions = () => new Set(ofOwner('Deployment', 'rolled').map(({ kubernetes }) => kubernetes.labels?.version))
    await installation.apply(workload('Deployment', 'rolled', { version: '1' }))
    await entries.until('the first version', () => versions().has('1'))
    await installation.apply(workload('Deployment', 'rolled', { version: '2' }))
    await entries.until('the second version', () => versions().has('2'))
    const byPod = Map.groupBy(ofOwner('Deployment', 'rolled'), ({ kubernetes }) => kubernetes.pod)
    assert.equal(byPod.size, 2)
    for (const [pod, lines] of byPod) {
      assert.equal(new Set(lines.map(({ kubernetes }) => kubernetes.labels?.version)).size, 1, pod)
      assertContiguous(pod)
    }
  })

  test("of a StatefulSet's pod that is made anew never carry the old uid", async () => {
    const { installation, entries } = scene()
    await installation.apply(workload('StatefulSet', 'kept', { run: '1' }))
    await entries.until('lines of the first', () => entries.ofPod('kept-0').length >= 3)
    const old = await podNamed(installation, 'kept-0')
    await installation.apply(workload('StatefulSet', 'kept', { run: '2' }))
    const ofNew = () => entries.ofPod('kept-0').filter(({ kubernetes }) => kubernetes.uid !== old.metadata.uid)
    await entries.until('lines of the second', () => ofNew().length >= 5, 120_000)
    const { metadata } = await podNamed(installation, 'kept-0')
    const all = entries.ofPod('kept-0')
    const first = all.findIndex(({ kubernetes }) => kubernetes.uid === metadata.uid)
    assert.equal(all[first]?.log, 'count 1')
    for (const { kubernetes } of all.slice(first))
      assert.deepEqual([kubernetes.uid, kubernetes.labels?.run], [metadata.uid, '2'])
    for (const { kubernetes } of all.slice(0, first))
      assert.deepEqual([kubernetes.uid, kubernetes.labels?.run], [old.metadata.uid, '1'])
  })

  test('are those that the kubelet has', async (t) => t.diagnostic(await assertAsKubelet(scene())))

  test('are read with all the rest', async () => {
    const { entries, installation } = scene()
    assert.deepEqual(entries.strangers, [])
    assert.ok(entries.entries.every(({ kubernetes }) => kubernetes.metadata === undefined))
    assert.equal((await podsWith(installation, 'app.kubernetes.io/name=loggy')).length, 1)
  })

  function ofOwner(kind: string, name: string) {
    const isIt = (owner?: { kind: string; name: string }) => owner?.kind === kind && owner.name === name
    return scene().entries.entries.filter(({ kubernetes }) => isIt(kubernetes.owner))
  }

  /** Each counts from 1. */
  function assertContiguous(pod: string): void {
    const logs = scene()
      .entries.ofPod(pod)
      .map(({ log }) => log)
    assert.deepEqual(
      logs,
      Array.from(logs, (_, index) => `count ${index + 1}`),
    )
  }

  function workload(kind: 'Deployment' | 'StatefulSet', name: string, labels: PodOptions['labels']) {
    const selector = { matchLabels: { app: name } }
    const template = podTemplate(scene().node, { labels: { app: name, ...labels }, containers: { counter: COUNT } })
    const service = kind === 'StatefulSet' ? { serviceName: name } : {}
    return { apiVersion: 'apps/v1', kind, metadata: { name }, spec: { replicas: 1, selector, template, ...service } }
  }
})

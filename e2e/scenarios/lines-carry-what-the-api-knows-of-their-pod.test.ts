import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { podNamed } from '../support/pod-object.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'
import { settings } from '../support/settings.ts'

const skip = await unlessMet()

describe("the example's lines in `kubectl logs` of the agent", { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'kubectl logs' })

  test('carry the metadata of their pod', async () => {
    const { installation, entries, node } = scene()
    await installation.applyCounter(node)
    const { metadata, status } = await podNamed(installation, 'counter')
    const { time, log, ...entry } = await entries.find('an entry', ({ kubernetes }) => kubernetes.podIP !== undefined)
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)$/)
    assert.match(log ?? '', /^count \d+$/)
    const { annotations, image, ...kubernetes } = entry.kubernetes
    assert.deepEqual(
      { ...entry, kubernetes },
      {
        stream: 'stdout',
        kubernetes: {
          namespace: installation.namespace,
          pod: 'counter',
          container: 'counter',
          uid: metadata.uid,
          node,
          podIP: status.podIP,
          containerID: status.containerStatuses?.[0]?.containerID?.replace('containerd://', ''),
          restartCount: 0,
          labels: { app: 'counter', tier: 'demo' },
        },
      },
    )
    assert.equal(annotations?.team, 'payments') // old API servers add some of their own
    assert.equal(image, settings.busybox)
  })

  test('begin with its first and miss none', async () => {
    const { entries } = scene()
    await entries.until('ten lines', () => entries.entries.length >= 10)
    assert.deepEqual(
      entries.ofPod('counter').map(({ log }) => log),
      entries.entries.map((_, index) => `count ${index + 1}`),
    )
  })

  test('are those that the kubelet has', async (t) => t.diagnostic(await assertAsKubelet(scene())))

  test('stand among nothing but JSON', () => {
    assert.deepEqual(scene().entries.strangers, [])
  })
})

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { busyboxPod, COUNT } from '../support/busybox-pod.ts'
import type { Entry } from '../support/entry-log.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'

const skip = await unlessMet()

describe("a pod's own annotations", { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'kubectl logs' })

  before(async () => {
    const { installation, node } = scene()
    const annotations = (key: string, value: string) => ({ annotations: { [`loggy.io/${key}`]: value } })
    await installation.apply(
      busyboxPod('silent', node, { ...annotations('exclude', 'true'), containers: { counter: COUNT } }),
      busyboxPod('half', node, {
        ...annotations('exclude-containers', 'proxy,side-*'),
        containers: { counter: COUNT, proxy: COUNT, 'side-car': COUNT },
      }),
      busyboxPod('witness', node, { containers: { counter: COUNT } }),
    )
  })

  test('keep it unread from its first line on', async () => {
    await witnessed(10)
    assert.deepEqual(scene().entries.ofPod('silent'), [])
  })

  test('keep single containers unread', async () => {
    const { entries } = scene()
    await entries.until('lines of the other container', () => entries.ofPod('half').length >= 5)
    assert.deepEqual(new Set(entries.ofPod('half').map(({ kubernetes }) => kubernetes.container)), new Set(['counter']))
  })

  test('count as soon as they are put on a running pod, and no longer than they are there', async () => {
    const { entries, installation } = scene()
    await installation.kubectl('annotate', 'pod', 'half', 'loggy.io/exclude=true')
    const isOfWitness = ({ kubernetes }: Entry) => kubernetes.pod === 'witness'
    await entries.until('five lines of the witness in a row', () => entries.entries.slice(-5).every(isOfWitness))
    const seen = entries.entries.length
    await installation.kubectl('annotate', 'pod', 'half', 'loggy.io/exclude-')
    await entries.find('the pod again', ({ kubernetes }) => kubernetes.pod === 'half', seen)
  })

  test('leave what was written meanwhile unread', () => {
    const logs = scene()
      .entries.ofPod('half')
      .map(({ log }) => Number(log?.split(' ')[1]))
    const steps = logs.slice(1).map((number, index) => number - (logs[index] ?? 0))
    assert.equal(steps.filter((step) => step > 1).length, 1, `one gap in ${logs.join(' ')}`)
  })

  async function witnessed(count: number): Promise<void> {
    const { entries } = scene()
    await entries.until(`${count} lines of the witness`, () => entries.ofPod('witness').length >= count)
  }
})

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { podTemplate } from '../support/busybox-pod.ts'
import { kubernetesMinor } from '../support/cluster.ts'
import type { Entry } from '../support/entry-log.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'

const skip = await unlessMet()
const LINES = ['one', 'two', 'three']

describe('all lines of pods that live for a second', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'kubectl logs' })

  before(async () => {
    const { installation, node } = scene()
    const script = `${LINES.map((line) => `echo ${line}`).join('; ')}; sleep 1`
    const template = podTemplate(node, {
      labels: { app: 'short' },
      restartPolicy: 'Never',
      containers: { worker: script },
    })
    const job = (name: string) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template } })
    const apiVersion = (await kubernetesMinor()) >= 21 ? 'batch/v1' : 'batch/v1beta1'
    const spec = { schedule: '* * * * *', jobTemplate: { spec: { template } } }
    const cronJob = { apiVersion, kind: 'CronJob', metadata: { name: 'each-minute' }, spec }
    await installation.apply(cronJob)
    for (const number of [1, 2, 3]) await installation.apply(job(`job-${number}`))
  })

  test('are read, with labels and the Job as owner', async () => {
    for (const name of ['job-1', 'job-2', 'job-3']) await assertWhole('Job', name)
  })

  test('are read, with labels and the CronJob as owner', async () => {
    await assertWhole('CronJob', 'each-minute')
  })

  test('are those that the kubelet has', async (t) => t.diagnostic(await assertAsKubelet(scene())))

  async function assertWhole(kind: string, name: string): Promise<void> {
    const { entries } = scene()
    const isIt = ({ kubernetes }: Entry) => kubernetes.owner?.kind === kind && kubernetes.owner.name === name
    const all = () => entries.entries.filter(isIt)
    await entries.until(`all lines of ${kind} ${name}`, () => all().length >= LINES.length, 120_000)
    const [first] = all()
    const ofFirst = all().filter(({ kubernetes }) => kubernetes.uid === first?.kubernetes.uid)
    assert.deepEqual(
      ofFirst.map(({ log }) => log),
      LINES,
    )
    for (const { kubernetes } of ofFirst) assert.equal(kubernetes.labels?.app, 'short')
  }
})

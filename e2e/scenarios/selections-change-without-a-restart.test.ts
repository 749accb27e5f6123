import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { busyboxPod, COUNT } from '../support/busybox-pod.ts'
import type { Entry } from '../support/entry-log.ts'
import { kubectl } from '../support/kubectl.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'
import { until } from '../support/until.ts'

const skip = await unlessMet()

describe('a changed ConfigMap', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'kubectl logs' })
  const elsewhere = () => `${scene().namespace}-elsewhere`
  let containerID: string

  before(async () => {
    const { installation, node, agent } = scene()
    containerID = (await agent.running()).containerID
    await kubectl('create', 'namespace', elsewhere())
    const pod = (name: string, labels: object, annotations: object) =>
      busyboxPod(name, node, { labels: { ...labels }, annotations: { ...annotations }, containers: { counter: COUNT } })
    await installation.apply(
      pod('web', { app: 'web', tier: 'front' }, { team: 'payments, europe' }),
      pod('cache', { app: 'web', tier: 'cache' }, { team: 'payments, europe' }),
      pod('api', { app: 'api' }, { team: 'search' }),
    )
    const away = pod('web-elsewhere', { app: 'web' }, {})
    await installation.apply({ ...away, metadata: { ...away.metadata, namespace: elsewhere() } })
    await entriesOfAll(['api', 'cache', 'web'])
  })

  after(async () => {
    await kubectl('delete', 'pods', '--all', '--force', '--grace-period=0', '--wait=false', '--namespace', elsewhere())
    await kubectl('delete', 'namespace', elsewhere(), '--ignore-not-found', '--timeout=120s')
  })

  test('selects pods by label', async () => {
    await scene().installation.configure({ select: { labels: 'app in (web,api),tier!=cache' } })
    await entriesOfAll(['api', 'web'])
  })

  test('selects pods by annotation', async () => {
    await scene().installation.configure({ select: { annotations: 'team="payments, europe"' } })
    await entriesOfAll(['cache', 'web'])
  })

  test('selects pods by namespace', async () => {
    const { installation, namespace } = scene()
    await installation.configure({ select: { namespaces: { include: [`${namespace}*`], exclude: [namespace] } } })
    await entriesOfAll(['web-elsewhere'])
  })

  test('that is faulty changes nothing', async () => {
    const { installation, agent } = scene()
    await installation.configure({ select: { labels: 'app in (web' } })
    const { pod } = await agent.running()
    await scene().entries.until('two lines more', countMore(2))
    await assertLogged(pod, 'the new configuration is invalid')
    await entriesOfAll(['web-elsewhere'])
  })

  test('is read by an agent that was never restarted', async () => {
    assert.equal((await scene().agent.running()).containerID, containerID)
    assert.deepEqual(scene().entries.strangers, [])
  })

  /** Resolves when the last entries, enough for each pod to have its turn, are of these pods and of all of them. */
  async function entriesOfAll(pods: readonly string[]): Promise<void> {
    const { entries } = scene()
    const last = (): Entry[] => entries.entries.slice(-3 * pods.length)
    const namesOf = (some: Entry[]) => [...new Set(some.map(({ kubernetes }) => kubernetes.pod))].sort()
    const isSo = () => last().length === 3 * pods.length && namesOf(last()).join() === pods.join()
    await entries.until(`nothing but lines of ${pods.join(', ')}`, isSo, 120_000)
  }

  function countMore(count: number): () => boolean {
    const { entries } = scene()
    const before = entries.entries.length
    return () => entries.entries.length >= before + count
  }

  async function assertLogged(pod: string, message: string): Promise<void> {
    const log = async () => await scene().installation.kubectl('logs', pod)
    await until(`the agent says: ${message}`, async () => (await log()).includes(message))
  }
})

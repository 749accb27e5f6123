import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ApiServer } from '../support/api-server.ts'
import { busyboxPod, COUNT, staticPod } from '../support/busybox-pod.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { podNamed } from '../support/pod-object.ts'
import { apiControl, kubernetes, staticPodFolder, unlessMet, verifiableKubelet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'
import { settings } from '../support/settings.ts'

const skip = await unlessMet(kubernetes(33, 'the right nodes/pods'), verifiableKubelet)
const withoutStop = await unlessMet(apiControl, staticPodFolder)

/**
 * Seconds from the end of the API server to the end of the agent, and to a new pod; a stop takes a few itself. The kubelet asks the API
 * server who the agent is and keeps the answer for two minutes, so all must have happened by then.
 */
const [KILL_S, POD_S] = [10, 25]

describe('with the kubelet as its source of metadata', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({
    by: 'http',
    hasShell: true,
    rights: 'rbac/kubelet',
    options: { enrich: { from: 'kubelet' } },
  })
  const api = new ApiServer()
  const [labels, annotations] = [{ app: 'web' }, { team: 'payments' }]
  const lines = (pod: string) => scene().entries.ofPod(pod)

  before(async () => {
    const { installation, node } = scene()
    await installation.applyPod(busyboxPod('web', node, { labels, annotations, containers: { counter: COUNT } }))
    await scene().entries.until('lines', () => lines('web').length >= 3)
  })
  after(async () => await api.start())

  test('lines have it from the first on', async () => {
    const { metadata, status } = await podNamed(scene().installation, 'web')
    assert.equal(lines('web')[0]?.log, 'count 1')
    await scene().entries.until("the pod's address", () => lines('web').at(-1)?.kubernetes.podIP !== undefined)
    for (const { kubernetes } of lines('web')) {
      const { uid, image, node, metadata: incomplete } = kubernetes
      assert.deepEqual({ uid, image, node }, { uid: metadata.uid, image: settings.busybox, node: scene().node })
      assert.deepEqual([kubernetes.labels, kubernetes.annotations?.team, incomplete], [labels, 'payments', undefined])
    }
    assert.equal(lines('web').at(-1)?.kubernetes.podIP, status.podIP)
  })

  test('a changed label is on them', async () => {
    await scene().installation.kubectl('label', 'pod', 'web', 'step=1')
    await scene().entries.until('the label', () => lines('web').at(-1)?.kubernetes.labels?.step === '1')
  })

  test('the API server is asked for no pods', async () => {
    const { pod } = await scene().agent.running()
    const path = `/api/v1/namespaces/${scene().namespace}/pods/${pod}:9180/proxy/metrics`
    const metrics = await scene().installation.kubectl('get', '--raw', path)
    assert.match(metrics, /^loggy_reflector_\w+\{.*resource="kubelet".*\} [1-9]/m)
    assert.doesNotMatch(metrics, /resource="pods"/)
  })

  test('an agent that starts, and a pod that is new, have it while the API server is away', {
    skip: withoutStop,
  }, async (t) => {
    const { agent, shell, entries, namespace, node } = scene()
    const { containerID } = await agent.running()
    const name = namespace.replace('loggy-', 'static-')
    const ofStatic = () => lines(`${name}-${node}`)
    await shell.kill(containerID, KILL_S)
    await shell.writeStaticPod(name, staticPod(name, namespace, { labels, containers: { main: COUNT } }), POD_S)
    try {
      await api.stop()
      const from = lines('web').length
      await entries.until('lines of the new pod', () => ofStatic().length >= 3, 90_000)
      const meanwhile = [...lines('web').slice(from), ...ofStatic()]
      await api.start()
      await agent.running(containerID)
      t.diagnostic(`${meanwhile.length} lines without API server, ${ofStatic().length} of the new pod`)
      for (const { kubernetes } of meanwhile)
        assert.deepEqual([kubernetes.labels?.app, kubernetes.metadata], ['web', undefined])
      assert.equal(ofStatic()[0]?.log, 'count 1')
    } finally {
      await api.start()
      await shell.removeStaticPod(name)
    }
  })

  test('they are those that the kubelet has', async (t) => {
    t.diagnostic(await assertAsKubelet(scene(), [`${scene().namespace.replace('loggy-', 'static-')}-${scene().node}`]))
  })
})

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { busyboxPod, COUNT } from '../support/busybox-pod.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'
import { until } from '../support/until.ts'

const skip = await unlessMet()

interface Pod {
  readonly spec: { readonly containers: readonly { readonly readinessProbe?: { readonly httpGet?: object } }[] }
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses: readonly { readonly restartCount: number }[]
  }
}

describe('an agent', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'http' })
  let agent: string

  before(async () => {
    const { installation, node, entries } = scene()
    agent = (await scene().agent.running()).pod
    await installation.applyPod(busyboxPod('counter', node, { containers: { counter: COUNT } }))
    await entries.until('lines', () => entries.ofPod('counter').length >= 3)
  })

  test('is ready by its own word', async () => {
    const pod = await agentPod()
    assert.deepEqual(pod.spec.containers[0]?.readinessProbe?.httpGet, {
      ...{ path: '/readyz', port: 'metrics', scheme: 'HTTP' },
    })
    assert.ok(isReady(pod))
    assert.match(await ask('readyz'), /^ok/)
  })

  test("answers for its health and its metrics through the API server's proxy", async (t) => {
    const health = await ask('healthz')
    assert.match(health, /^ok/)
    const metrics = await ask('metrics')
    const shown = metrics
      .split('\n')
      .filter((line) => /^loggy_(entries_delivered_total|container_lag_bytes)\b/.test(line))
    t.diagnostic(shown.join('\n'))
    const [, delivered] = /^loggy_entries_delivered_total (\d+)$/m.exec(metrics) ?? []
    assert.ok(Number(delivered) >= 3, metrics)
    const container = `pod_namespace="${scene().namespace}",pod_name="counter",container_name="counter"`
    assert.ok(
      shown.some((line) => line.startsWith(`loggy_container_lag_bytes{${container}}`)),
      metrics,
    )
  })

  test('is not ready while nothing gets through, goes on living, and is ready again', async () => {
    const { collector } = scene()
    await collector?.stop()
    await until('it is not ready', async () => !isReady(await agentPod()))
    await assert.rejects(ask('readyz'))
    assert.match(await ask('healthz'), /^ok/)
    await collector?.resume()
    await until('it is ready', async () => isReady(await agentPod()))
    const [container] = (await agentPod()).status.containerStatuses
    assert.equal(container?.restartCount, 0)
  })

  test('has sent what the kubelet has', async (t) => t.diagnostic(await assertAsKubelet(scene())))

  const ask = async (path: string) =>
    await scene().installation.kubectl(
      'get',
      '--raw',
      `/api/v1/namespaces/${scene().namespace}/pods/${agent}:9180/proxy/${path}`,
    )
  const agentPod = async (): Promise<Pod> =>
    JSON.parse(await scene().installation.kubectl('get', 'pod', agent, '--output=json'))
})

function isReady({ status }: Pod): boolean {
  return status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

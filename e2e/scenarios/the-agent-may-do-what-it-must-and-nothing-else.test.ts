import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { type ApiException, CoreV1Api } from '@kubernetes/client-node'
import { kubeConfigOf } from '../support/account.ts'
import { linuxNodes } from '../support/cluster.ts'
import { collectEvidence } from '../support/evidence.ts'
import { Installation } from '../support/installation.ts'
import { type PodObject, podsWith } from '../support/pod-object.ts'
import { unlessMet } from '../support/requirements.ts'
import { settings } from '../support/settings.ts'

const skip = await unlessMet()

describe('the manifests as they are', { skip, timeout: 300_000 }, () => {
  let installation: Installation
  let agents: PodObject[]
  let hasFailed = true

  before(async () => {
    installation = await Installation.create({ state: 'pod' })
    await installation.applyAgent()
    agents = await podsWith(installation, 'app.kubernetes.io/name=loggy')
    hasFailed = false
  })
  afterEach((test) => {
    if ('passed' in test && !test.passed) hasFailed = true
  })
  after(async () => {
    if (hasFailed) await collectEvidence(installation.namespace, join(settings.artifacts, installation.namespace))
    await installation?.remove()
  })

  test('put one ready agent on each Linux node', async () => {
    const nodes = (await linuxNodes()).map(({ metadata }) => metadata.name)
    assert.deepEqual(agents.map(({ spec }) => spec.nodeName).sort(), nodes.sort())
  })

  test('give its account the pods and nothing else', async () => {
    const asAgent = await apiWithTokenOf(installation)
    const fieldSelector = `spec.nodeName=${agents[0]?.spec.nodeName}`
    const { items } = await asAgent.listPodForAllNamespaces({ fieldSelector })
    assert.ok(items.some(({ metadata }) => metadata?.name === agents[0]?.metadata.name))
    const { namespace } = installation
    await assertForbidden(asAgent.listSecretForAllNamespaces())
    await assertForbidden(asAgent.listNamespacedSecret({ namespace }))
    await assertForbidden(asAgent.readNamespacedConfigMap({ name: installation.daemonSet, namespace }))
    await assertForbidden(asAgent.listNode())
    await assertForbidden(asAgent.deleteNamespacedPod({ name: agents[0]?.metadata.name ?? '', namespace }))
  })

  test('leave its process no capability, no way to gain any, and filter its system calls', async () => {
    const status = await inAgent("process.stdout.write(fs.readFileSync('/proc/1/status', 'utf8'))")
    const fieldOf = (key: string) => new RegExp(`^${key}:\\s*(\\S+)$`, 'm').exec(status)?.[1]
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.match(fieldOf(set) ?? '', /^0+$/, set)
    assert.equal(fieldOf('NoNewPrivs'), '1')
    assert.equal(fieldOf('Seccomp'), '2')
  })

  test('let it write to its state and nowhere else', async () => {
    const write = (path: string) =>
      inAgent(`try { fs.writeFileSync('${path}/e2e', ''); console.log('written') } catch (e) { console.log(e.code) }`)
    assert.equal(await write('/var/lib/loggy'), 'written\n')
    for (const path of ['', '/app', '/tmp', '/etc/loggy', '/var/log', '/var/log/pods', '/var/log/containers'])
      assert.equal(await write(path), 'EROFS\n', path)
  })

  async function inAgent(script: string): Promise<string> {
    return await installation.kubectl('exec', agents[0]?.metadata.name ?? '', '--', 'node', '-e', script)
  }
})

/** The API with the rights of the agent. */
async function apiWithTokenOf({ namespace, daemonSet }: Installation): Promise<CoreV1Api> {
  return (await kubeConfigOf({ name: daemonSet, namespace })).makeApiClient(CoreV1Api)
}

async function assertForbidden(call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error: ApiException<unknown>) => error.code === 403)
}

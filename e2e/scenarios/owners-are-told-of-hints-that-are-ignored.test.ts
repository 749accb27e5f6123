import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { busyboxPod, COUNT } from '../support/busybox-pod.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { podNamed } from '../support/pod-object.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'
import { until } from '../support/until.ts'

const skip = await unlessMet()
const rbac = join(import.meta.dirname, '../../rbac/events/rbac.yaml')

interface Event {
  readonly involvedObject: { readonly uid: string }
  readonly source: { readonly component: string; readonly host: string }
  readonly message: string
}

describe('the owner of a pod', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'http' })

  before(async () => {
    const { installation, node } = scene()
    const apiVersion = 'rbac.authorization.k8s.io/v1'
    const metadata = { name: 'events' }
    const [role] = parseAllDocuments(readFileSync(rbac, 'utf8')).map((document) => document.toJS())
    // The right of rbac/events in this namespace alone, so that other installations are left as they are.
    await installation.apply({ ...role, kind: 'Role', metadata })
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name }
    const subjects = [{ kind: 'ServiceAccount', name: installation.daemonSet, namespace: installation.namespace }]
    await installation.apply({ apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects } as typeof role)
    const annotations = { 'loggy.io/exclude': 'please', 'loggy.io/exlude': 'true' }
    await installation.applyPod(busyboxPod('web', node, { annotations, containers: { counter: COUNT } }))
  })

  test('finds an event on it for each annotation that is ignored', async () => {
    const { installation, node } = scene()
    await until('two events', async () => (await events()).length === 2)
    const { metadata } = await podNamed(installation, 'web')
    for (const { involvedObject, source } of await events()) {
      assert.equal(involvedObject.uid, metadata.uid)
      assert.deepEqual(source, { component: 'loggy', host: node })
    }
    assert.deepEqual((await events()).map(({ message }) => message).sort(), [
      'Loggy ignores the annotation loggy.io/exclude: "please"; expected "true" or "false"',
      'Loggy ignores the annotation loggy.io/exlude: "true"; expected the key loggy.io/exclude',
    ])
  })

  test('finds them once, although another agent comes and reads the pod', async () => {
    const { agent, entries } = scene()
    await agent.delete()
    const seen = entries.ofPod('web').length
    await entries.until('ten more lines', () => entries.ofPod('web').length >= seen + 10)
    assert.equal((await events()).length, 2)
  })

  test('has the lines that the kubelet has', async (t) => t.diagnostic(await assertAsKubelet(scene())))

  async function events(): Promise<readonly Event[]> {
    const selector = 'reason=InvalidAnnotation,involvedObject.name=web'
    const text = await scene().installation.kubectl('get', 'events', '--field-selector', selector, '--output=json')
    return JSON.parse(text).items
  }
})

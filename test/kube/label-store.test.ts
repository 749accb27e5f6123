import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LabelStore, projectLabels, projectNode } from '../../src/kube/label-store.ts'
import { LoggyError } from '../../src/lib/errors.ts'

const namespace = (name: string, labels: Record<string, string>) => projectLabels({ metadata: { name, labels } })

test('a label store tells of changes only, and keeps the record of what is the same', () => {
  const store = new LabelStore()
  let changes = 0
  store.onChange(() => {
    changes += 1
  })
  store.replace([namespace('a', { team: 'x' }), namespace('b', {})])
  const labels = store.find('a')
  assert.deepEqual(labels?.labels, { team: 'x' })
  store.replace([namespace('b', {}), namespace('a', { team: 'x' })])
  store.apply('upsert', namespace('a', { team: 'x' }))
  assert.equal(store.find('a'), labels)
  assert.equal(changes, 1)
  store.apply('upsert', namespace('a', { team: 'y' }))
  assert.deepEqual(store.find('a')?.labels, { team: 'y' })
  assert.equal(changes, 2)
})

test('a label store keeps what is deleted until a list without it', () => {
  const store = new LabelStore()
  store.replace([namespace('a', { team: 'x' })])
  store.apply('delete', namespace('a', { team: 'x' }))
  assert.deepEqual(store.find('a')?.labels, { team: 'x' })
  store.replace([])
  assert.equal(store.find('a'), undefined)
})

for (const [what, object, state] of [
  ['is as any other', {}, undefined],
  ['is cordoned', { spec: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable' }] } }, 'cordoned'],
  ['is shut down by its kubelet', shutDown('node is shutting down'), 'going'],
  ['is not ready', shutDown('container runtime is down'), undefined],
  ['is shut down by its cloud', { spec: { taints: [{ key: 'node.cloudprovider.kubernetes.io/shutdown' }] } }, 'going'],
  ['is scaled away', { spec: { unschedulable: true, taints: [{ key: 'ToBeDeletedByClusterAutoscaler' }] } }, 'going'],
] as const)
  test(`a node that ${what} is known as such`, () => {
    const { state: found, name, labels } = projectNode({ metadata: { name: 'n', labels: { zone: 'a' } }, ...object })
    assert.deepEqual({ found, name, labels }, { found: state, name: 'n', labels: { zone: 'a' } })
  })

function shutDown(message: string) {
  return { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message }] } }
}

test('an object without a name is refused', () => {
  for (const object of [undefined, 'a', {}, { metadata: { labels: {} } }])
    assert.throws(() => projectLabels(object), LoggyError)
})

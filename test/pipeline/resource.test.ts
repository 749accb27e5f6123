import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileLoggy } from '../../src/formats/loggy-program.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'
import type { Resource } from '../../src/model/resource.ts'
import { Lane } from '../../src/pipeline/lane.ts'
import { Pipeline } from '../../src/pipeline/pipeline.ts'
import { createResourceOf, type ResourceOptions, type Surroundings } from '../../src/pipeline/resource.ts'
import { anyText } from '../support/any-text.ts'

const options: ResourceOptions = {
  labels: { include: ['*'], exclude: [] },
  annotations: { include: ['*'], exclude: ['*/last-applied-configuration'] },
  maxAnnotationBytes: 100,
  cluster: '',
  fields: {},
}
const id = 'a1'.repeat(32)
const ref: ContainerRef = {
  namespace: 'shop',
  pod: 'web',
  container: 'app',
  uid: 'path-uid',
  restartCount: 1,
  containerID: id,
}
const pod: PodRecord = {
  uid: 'api-uid',
  namespace: 'shop',
  name: 'web',
  node: 'node-1',
  podIP: '10.0.0.12',
  configHash: undefined,
  owner: { kind: 'Deployment', name: 'web' },
  labels: { app: 'web' },
  annotations: { team: 'payments', 'kubectl.kubernetes.io/last-applied-configuration': '{}', big: 'x'.repeat(101) },
  containers: new Map([
    ['app', { kind: 'container', image: 'shop/web:1.2.3', containerID: 'b2'.repeat(32), restartCount: 2 }],
    ['setup', { kind: 'init', image: 'shop/setup:1', containerID: undefined, restartCount: 0 }],
  ]),
}
const around = { node: 'node-of-config', namespaceLabels: undefined, nodeLabels: undefined }

const pipeline = new Pipeline({ maxLineBytes: 1000, batches: 1 }, systemClock)
const builder = pipeline.newBatch()

/** An entry of a container with that metadata. */
function entryOf(resource: Resource): Buffer {
  const bytes = Buffer.from('2026-11-22T07:00:00Z stdout F x\n')
  const lane = new Lane({ ref }, compileLoggy(resource, { hasIds: false }))
  pipeline.encode({ file: { path: '0.log' }, bytes, offset: 0, isFinal: false }, lane, builder)
  const entry = Buffer.from(builder.seal().bytes)
  builder.clear()
  return entry
}

function render(
  of: ContainerRef,
  known: PodRecord | undefined,
  with_: Surroundings = around,
  change: Partial<ResourceOptions> = {},
) {
  return JSON.parse(entryOf(createResourceOf({ ...options, ...change })(of, known, with_)).toString()).kubernetes
}

test('has every field of the contract, in its order', () => {
  const rendered = render(ref, pod)
  assert.deepEqual(Object.keys(rendered), [
    'namespace',
    'pod',
    'container',
    'uid',
    'node',
    'podIP',
    'image',
    'containerID',
    'restartCount',
    'owner',
    'labels',
    'annotations',
    'annotationsOmitted',
  ])
  assert.equal(rendered.uid, 'api-uid')
  assert.deepEqual(rendered.annotations, { team: 'payments' })
  assert.deepEqual(rendered.annotationsOmitted, ['big'])
})

test('lists annotations among those left off whose values are not even kept', () => {
  const { annotations, annotationsOmitted } = render(ref, { ...pod, longAnnotations: ['state'] })
  assert.deepEqual(annotations, { team: 'payments' })
  assert.deepEqual(annotationsOmitted, ['big', 'state'])
})

test('says what the path says when the pod is unknown, and that it is so', () => {
  assert.deepEqual(render(ref, undefined), {
    namespace: 'shop',
    pod: 'web',
    container: 'app',
    uid: 'path-uid',
    node: 'node-of-config',
    containerID: id,
    restartCount: 1,
    metadata: 'path-only',
  })
})

test('says that metadata are from the disk, of the pod or of what surrounds it', () => {
  const around = { node: 'n', namespaceLabels: { team: 'a' }, nodeLabels: undefined }
  assert.equal(render(ref, { ...pod, isCached: true }).metadata, 'cached')
  assert.equal(render(ref, pod, { ...around, isCached: true }).metadata, 'cached')
  assert.equal(render(ref, pod, around).metadata, undefined)
})

test('has no labels from the disk with a pod that is not known', () => {
  const around = { node: 'n', namespaceLabels: { team: 'a' }, nodeLabels: { zone: 'b' }, isCached: true }
  const { namespaceLabels, nodeLabels, metadata } = render(ref, undefined, around)
  assert.deepEqual([namespaceLabels, nodeLabels, metadata], [undefined, undefined, 'path-only'])
})

test('takes the id and the restart count of the instance that wrote, not of the latest', () => {
  assert.deepEqual([render(ref, pod).containerID, render(ref, pod).restartCount], [id, 1])
  const cut = { ...ref, containerID: 'a1a1' }
  assert.equal(render(cut, pod).containerID, 'a1a1')
  assert.equal(render({ ...cut, restartCount: 2 }, pod).containerID, 'b2'.repeat(32))
})

test('marks init and ephemeral containers', () => {
  assert.equal(render({ ...ref, container: 'setup' }, pod).containerKind, 'init')
  assert.equal(render(ref, pod).containerKind, undefined)
})

test('leaves labels out by key, and puts those around the pod on when there are any', () => {
  const labels = { include: ['app', 'tier*'], exclude: ['tier-internal'] }
  const many = { ...pod, labels: { app: 'web', 'tier-1': 'x', 'tier-internal': 'y', other: 'z' } }
  assert.deepEqual(render(ref, many, around, { labels }).labels, { app: 'web', 'tier-1': 'x' })
  const asked = render(ref, pod, { ...around, namespaceLabels: { a: 'b' }, nodeLabels: { c: 'd' } } as never)
  assert.deepEqual([asked.namespaceLabels, asked.nodeLabels], [{ a: 'b' }, { c: 'd' }])
})

test('is one line of valid UTF-8 whatever the metadata holds', () => {
  fc.assert(
    fc.property(fc.dictionary(anyText(), anyText()), (annotations) => {
      const bytes = entryOf(createResourceOf(options)(ref, { ...pod, annotations }, around))
      assert.equal(bytes.indexOf(10), bytes.length - 1)
      assert.doesNotThrow(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    }),
  )
})

test('the name of the cluster and fixed fields stand before the metadata, in their order', () => {
  const fields = { team: 'payments', 'a "quoted" one': 'x\n' }
  const render = createResourceOf({ ...options, cluster: 'prod', fields })
  const resource = render(ref, undefined, { node: 'n', namespaceLabels: undefined, nodeLabels: undefined })
  const text = entryOf(resource).toString()
  assert.ok(text.includes(',"cluster":"prod","team":"payments","a \\"quoted\\" one":"x\\n","kubernetes":{'))
  const { kubernetes, time: _, stream: __, log: ___, ...others } = JSON.parse(text)
  assert.deepEqual(others, { cluster: 'prod', ...fields })
  assert.equal(kubernetes.pod, 'web')
})

test('has U+FFFD for half a surrogate pair in a name or a value, which strict parsers refuse', () => {
  const annotations = { 'a\ud83d': 'x\ude00y\\ud83d\u0001', pair: '😀\\' }
  assert.deepEqual(render(ref, { ...pod, annotations }).annotations, {
    'a\ufffd': 'x\ufffdy\\ud83d\u0001',
    pair: '😀\\',
  })
})

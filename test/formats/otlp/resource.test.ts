import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { otlp } from '../../../src/formats/otlp/otlp.ts'
import { attributesOf as madeOf, resourceOf } from '../../../src/formats/otlp/resource.ts'
import type { Resource } from '../../../src/model/resource.ts'
import { anyText } from '../../support/any-text.ts'
import { decodeOtlp } from './decode-otlp.ts'

/** What the head of its entries says, by another decoder. */
function attributesOf(resource: Resource) {
  const { head } = otlp.compile(resource, { hasIds: false })
  const body = Buffer.concat(otlp.frame([{ head, pieces: [Buffer.of(0x12, 0x02, 0x2a, 0x00)] }]))
  return decodeOtlp(body)[0]?.resource ?? {}
}

const known = {
  namespace: 'shop',
  pod: 'web-5d8f-x',
  container: 'app',
  uid: 'u-1',
  node: 'node-1',
  podIP: '10.0.0.7',
  image: 'registry.example:5000/shop/web:1.2.3@sha256:abc',
  containerID: 'c'.repeat(64),
  restartCount: 3,
  containerKind: 'init',
  owner: { kind: 'Deployment', name: 'web' },
  labels: { app: 'web', 'app.kubernetes.io/name': 'webshop', 'app.kubernetes.io/version': '7' },
  annotations: { note: 'ü"\\' },
  annotationsOmitted: ['long'],
  namespaceLabels: { team: 'a' },
  nodeLabels: { zone: 'z' },
}

test('what is known of a container stands under the names of the semantic conventions', () => {
  assert.deepEqual(
    attributesOf({ fields: { cluster: 'prod', 'deployment.environment.name': 'live' }, kubernetes: known }),
    {
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'web-5d8f-x',
      'k8s.container.name': 'app',
      'k8s.pod.uid': 'u-1',
      'k8s.node.name': 'node-1',
      'k8s.pod.ip': '10.0.0.7',
      'container.id': 'c'.repeat(64),
      'k8s.container.restart_count': 3,
      'container.image.name': 'registry.example:5000/shop/web',
      'container.image.tags': ['1.2.3'],
      'container.image.repo_digests': ['registry.example:5000/shop/web@sha256:abc'],
      'k8s.deployment.name': 'web',
      'k8s.cluster.name': 'prod',
      'deployment.environment.name': 'live',
      'k8s.pod.label.app': 'web',
      'k8s.pod.label.app.kubernetes.io/name': 'webshop',
      'k8s.pod.label.app.kubernetes.io/version': '7',
      'k8s.pod.annotation.note': 'ü"\\',
      'k8s.namespace.label.team': 'a',
      'k8s.node.label.zone': 'z',
      'service.name': 'webshop',
      'service.namespace': 'shop',
      'service.version': '7',
      'service.instance.id': 'shop.web-5d8f-x.app',
      'loggy.containerKind': 'init',
      'loggy.annotationsOmitted': ['long'],
    },
  )
})

test('a container of which only the path is known has what that says', () => {
  const kubernetes = { namespace: 'shop', pod: 'web', container: 'app', uid: undefined, metadata: 'path-only' }
  assert.deepEqual(attributesOf({ fields: {}, kubernetes }), {
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': 'web',
    'k8s.container.name': 'app',
    'loggy.metadata': 'path-only',
    'service.name': 'web',
    'service.namespace': 'shop',
    'service.instance.id': 'shop.web.app',
  })
})

test('a pod that is known from the disk has its labels and annotations, even if there are none', () => {
  const kubernetes = {
    namespace: 'shop',
    pod: 'web',
    container: 'app',
    labels: {},
    annotations: {},
    metadata: 'cached',
  }
  assert.deepEqual(resourceOf(madeOf({ fields: {}, kubernetes })).kubernetes, kubernetes)
})

const service = (kubernetes: object) =>
  attributesOf({ fields: {}, kubernetes: { ...known, ...kubernetes } })['service.name']
test("the service's name is what the pod says, its labels, its workload, or the pod, in this order", () => {
  const labels = { 'app.kubernetes.io/instance': 'shop-web', 'app.kubernetes.io/name': 'webshop' }
  const annotations = { 'resource.opentelemetry.io/service.name': 'said' }
  assert.equal(service({ labels, annotations }), 'said')
  assert.equal(service({ labels }), 'shop-web')
  assert.equal(service({}), 'webshop')
  assert.equal(service({ labels: {} }), 'web')
  assert.equal(service({ labels: {}, owner: undefined }), 'web-5d8f-x')
  // The owner of a static pod.
  assert.equal(service({ labels: {}, owner: { kind: 'Node', name: 'node-1' } }), 'web-5d8f-x')
})

test('each kind of workload has an attribute, any other owner stands in one of its own', () => {
  const ownerOf = (kind: string) => attributesOf({ fields: {}, kubernetes: { owner: { kind, name: 'x' } } })
  for (const kind of [
    'Deployment',
    'CronJob',
    'ReplicaSet',
    'StatefulSet',
    'DaemonSet',
    'Job',
    'ReplicationController',
  ])
    assert.equal(ownerOf(kind)[`k8s.${kind.toLowerCase()}.name`], 'x')
  assert.deepEqual(ownerOf('Rollout')['loggy.owner'], { kind: 'Rollout', name: 'x' })
})

test('neither fixed fields nor annotations take the place of what is known', () => {
  const annotations = { 'resource.opentelemetry.io/k8s.pod.name': 'other', 'resource.opentelemetry.io/team': 'a' }
  const fields = { 'k8s.pod.name': 'mine', 'service.name': 'fixed', team: 'b', 'k8s.pod.label.x': 'y' }
  const found = attributesOf({ fields, kubernetes: { ...known, annotations } })
  assert.equal(found['k8s.pod.name'], 'web-5d8f-x')
  assert.equal(found['service.name'], 'fixed')
  assert.equal(found.team, 'b')
  assert.equal(found['k8s.pod.label.x'], undefined)
  assert.deepEqual(found['loggy.fields'], { 'k8s.pod.name': 'mine', 'k8s.pod.label.x': 'y' })
})

const text = anyText({ maxLength: 20 })
const map = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true })
const resource = fc.record({
  fields: fc.dictionary(
    fc.oneof(
      fc.constantFrom('cluster', 'team', 'service.name', 'k8s.pod.name', 'loggy.fields', 'k8s.pod.label.a'),
      text,
    ),
    text,
    { maxKeys: 4, noNullPrototype: true },
  ),
  kubernetes: fc.record(
    {
      namespace: text,
      pod: text,
      container: text,
      uid: text,
      image: fc.oneof(text, fc.constantFrom('a:1', 'h:5/a', 'a@sha256:b', 'h:5/a:1@d', 'a:', '@')),
      restartCount: fc.nat(),
      owner: fc.record(
        { kind: fc.oneof(text, fc.constantFrom('Job', 'Deployment')), name: text },
        { noNullPrototype: true },
      ),
      namespaceLabels: map.filter((labels) => Object.keys(labels).length > 0),
      annotationsOmitted: fc.array(text, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['namespace', 'pod', 'container'], noNullPrototype: true },
  ),
  labels: map,
  annotations: fc.oneof(
    map,
    fc.dictionary(
      text.map((name) => `resource.opentelemetry.io/${name}`),
      text,
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
})

test('any resource is read back as it was, whatever its names and texts', () => {
  fc.assert(
    fc.property(resource, ({ fields, kubernetes, labels, annotations }) => {
      const whole: Resource = { fields, kubernetes: { ...kubernetes, labels, annotations } }
      attributesOf(whole)
      const { head } = otlp.compile(whole, { hasIds: false })
      const read = JSON.parse(otlp.record(Buffer.of(0x12, 0), head).toString())
      assert.deepEqual(read.kubernetes, { ...kubernetes, labels, annotations })
      // Compiled again it is the same, which a replay needs; what a pod's annotation says already is no fixed field.
      const { time: _, stream: __, log: ___, kubernetes: ____, ...found } = read
      assert.deepEqual(
        Buffer.from(otlp.compile({ fields: found, kubernetes: read.kubernetes }, { hasIds: false }).head),
        Buffer.from(head),
      )
    }),
    { numRuns: 200 },
  )
})

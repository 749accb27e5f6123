import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { projectPod } from '../../src/kube/pod-record.ts'
import { LoggyError } from '../../src/lib/errors.ts'

const metadata = { uid: 'u-1', namespace: 'shop', name: 'web-7c5d-x2x9z' }

describe('projectPod', () => {
  test('keeps what an entry needs and nothing else', () => {
    const pod = projectPod({
      metadata: {
        ...metadata,
        labels: { app: 'web', 'pod-template-hash': '7c5d' },
        annotations: { team: 'payments' },
        ownerReferences: [{ kind: 'ReplicaSet', name: 'web-7c5d', controller: true }],
        managedFields: [{ manager: 'kubelet' }],
      },
      spec: {
        nodeName: 'node-1',
        initContainers: [
          { name: 'setup', image: 'setup:1' },
          { name: 'mesh', image: 'mesh:1', restartPolicy: 'Always' },
        ],
        containers: [
          { name: 'app', image: 'web:1', env: [{ name: 'SECRET', value: 'x' }] },
          { name: 'proxy', image: 'proxy:2', restartPolicy: 'Always' },
        ],
        ephemeralContainers: [{ name: 'debug', image: 'busybox' }],
      },
      status: {
        podIP: '10.0.0.12',
        initContainerStatuses: [{ name: 'setup', containerID: 'cri-o://ab', restartCount: 0 }],
        containerStatuses: [
          {
            ...{ name: 'app', containerID: 'containerd://cd', restartCount: 3, image: 'sha256:1' },
            state: { running: { startedAt: '2026-11-22T07:00:00Z' } },
          },
          { name: 'proxy', restartCount: undefined, state: { waiting: { reason: 'ContainerCreating' } } },
        ],
      },
    })
    assert.deepEqual(pod, {
      ...metadata,
      node: 'node-1',
      podIP: '10.0.0.12',
      configHash: undefined,
      owner: { kind: 'Deployment', name: 'web' },
      labels: { app: 'web', 'pod-template-hash': '7c5d' },
      annotations: { team: 'payments' },
      containers: new Map(
        Object.entries({
          app: { kind: 'container', image: 'web:1', containerID: 'cd', restartCount: 3, isRunning: true },
          proxy: { kind: 'container', image: 'proxy:2', containerID: undefined, restartCount: undefined },
          mesh: { kind: 'sidecar', image: 'mesh:1', containerID: undefined, restartCount: undefined },
          setup: { kind: 'init', image: 'setup:1', containerID: 'ab', restartCount: 0 },
          debug: { kind: 'ephemeral', image: 'busybox', containerID: undefined, restartCount: undefined },
        }),
      ),
    })
  })

  const owners: readonly [string, object[], string | undefined, string | undefined][] = [
    ['none', [], undefined, undefined],
    ['a ReplicaSet of a Deployment', [{ kind: 'ReplicaSet', name: 'a-b-7c5d' }], '7c5d', 'Deployment a-b'],
    ['a ReplicaSet with another hash', [{ kind: 'ReplicaSet', name: 'web-7c5d' }], '9999', 'ReplicaSet web-7c5d'],
    ['a ReplicaSet without a hash', [{ kind: 'ReplicaSet', name: 'web-7c5d' }], undefined, 'ReplicaSet web-7c5d'],
    ['a ReplicaSet named as its hash', [{ kind: 'ReplicaSet', name: '-7c5d' }], '7c5d', 'ReplicaSet -7c5d'],
    ['a Job of a CronJob', [{ kind: 'Job', name: 'back-up-28123456' }], undefined, 'CronJob back-up'],
    ['a Job of an old CronJob', [{ kind: 'Job', name: 'backup-1700000000' }], undefined, 'CronJob backup'],
    ['a Job', [{ kind: 'Job', name: 'migrate-2' }], undefined, 'Job migrate-2'],
    ['a StatefulSet', [{ kind: 'StatefulSet', name: 'db' }], 'x', 'StatefulSet db'],
    ['a resource of some operator', [{ kind: 'Rollout', name: 'r-1' }], undefined, 'Rollout r-1'],
    [
      'the controller among several',
      [
        { kind: 'A', name: 'a' },
        { kind: 'B', name: 'b', controller: true },
      ],
      undefined,
      'B b',
    ],
    ['the Node of a mirror pod', [{ kind: 'Node', name: 'node-1', controller: true }], undefined, undefined],
    ['nonsense', [{ kind: 7, name: null }], undefined, undefined],
  ]
  for (const [what, ownerReferences, hash, expected] of owners) {
    test(`names as the owner, given ${what}: ${expected ?? 'nobody'}`, () => {
      const labels = hash === undefined ? {} : { 'pod-template-hash': hash }
      const { owner } = projectPod({ metadata: { ...metadata, ownerReferences, labels } })
      assert.equal(owner && `${owner.kind} ${owner.name}`, expected)
    })
  }

  test('finds a static pod’s config hash in either annotation', () => {
    const hashOf = (annotations: object) => projectPod({ metadata: { ...metadata, annotations } }).configHash
    assert.equal(hashOf({ 'kubernetes.io/config.hash': 'abc', 'kubernetes.io/config.mirror': 'abc' }), 'abc')
    assert.equal(hashOf({ 'kubernetes.io/config.mirror': 'abc' }), 'abc')
    assert.equal(hashOf({}), undefined)
  })

  test('keeps only the keys of annotations that no entry can carry', () => {
    const annotations = { team: 'payments', umlauts: 'ü'.repeat(60), state: 'x'.repeat(101) }
    const pod = projectPod({ metadata: { ...metadata, annotations } }, 100)
    assert.deepEqual(pod.annotations, { team: 'payments' })
    assert.deepEqual(pod.longAnnotations, ['umlauts', 'state'])
    assert.equal(Object.hasOwn(projectPod({ metadata: { ...metadata, annotations } }), 'longAnnotations'), false)
  })

  test('refuses what cannot be told apart', () => {
    for (const missing of ['uid', 'namespace', 'name']) {
      assert.throws(
        () => projectPod({ metadata: { ...metadata, [missing]: undefined } }),
        (error) => error instanceof LoggyError && error.code === 'KUBE_OBJECT',
      )
    }
  })

  test('reads any value, or refuses it with a LoggyError', () => {
    const anything = fc.anything()
    const key = fc.constantFrom(
      'labels',
      'annotations',
      'ownerReferences',
      'containers',
      'containerStatuses',
      'nodeName',
    )
    const odd = fc.record({
      metadata: fc.dictionary(key, anything),
      spec: fc.dictionary(key, anything),
      status: fc.dictionary(key, anything),
    })
    fc.assert(
      fc.property(odd, (object) => {
        const pod = projectPod({ ...object, metadata: { ...object.metadata, ...metadata } })
        assert.ok(Object.values(pod.labels).every((value) => typeof value === 'string'))
      }),
    )
    fc.assert(fc.property(anything, (object) => void assert.throws(() => projectPod(object), LoggyError)))
  })
})

describe('the end of a pod', () => {
  const running = { phase: 'Running', startTime: '2026-11-29T02:00:00Z' }
  const finishedAt = '2026-11-29T03:00:05Z'
  const containerStatuses = [{ name: 'app', state: { terminated: { finishedAt } } }]
  const disruption = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: '2026-11-29T03:00:00Z' }
  for (const [what, deletion, status, endingSince, hasEnded] of [
    ['is not known of one that runs', {}, running, undefined, undefined],
    ['begins with its deletion', { deletionTimestamp: 'T' }, running, 'T', undefined],
    [
      'begins with its eviction',
      {},
      { ...running, conditions: [disruption] },
      disruption.lastTransitionTime,
      undefined,
    ],
    [
      'is told of by the kubelet that shuts down',
      {},
      { phase: 'Failed', reason: 'Terminated', containerStatuses },
      finishedAt,
      true,
    ],
    ['is so by 1.20', {}, { phase: 'Failed', reason: 'Shutdown', startTime: 'S' }, 'S', true],
    ['is over for a Job that is done', {}, { phase: 'Succeeded', containerStatuses }, undefined, true],
    ['is over for one that failed by itself', {}, { phase: 'Failed', reason: 'Evicted' }, undefined, true],
  ] as const)
    test(what, () => {
      const pod = projectPod({ metadata: { ...metadata, ...deletion }, status })
      assert.deepEqual([pod.endingSince, pod.hasEnded], [endingSince, hasEnded])
    })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'
import { createSelection, type SelectOptions } from '../../src/select/selection.ts'
import { parseSelector } from '../../src/select/selector.ts'

const all = { include: ['*'], exclude: [] }
const nothing = parseSelector('')

function selection(options: Partial<SelectOptions> = {}) {
  const defaults = { namespaces: all, containers: all, labels: nothing, annotations: nothing, podAnnotations: true }
  return createSelection({ ...defaults, ...options })
}

const ref = (namespace = 'shop', container = 'app', pod = 'web'): ContainerRef => {
  return { namespace, pod, container, uid: 'u', restartCount: 0, containerID: undefined }
}

function pod(annotations: Record<string, string> = {}, labels: Record<string, string> = {}): PodRecord {
  const base = { uid: 'u', namespace: 'shop', name: 'web', node: 'n', podIP: undefined, configHash: undefined }
  return { ...base, owner: undefined, labels, annotations, containers: new Map() }
}

const noSystem = { namespaces: { include: ['*'], exclude: ['kube-*'] } }

describe('a selection', () => {
  const cases: readonly [string, Partial<SelectOptions>, ContainerRef, PodRecord | undefined, string, string][] = [
    ['reads what nothing speaks against', {}, ref(), pod(), 'read', 'select'],
    ['reads an unknown pod when its metadata could not matter', {}, ref(), undefined, 'read', 'select'],
    ['excludes a namespace', noSystem, ref('kube-system'), pod(), 'exclude', 'select.namespaces.exclude: kube-*'],
    [
      'needs a namespace to be included',
      { namespaces: { include: ['a', 'b*'], exclude: [] } },
      ref(),
      pod(),
      'exclude',
      'select.namespaces.include: a,b*',
    ],
    [
      'excludes a container',
      { containers: { include: ['*'], exclude: ['istio-*'] } },
      ref('shop', 'istio-proxy'),
      pod(),
      'exclude',
      'select.containers.exclude: istio-*',
    ],
    [
      'needs the labels',
      { labels: parseSelector('app=web') },
      ref(),
      pod({}, { app: 'db' }),
      'exclude',
      'select.labels: app=web',
    ],
    [
      'is content with the labels',
      { labels: parseSelector('app=web') },
      ref(),
      pod({}, { app: 'web' }),
      'read',
      'select',
    ],
    [
      'needs the annotations',
      { annotations: parseSelector('team') },
      ref(),
      pod(),
      'exclude',
      'select.annotations: team',
    ],
    [
      'needs labels and annotations',
      { labels: parseSelector('app'), annotations: parseSelector('team') },
      ref(),
      pod({ team: '' }),
      'exclude',
      'select.labels: app',
    ],
    [
      'cannot tell labels of an unknown pod',
      { labels: parseSelector('!app') },
      ref(),
      undefined,
      'unknown',
      'the pod is not known yet',
    ],
    [
      'cannot tell whether an unknown pod wants in',
      noSystem,
      ref('kube-system'),
      undefined,
      'unknown',
      'select.namespaces.exclude: kube-*, unless the pod has the annotation loggy.io/include',
    ],
    [
      'is decided by name if annotations are not used',
      { ...noSystem, podAnnotations: false },
      ref('kube-system'),
      undefined,
      'exclude',
      'select.namespaces.exclude: kube-*',
    ],
    ['lets a pod opt out', {}, ref(), pod({ 'loggy.io/exclude': 'true' }), 'exclude', 'loggy.io/exclude: "true"'],
    [
      'lets a pod in over the config',
      noSystem,
      ref('kube-system'),
      pod({ 'loggy.io/include': 'true' }),
      'read',
      'loggy.io/include: "true"',
    ],
    [
      'takes out over in',
      {},
      ref(),
      pod({ 'loggy.io/include': 'true', 'loggy.io/exclude': 'true' }),
      'exclude',
      'loggy.io/exclude: "true"',
    ],
    [
      'excludes containers by annotation',
      {},
      ref(),
      pod({ 'loggy.io/exclude-containers': 'x, a*', 'loggy.io/include': 'true' }),
      'exclude',
      'loggy.io/exclude-containers: "x, a*"',
    ],
    ['leaves other containers in', {}, ref(), pod({ 'loggy.io/exclude-containers': 'ap,pp' }), 'read', 'select'],
    [
      'gives pods no say when told so',
      { podAnnotations: false },
      ref(),
      pod({ 'loggy.io/exclude': 'true' }),
      'read',
      'select',
    ],
    [
      'ignores a hint it does not understand',
      {},
      ref(),
      pod({ 'loggy.io/exclude': 'yes', 'loggy.io/exclude-containers': 'app;x' }),
      'read',
      'select',
    ],
  ]
  for (const [name, options, container, known, kind, rule] of cases) {
    test(name, () => assert.deepEqual(selection(options).decide(container, known), { kind, rule }))
  }

  for (const [selector, kind] of [
    ['state', 'read'],
    ['!state', 'exclude'],
    ['state=', 'exclude'],
    ['state in (a,b)', 'exclude'],
    ['state!=a', 'read'],
    ['team=payments,state', 'read'],
  ] as const) {
    test(`asks ${selector} of an annotation whose value is too long to be kept: ${kind}`, () => {
      const annotations = parseSelector(selector, { values: 'annotation' })
      const known = { ...pod({ team: 'payments' }), longAnnotations: ['state'] }
      assert.equal(selection({ annotations }).decide(ref(), known).kind, kind)
    })
  }
})

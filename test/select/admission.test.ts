import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'
import { Admission, type AdmissionOptions } from '../../src/select/admission.ts'
import { RecordingLog } from '../kube/support.ts'
import { podWith } from '../support/pod.ts'

const all = { include: ['*'], exclude: [] }
const options: AdmissionOptions = {
  ...{ namespaces: all, containers: all, labels: '', annotations: '', podAnnotations: true, waitForMetadata: 0 },
}

const refOf = (container: string): ContainerRef => {
  return { namespace: 'shop', pod: 'web', container, uid: 'u', restartCount: 0, containerID: undefined }
}

function setUp(own: Partial<AdmissionOptions> = {}) {
  const log = new RecordingLog()
  const told: string[] = []
  let pod: PodRecord | undefined
  const admission = new Admission(
    { ...options, ...own },
    {
      find: () => pod,
      self: { owns: ({ pod }) => pod === 'loggy' },
      log,
      tenants: { allows: () => false },
      onInvalidHint: ({ name }, { annotation, value }) => told.push(`${name} ${annotation}: ${value}`),
    },
  )
  const annotate = (annotations: Record<string, string>, names: Partial<PodRecord> = {}) => {
    pod = podWith(annotations, names)
  }
  return { admission, annotate, log, told }
}

describe('a hint that is ignored', () => {
  test('is told once, however many containers its pod has and however often that changes', () => {
    const { admission, annotate, log, told } = setUp()
    for (const version of ['1', '2', '3']) {
      annotate({ 'loggy.io/exclude': 'yes', version })
      for (const container of ['app', 'proxy']) admission.admit(refOf(container), 0)
    }
    assert.deepEqual(told, ['web loggy.io/exclude: yes'])
    assert.equal(log.entries.length, 1)
  })

  test('is told again with another value, and no more when it is right', () => {
    const { admission, annotate, told } = setUp()
    const ref = refOf('app')
    for (const value of ['yes', 'ja', 'true', 'yes']) {
      annotate({ 'loggy.io/exclude': value })
      admission.admit(ref, 0)
    }
    assert.deepEqual(told, ['web loggy.io/exclude: yes', 'web loggy.io/exclude: ja'])
  })

  test('is told when the API server has the pod, not by what the disk says of it', () => {
    const { admission, annotate, told } = setUp()
    annotate({ 'loggy.io/exclude': 'yes' }, { isCached: true })
    admission.admit(refOf('app'), 0)
    assert.deepEqual(told, [])
    annotate({ 'loggy.io/exclude': 'yes' })
    admission.admit(refOf('app'), 0)
    assert.equal(told.length, 1)
  })

  test('stands in the log shortened and without control characters', () => {
    const { admission, annotate, log } = setUp()
    annotate({ 'loggy.io/exclude': `\u001b${'x'.repeat(16_000)}` })
    admission.admit(refOf('app'), 0)
    assert.deepEqual(log.entries[0]?.fields, {
      namespace: 'shop',
      pod: 'web',
      annotation: 'loggy.io/exclude',
      value: `\\u{1b}${'x'.repeat(63)}…`,
      expected: '"true" or "false"',
    })
  })

  test('can be asked for and counted as long as it is there', () => {
    const { admission, annotate } = setUp()
    assert.deepEqual(admission.hints(refOf('app')), [])
    annotate({ 'loggy.io/exlude': 'true' })
    const [hint] = admission.hints(refOf('app'))
    assert.deepEqual(hint, { annotation: 'loggy.io/exlude', value: 'true', expected: 'the key loggy.io/exclude' })
    const bad = podWith({ 'loggy.io/exclude': 'yes', 'loggy.io/include': 'no' })
    assert.equal(admission.countInvalidHints([bad, podWith({}), bad]), 4)
  })

  test('is none if annotations are not used', () => {
    const { admission, annotate, log, told } = setUp({ podAnnotations: false })
    annotate({ 'loggy.io/exclude': 'yes' })
    admission.admit(refOf('app'), 0)
    assert.deepEqual([told, log.entries, admission.hints(refOf('app'))], [[], [], []])
    assert.equal(admission.countInvalidHints([podWith({ 'loggy.io/exclude': 'yes' })]), 0)
    admission.configure(options)
    admission.admit(refOf('app'), 0)
    assert.equal(told.length, 1)
  })
})

test("the agent's own pod is never read, whatever it says itself", () => {
  const { admission, annotate } = setUp()
  annotate({ 'loggy.io/include': 'true' })
  const ref = { ...refOf('app'), pod: 'loggy' }
  assert.deepEqual(admission.admit(ref, 0), { kind: 'exclude' })
  assert.deepEqual(admission.explain(ref), { kind: 'exclude', rule: "Loggy's rule not to read itself" })
  assert.deepEqual(admission.admit(refOf('app'), 0), { kind: 'read' })
})

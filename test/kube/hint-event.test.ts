import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hintEvent } from '../../src/kube/hint-event.ts'
import { podWith } from '../support/pod.ts'

const hint = { annotation: 'loggy.io/exclude', value: 'yes', expected: '"true" or "false"' }
const at = { node: 'node-1', nowMs: Date.UTC(2026, 0, 1, 0, 0, 0, 999) }

describe('the event of a hint', () => {
  test('is on its pod, by the node, now', () => {
    const { metadata, ...event } = hintEvent(podWith({}), hint, at)
    assert.equal(metadata.namespace, 'shop')
    assert.match(metadata.name, /^web\.[0-9a-f]{16}$/)
    assert.deepEqual(event, {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u' },
      type: 'Warning',
      reason: 'InvalidAnnotation',
      message: 'Loggy ignores the annotation loggy.io/exclude: "yes"; expected "true" or "false"',
      source: { component: 'loggy', host: 'node-1' },
      reportingComponent: 'loggy',
      reportingInstance: 'node-1',
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 1,
    })
  })

  test('has the same name each time, and another for another value', () => {
    const nameOf = (value: string, nowMs: number) =>
      hintEvent(podWith({}), { ...hint, value }, { ...at, nowMs }).metadata.name
    assert.equal(nameOf('yes', 1), nameOf('yes', 1e12))
    assert.notEqual(nameOf('yes', 1), nameOf('no', 1))
  })

  for (const name of [
    'x'.repeat(253),
    `${'x'.repeat(235)}-${'y'.repeat(17)}`,
    `${'x'.repeat(234)}.-${'y'.repeat(17)}`,
  ]) {
    test(`has a name that is a DNS subdomain on the pod …${name.slice(-20)} of ${name.length} characters`, () => {
      const event = hintEvent(podWith({}, { name }), hint, at)
      assert.ok(event.metadata.name.length <= 253)
      assert.match(event.metadata.name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
      assert.equal(event.involvedObject.name, name)
    })
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RetryDelay } from '../../src/kube/retry-delay.ts'

/** Milliseconds. The default of `enrich.waitForMetadata`. */
const waitForMetadataMs = 5000

test('agents that lose their connections together come back over more than a second and a half', () => {
  const waits = [0, 0.999].map((chance) => new RetryDelay(() => chance).next('unreachable'))
  assert.ok(Math.max(...waits) - Math.min(...waits) >= 1500)
})

test('after a restart of the API server the pods are listed before lines give up waiting for them', () => {
  const delay = new RetryDelay(() => 0.999)
  const [cut, expired] = [delay.next('unreachable'), delay.expired()]
  assert.ok(cut + expired < waitForMetadataMs)
})

test('a server that was away for long is asked for lists within ten seconds of its return', () => {
  const delay = new RetryDelay(() => 0.999)
  for (let failures = 0; failures < 20; failures += 1) delay.next('unreachable')
  assert.ok(delay.next('unreachable') + delay.expired() < 10_000)
})

test('waits longer with each failure, up to half a minute, and briefly again once the server is well', () => {
  const delay = new RetryDelay(() => 0)
  const waits = Array.from({ length: 8 }, () => delay.next('refused'))
  assert.deepEqual(waits, [400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000])
  delay.reset()
  assert.equal(delay.next('refused'), 400)
})

test('a server that refuses after it was away may have just started: the first wait is short', () => {
  const delay = new RetryDelay(() => 0)
  for (let failures = 0; failures < 8; failures += 1) delay.next('refused')
  assert.equal(delay.next('unreachable'), 400)
  assert.deepEqual([delay.next('refused'), delay.next('refused')], [400, 800])
})

test('adds what the server asks for', () => {
  assert.equal(new RetryDelay(() => 0).next('refused', 1000), 1400)
})

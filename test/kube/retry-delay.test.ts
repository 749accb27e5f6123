import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RetryDelay } from '../../src/kube/retry-delay.ts'

/** Milliseconds. The default of `enrich.waitForMetadata`. */
const waitForMetadataMs = 5000

test('agents that lose their connections together come back over more than a second and a half', () => {
  const waits = [0, 0.999].map((chance) => new RetryDelay(() => chance).next(0))
  assert.ok(Math.max(...waits) - Math.min(...waits) >= 1500)
})

test('after a restart of the API server the pods are listed before lines give up waiting for them', () => {
  const delay = new RetryDelay(() => 0.999)
  const [cut, expired] = [delay.next(0), delay.next(0)]
  assert.ok(cut + expired < waitForMetadataMs)
})

test('waits longer with each failure, up to half a minute, and briefly again once the server is well', () => {
  const delay = new RetryDelay(() => 0)
  assert.deepEqual(
    Array.from({ length: 8 }, () => delay.next(0)),
    [400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000],
  )
  delay.reset()
  assert.equal(delay.next(0), 400)
})

test('adds what the server asks for', () => {
  assert.equal(new RetryDelay(() => 0).next(1000), 1400)
})

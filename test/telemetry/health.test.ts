import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryFigures } from '../../src/telemetry/figures.ts'
import { lifeReasons, readinessReasons } from '../../src/telemetry/health.ts'
import { restingDelivery, restingFigures } from './figures.ts'

const NOW_MS = 500_000
const { loop, metadata, source } = restingFigures
const delivering = (figures: Partial<DeliveryFigures>) => ({ deliveries: [{ ...restingDelivery, ...figures }] })

test('an agent at rest lives and is ready', () => {
  assert.deepEqual(lifeReasons(restingFigures), [])
  assert.deepEqual(readinessReasons(restingFigures, NOW_MS), [])
})

test('a loop that has not turned for more than 30 s is neither alive nor ready', () => {
  assert.deepEqual(lifeReasons({ loop: { ...loop, silentMs: 30_000 } }), [])
  const figures = { ...restingFigures, loop: { ...loop, silentMs: 31_000 } }
  const reasons = ["The agent's loop has not turned for 31 s."]
  assert.deepEqual(lifeReasons(figures), reasons)
  assert.deepEqual(readinessReasons(figures, NOW_MS), reasons)
})

const unready = [
  {
    what: 'no list of pods has come, and it is still waited for',
    figures: { metadata: { ...metadata, isComplete: false } },
    reason: 'The first list of pods has not arrived yet.',
  },
  {
    what: 'the last delivery attempt failed',
    figures: delivering({ fault: { kind: 'HTTP 503', sinceMs: NOW_MS - 12_000 } }),
    reason: 'The last delivery attempt failed (HTTP 503), and none has succeeded for 12 s.',
  },
  {
    what: 'a batch waits for its acknowledgement for more than a minute',
    figures: delivering({ oldestMs: 61_000 }),
    reason: 'The destination has not acknowledged a batch that was sent 61 s ago.',
  },
  {
    what: 'logs cannot be opened for want of descriptors',
    figures: { source: { ...source, descriptors: { limit: 80, parked: 30, unopened: 7 } } },
    reason: '7 logs cannot be opened: the process may have 80 files open (RLIMIT_NOFILE), and all of them are in use.',
  },
]

for (const { what, figures, reason } of unready) {
  test(`an agent lives but is not ready while ${what}`, () => {
    const all = { ...restingFigures, ...figures }
    assert.deepEqual(readinessReasons(all, NOW_MS), [reason])
    assert.deepEqual(lifeReasons(all), [])
  })
}

test('an agent is not ready while something keeps logs from being opened', () => {
  const obstacles = ['3 logs cannot be read: permission denied at /var/log/pods.']
  assert.deepEqual(readinessReasons({ ...restingFigures, source: { ...source, obstacles } }, NOW_MS), obstacles)
})

test('all reasons are given at once', () => {
  const deliveries = unready.flatMap(({ figures }) => ('deliveries' in figures ? figures.deliveries : []))
  const all = Object.assign({}, restingFigures, ...unready.map(({ figures }) => figures), { deliveries })
  assert.deepEqual(
    readinessReasons(all, NOW_MS),
    unready.map(({ reason }) => reason),
  )
})

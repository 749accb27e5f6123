import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus } from '../../src/model/log-status.ts'
import { containerLags } from '../../src/telemetry/container-lag.ts'
import { WriteRates } from '../../src/telemetry/write-rates.ts'
import { statusOf } from './figures.ts'

const rotation = { maxBytes: 1000, maxFiles: 5 }
const lagsOf = (statuses: ContainerStatus[], rates = new WriteRates(), nowMs = 0) =>
  containerLags(statuses, { rotation, rates, nowMs })

test('the furthest behind come first', () => {
  const lags = lagsOf([statusOf('a'), statusOf('b', { lagBytes: 20, lagSeconds: 3 }), statusOf('c', { lagBytes: 10 })])
  assert.deepEqual(
    lags.map(({ container }) => container),
    ['b', 'c', 'a'],
  )
  const { namespace, pod, bytes, seconds } = lags[0] ?? assert.fail()
  assert.deepEqual([namespace, pod, bytes, seconds], ['shop', 'web-7c5d-x2x9z', 20, 3])
})

test('what is left out has no lag, and instances of one container are one', () => {
  const first = statusOf('a', { lagBytes: 20, lagSeconds: 3 })
  const second = statusOf('a', { lagBytes: 5, lagSeconds: 9 })
  const lags = lagsOf([first, second, { ...statusOf('b'), state: 'exclude' }])
  assert.deepEqual(
    lags.map(({ container, bytes, seconds }) => ({ container, bytes, seconds })),
    [{ container: 'a', bytes: 25, seconds: 9 }],
  )
})

test('500 containers have lags of their own, the others one together', () => {
  const statuses = Array.from({ length: 510 }, (_, index) =>
    statusOf(`c${index}`, { lagBytes: 1000 - index, lagSeconds: index }),
  )
  const lags = lagsOf(statuses)
  assert.equal(lags.length, 501)
  assert.equal(lags[499]?.container, 'c499')
  const { namespace, pod, container, bytes, seconds } = lags[500] ?? assert.fail()
  assert.deepEqual([namespace, pod, container], ['_others', '_others', '_others'])
  assert.equal(seconds, 509)
  assert.equal(bytes, 10 * 495.5)
  assert.equal(
    lags.reduce((sum, lag) => sum + lag.bytes, 0),
    statuses.reduce((sum, { lagBytes }) => sum + lagBytes, 0),
  )
})

test('the seconds to loss come from what was written between two looks, read or not', () => {
  const rates = new WriteRates()
  const status = statusOf('a', { lagBytes: 100, bytes: 1000 })
  const at = (nowMs: number, change: { lagBytes: number; bytes: number }) => {
    const counters = { ...(status.counters ?? assert.fail()), bytes: change.bytes }
    return lagsOf([{ ...status, lagBytes: change.lagBytes, counters }], rates, nowMs)[0]?.secondsToLoss
  }
  assert.equal(at(0, { lagBytes: 100, bytes: 1000 }), undefined, 'nothing to compare with')
  assert.equal(at(1000, { lagBytes: 100, bytes: 9000 }), undefined, 'too soon')
  // 200 bytes in 10 s; four files of 1000 bytes are there after a rotation, 200 of them are not read.
  assert.equal(at(10_000, { lagBytes: 200, bytes: 1100 }), 3800 / 20)
  assert.equal(at(11_000, { lagBytes: 200, bytes: 9000 }), 3800 / 20, 'too soon: the rate is the last one')
  assert.equal(at(20_000, { lagBytes: 0, bytes: 1300 }), Number.POSITIVE_INFINITY, 'nothing was written')
  assert.equal(at(30_000, { lagBytes: 0, bytes: 10 }), undefined, 'counted from the beginning again')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LatencyHistogram } from './latency-histogram.ts'

function summaryOf(latenciesMs: Iterable<number>) {
  const histogram = new LatencyHistogram()
  for (const ms of latenciesMs) histogram.add(ms)
  return histogram.summary()
}

test('quantiles are right to 1.2 %', () => {
  const { p50, p99, p999, most } = summaryOf(Array.from({ length: 100_000 }, (_, index) => (index + 1) / 1000))
  for (const [found, right] of [
    [p50, 50],
    [p99, 99],
    [p999, 99.9],
  ] as const)
    assert.ok(Math.abs(found / right - 1) < 0.012, `${found} for ${right}`)
  assert.equal(most, 100)
})

test('bars hold every latency, from the least to the most', () => {
  const { count, bars } = summaryOf([0.001, 0.5, 0.51, 7, 1e9])
  assert.equal(count, 5)
  assert.equal(
    bars.reduce((sum, bar) => sum + bar.count, 0),
    5,
  )
  assert.ok(bars.at(0)?.count && bars.at(-1)?.count)
})

test('nothing is no bar', () => {
  assert.deepEqual(summaryOf([]).bars, [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rates } from '../../src/page/rates.ts'
import type { Container } from '../../src/page/status-answer.ts'
import { later, testContainer } from './samples.ts'

const answer = (seconds: number, containers: readonly Container[]) => ({
  node: 'n',
  version: '1',
  time: new Date(seconds * 1000).toISOString(),
  warnings: [],
  sinks: [],
  containers,
})

test('rates are what was read between two answers, by their own clock', () => {
  const rates = new Rates()
  const first = [testContainer('a'), testContainer('b', { lagBytes: 7 })]
  rates.update(answer(100, first))
  assert.equal(rates.of(first[0] as Container).linesPerSecond, undefined)
  const second = later(first, (index) => 10 + index * 10)
  rates.update(answer(104, second))
  assert.deepEqual(rates.of(second[1] as Container), { linesPerSecond: 5, bytesPerSecond: 600 })
  assert.deepEqual(rates.total, { linesPerSecond: 7.5, bytesPerSecond: 900 })
  assert.deepEqual(rates.seriesOf(second[1] as Container).slice(-2), [null, 5])
  assert.deepEqual(rates.lag.slice(-2), [7, 7])
})

test('a log that is counted anew, one that is new, and one that is not read have no rate', () => {
  const rates = new Rates()
  const [grown] = later([testContainer('a')], () => 100) as [Container]
  rates.update(answer(0, [grown]))
  const excluded = testContainer('c', { counters: undefined })
  rates.update(answer(2, [testContainer('a'), testContainer('b'), excluded]))
  rates.update(answer(4, [testContainer('a'), testContainer('b'), excluded]))
  assert.equal(rates.seriesOf(grown).at(-2), null)
  assert.equal(rates.seriesOf(testContainer('b')).at(-2), null)
  assert.equal(rates.of(testContainer('b')).linesPerSecond, 0)
  assert.equal(rates.of(excluded).linesPerSecond, undefined)
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Budgets, type BudgetsOptions } from '../../src/agent/budgets.ts'
import { UNLIMITED } from '../../src/lib/bucket.ts'
import type { ContainerRef } from '../../src/model/container-ref.ts'
import type { Limit } from '../../src/model/limit.ts'
import { limitHint } from '../../src/select/limit-hint.ts'
import { handTurnedClock } from '../support/hand-turned-clock.ts'
import { podWith } from '../support/pod.ts'
import { someContainer } from '../support/some-container.ts'

const none: Limit = { ...UNLIMITED, burstMs: 1000, over: 'delay' }
const lines = (linesPerSecond: number, over: Limit['over'] = 'delay'): Limit => ({ ...none, linesPerSecond, over })
const refOf = (container: string, restartCount = 0): ContainerRef => ({ ...someContainer, container, restartCount })

function setUp(options: Partial<BudgetsOptions>, annotations: Readonly<Record<string, string>> = {}) {
  const clock = handTurnedClock()
  const pod = podWith(annotations)
  const given = { container: none, namespace: none, hintOf: limitHint, ...options }
  const budgets = new Budgets(given, { find: () => pod, clock })
  return { clock, budgets, given }
}

describe('the budget of a container', () => {
  test('is there only if something limits it', () => {
    const { budgets } = setUp({})
    assert.equal(budgets.of(refOf('app')), undefined)
    assert.deepEqual(budgets.rulesOf(refOf('app')), [])
  })

  test('is one for all its instances: a restart gives no burst', () => {
    const { budgets } = setUp({ container: lines(10) })
    assert.equal(budgets.of(refOf('app'))?.delay, budgets.of(refOf('app', 1))?.delay)
    assert.notEqual(budgets.of(refOf('app'))?.delay, budgets.of(refOf('web'))?.delay)
  })

  test('is lowered by an annotation, never raised', () => {
    const rateOf = (value: string) => {
      const { budgets } = setUp({ container: lines(10) }, { 'loggy.io/limit': value })
      const app = refOf('app')
      return [budgets.of(app)?.delay?.rate.linesPerSecond, ...budgets.rulesOf(app)]
    }
    assert.deepEqual(rateOf('linesPerSecond=5'), [5, 'loggy.io/limit: 5 lines/s'])
    assert.deepEqual(rateOf('linesPerSecond=50'), [10, 'limit.container: 10 lines/s'])
    assert.deepEqual(rateOf('bytesPerSecond=1Ki'), [10, 'loggy.io/limit: 10 lines/s and 1024 bytes/s'])
  })

  test('can be set by an annotation alone', () => {
    const { budgets } = setUp({}, { 'loggy.io/limit.app': 'linesPerSecond=5' })
    assert.equal(budgets.of(refOf('app'))?.delay?.rate.linesPerSecond, 5)
    assert.equal(budgets.of(refOf('web')), undefined)
  })

  test('may be delayed by one limit and sampled by another', () => {
    const { budgets } = setUp({ container: lines(10), namespace: lines(7, 'sample') })
    const app = refOf('app')
    const { delay, sample } = budgets.of(app) ?? assert.fail()
    assert.deepEqual([delay?.rate.linesPerSecond, sample?.rate.linesPerSecond], [10, 7])
    assert.equal(budgets.sampleRuleOf(app), 'limit.namespace: 7 lines/s')
  })

  test('changes with the configuration, and what was used stays used', () => {
    const { budgets, given } = setUp({ container: lines(10) })
    const app = refOf('app')
    const before = budgets.of(app)?.delay ?? assert.fail()
    before.spend({ lines: 10, bytes: 0 }, 1000)
    budgets.configure({ ...given, container: lines(20) })
    const after = budgets.of(app)?.delay ?? assert.fail()
    assert.deepEqual([after, after.rate.linesPerSecond, after.leftMs(1000)], [before, 20, 0])
    budgets.configure({ ...given, container: none })
    assert.equal(budgets.of(app), undefined)
  })
})

describe('the budget of a namespace', () => {
  const ratesOf = (budgets: Budgets, names: readonly string[], of: (name: string) => ContainerRef) =>
    names.map((name) => budgets.of(of(name))?.delay?.rate.linesPerSecond)

  test('is shared equally at first, and then by what its containers ask for', async () => {
    const { budgets, clock } = setUp({ namespace: lines(100) })
    const refs = new Map(['flood', 'other', 'quiet'].map((name) => [name, refOf(name)]))
    const of = (name: string) => refs.get(name) ?? assert.fail()
    const rates = () => ratesOf(budgets, [...refs.keys()], of)
    rates()
    budgets.rebalance()
    await clock.pass(1000)
    budgets.of(of('quiet'))?.delay?.spend({ lines: 8, bytes: 0 }, clock.monotonic())
    for (const name of ['flood', 'other']) Object.assign(budgets.of(of(name))?.delay ?? {}, { isWanting: true })
    budgets.rebalance()
    const [flood = 0, other, quiet = 0] = rates()
    assert.equal(flood, other)
    assert.ok(flood > 40 && flood < 50, `${flood}`)
    assert.ok(quiet >= 100 / 3, 'a quiet one may ask for its share at once')
  })

  test('belongs to one namespace', () => {
    const { budgets } = setUp({ namespace: lines(100) })
    budgets.of(refOf('app'))
    const other = { ...refOf('app'), namespace: 'other', uid: 'another' }
    assert.equal(budgets.of(other)?.delay?.rate.linesPerSecond, 100)
  })

  test('is not shared with containers that have not written for a minute', async () => {
    const { budgets, clock } = setUp({ namespace: lines(100) })
    const [app, web] = [refOf('app'), refOf('web')]
    budgets.of(web)
    budgets.of(app)
    await clock.pass(61_000)
    budgets.of(app)
    budgets.rebalance()
    assert.equal(budgets.of(app)?.delay?.rate.linesPerSecond, 100)
  })
})

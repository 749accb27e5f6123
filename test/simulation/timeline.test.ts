import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Timeline } from '../../src/simulation/timeline.ts'

test('takes steps in the order of their times, also those that a step plans', () => {
  const timeline = new Timeline()
  const taken: string[] = []
  timeline.after(30, () => taken.push('30'))
  timeline.after(10, () => {
    taken.push('10')
    timeline.after(10, () => taken.push('20'))
    timeline.after(100, () => taken.push('110'))
  })
  timeline.advance(9)
  assert.deepEqual(taken, [])
  timeline.advance(50)
  assert.deepEqual(taken, ['10', '20', '30'])
  timeline.advance(110)
  assert.deepEqual(taken, ['10', '20', '30', '110'])
})

test('repeats a step, without drift, however seldom it is asked', () => {
  const timeline = new Timeline()
  let count = 0
  timeline.every(10, () => count++, { firstMs: 5 })
  timeline.advance(4)
  assert.equal(count, 0)
  timeline.advance(35)
  assert.equal(count, 4)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pulse } from '../../src/lib/pulse.ts'
import { ManualClock } from '../kube/support.ts'

test('a loop that does what its ticks ask for is never silent for long, one that hangs is', () => {
  const clock = new ManualClock()
  const pulse = new Pulse(1000, clock)
  pulse.start()
  for (let second = 0; second < 60; second += 1) {
    clock.advance(1000)
    pulse.tick()
    assert.equal(pulse.silentMs, 1000)
    pulse.turn()
    assert.equal(pulse.silentMs, 0)
  }
  for (let second = 0; second < 60; second += 1) {
    clock.advance(1000)
    pulse.tick()
  }
  assert.equal(pulse.silentMs, 60_000)
})

test('the lateness of ticks is the delay, and one that comes early after a late one is none', () => {
  const clock = new ManualClock()
  const pulse = new Pulse(1000, clock)
  clock.advance(5000)
  pulse.start()
  for (const afterMs of [1000, 1003, 3000, 200]) {
    clock.advance(afterMs)
    pulse.tick()
  }
  const { limits, counts, sum } = pulse.delaySeconds
  assert.equal(sum, 2.003)
  const below = counts.flatMap((count, index) => Array.from({ length: count }, () => limits[index]))
  assert.deepEqual(below, [0.005, 0.005, 0.005, 5])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASIDE_BATCHES, Route } from '../../src/delivery/route.ts'
import { ManualClock } from '../kube/support.ts'
import { recordedLog } from '../support/recorded-log.ts'

test('batches in doubt give their slots away, each later than the one before, and no more than there may be', () => {
  const clock = new ManualClock()
  const route = new Route({ maxInFlight: 1, slots: 1, maxBytes: Infinity, fields: {} }, { clock, log: recordedLog() })
  /** How many do in that time, if each tries ten times a second, and another comes as soon as there is room. */
  const count = (forMs: number) => {
    let given = 0
    for (let place = route.enter(); forMs > 0; forMs -= 100) {
      if (route.setAside(place)) {
        given += 1
        place = route.enter()
      }
      clock.advance(100)
    }
    return given
  }
  assert.equal(route.setAside(route.enter()), true, 'the first at once')
  const inAMinute = count(60_000)
  assert.ok(inAMinute >= 5 && inAMinute < 12, `${inAMinute}`)
  assert.equal(count(3 * 3_600_000) + inAMinute + 1, ASIDE_BATCHES)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endingOf } from '../../src/delivery/outcome.ts'
import type { Outcome, Receipt } from '../../src/model/sink.ts'

const retry = (status: number, cause: 'destination' | 'timeout' | 'set-up' = 'destination'): Outcome => ({
  kind: 'retry',
  cause,
  status,
  reason: '',
  afterMs: 0,
})
const receipts = (...kinds: readonly (readonly [Receipt['kind'], number])[]): Outcome => ({
  kind: 'receipts',
  afterMs: 0,
  receipts: kinds.map(([kind, status], place) => ({ kind, status, place, reason: '' })),
})

test('a destination is busy that says 429 to a request, or to one of its entries', () => {
  assert.equal(endingOf(retry(429)), 'busy')
  assert.equal(endingOf(receipts(['rejected', 400], ['retry', 429])), 'busy')
  assert.equal(endingOf(receipts(['retry', 403], ['retry', 429])), 'busy')
})

test('entries that are rejected are no trouble of the destination, those to be sent again are', () => {
  assert.equal(endingOf(receipts(['rejected', 400])), 'taken')
  assert.equal(endingOf(receipts(['rejected', 400], ['untold', 400])), 'taken')
  assert.equal(endingOf(receipts(['rejected', 400], ['retry', 503])), 'failed')
  assert.equal(endingOf(retry(503)), 'failed')
  assert.equal(endingOf(retry(0, 'timeout')), 'timeout')
  assert.equal(endingOf({ kind: 'accepted' }), 'taken')
})

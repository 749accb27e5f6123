import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ndjson } from '../../src/formats/ndjson.ts'
import type { Answer, Format, Outcome } from '../../src/model/sink.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { AckedDelivery, batchOf } from './acked-delivery.ts'

const refusal = { status: 400, reason: 'bad' }
const busy: Outcome = { kind: 'retry', cause: 'destination', status: 503, reason: 'busy', afterMs: 0 }
const slow: Outcome = { kind: 'retry', cause: 'timeout', status: 'ETIMEDOUT', reason: 'slow', afterMs: 0 }
const accepted: Outcome = { kind: 'accepted' }

/** A delivery of one batch of three entries, whose requests have these outcomes. */
async function deliver(t: TestContext, outcomes: readonly Outcome[]) {
  const left = [...outcomes]
  const answer: Answer = { kind: 'status', status: 200, headers: {}, body: new Uint8Array() }
  const transport = {
    name: 'played',
    maxInFlight: 1,
    slots: 1,
    batchBytes: 1 << 20,
    send: async () => answer,
    close: async () => {},
  }
  const format: Format = { ...ndjson, read: () => left.shift() ?? accepted }
  const deadLetter = { path: `${temporaryDirectory(t)}/letters`, maxBytes: 1 << 20 }
  const sink = { name: 'played', format, transport, compression: 'gzip', retryFor: 0, deadLetter } as const
  const { delivery, ...acked } = new AckedDelivery(sink, { clock: hastyClock(), log: recordedLog() })
  t.after(() => delivery.close())
  const batch = batchOf(0, 3)
  delivery.send(batch)
  while (!delivery.isDrained) await delivery.changed()
  assert.equal(acked.acked.length, 1)
  const { acceptedEntries, retries, rejectedEntries, plainBytes, packedBytes } = delivery.counters
  assert.ok(packedBytes < plainBytes)
  const requests = Object.fromEntries(
    Array.from(delivery.requestSeconds, ([outcome, { counts }]) => [outcome, counts.reduce((sum, n) => sum + n)]),
  )
  const reasons = {
    retried: Object.fromEntries(delivery.reasons.retried),
    deadLettered: Object.fromEntries(delivery.reasons.deadLettered),
  }
  return { acceptedEntries, retries, rejectedEntries, requests, ...reasons, plainBytes, batchBytes: batch.bytes.length }
}

test('entries are counted by what became of them and why, and requests by how they ended', async (t) => {
  const { plainBytes, batchBytes, ...told } = await deliver(t, [
    busy,
    slow,
    busy,
    {
      kind: 'receipts',
      afterMs: 0,
      receipts: [
        { ...refusal, kind: 'rejected', place: 0 },
        { status: 429, reason: 'later', kind: 'retry', place: 2 },
      ],
    },
  ])
  assert.deepEqual(told, {
    acceptedEntries: 2,
    retries: 4,
    rejectedEntries: 0,
    requests: { retry: 2, timeout: 1, partial: 1, accepted: 1 },
    retried: { 'HTTP 503': 6, ETIMEDOUT: 3, 'HTTP 429': 1 },
    deadLettered: { 'HTTP 400': 1 },
  })
  assert.ok(plainBytes > batchBytes && plainBytes < batchBytes * 2, 'a body that is sent again unchanged counts once')
})

test('entries that are rejected without a word which are not counted as accepted', async (t) => {
  const told = await deliver(t, [{ ...refusal, kind: 'partly', rejectedCount: 2 }])
  assert.equal(told.acceptedEntries, 1)
  assert.equal(told.rejectedEntries, 2)
  assert.deepEqual(told.requests, { partial: 1 })
})

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { sinkStatus } from '../../src/agent/sink-status.ts'
import { Delivery } from '../../src/delivery/delivery.ts'
import { batchOf } from '../delivery/acked-delivery.ts'
import { httpOptions, httpSink } from '../delivery/http-sink.ts'
import { Collector } from '../support/collector.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'

test('a destination that fails is told with its words and since when, and what it has accepted and refused', async (t) => {
  const collector = new Collector()
  await collector.start()
  const clock = hastyClock()
  const sink = httpSink(httpOptions(collector.url, join(temporaryDirectory(t), 'letters')), clock)
  const delivery = new Delivery(sink, { clock, log: recordedLog(), onAck: () => {} })
  t.after(async () => {
    await delivery.close()
    await collector.stop()
  })
  collector.refuseIf((lines) => (lines.includes('{"n":1,') ? { status: 422, body: 'bad' } : undefined))
  delivery.send(batchOf(0, 3))
  await waitUntil('the ack', () => delivery.isDrained)
  assert.partialDeepStrictEqual(sinkStatus(delivery), {
    destination: sink.transport.name,
    trouble: undefined,
    requestsInFlight: 0,
    oldestSeconds: 0,
    acceptedEntries: 2,
    deadLetters: { 'HTTP 422': 1 },
    rejected: undefined,
  })

  collector.refuseIf(() => ({ status: 503, body: 'overloaded' }))
  delivery.send(batchOf(3, 1))
  await waitUntil('some tries', () => delivery.counters.retries > 20)
  const { trouble, mostRequests } = sinkStatus(delivery)
  assert.equal(trouble?.reason, 'HTTP 503: overloaded')
  assert.ok((trouble?.seconds ?? 0) > 10)
  assert.equal(mostRequests, 1)
})

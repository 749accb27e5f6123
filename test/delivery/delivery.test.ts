import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Delivery } from '../../src/delivery/delivery.ts'
import { ndjson } from '../../src/formats/ndjson.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Batch } from '../../src/model/batch.ts'
import type { Answer, Format } from '../../src/model/sink.ts'
import { ManualClock } from '../kube/support.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { watch } from '../support/watch.ts'
import { batchOf, batchOfLines } from './acked-delivery.ts'
import { handSink } from './hand-sink.ts'

/** As many turns of the event loop as any chain of promises here takes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

const empty = (): Batch => batchOfLines([])
const TAKEN: Answer = { kind: 'taken' }

/** Resolves when a batch can be sent. */
async function free(delivery: Delivery): Promise<void> {
  while (!delivery.isFree('')) await delivery.changed()
}

/** Resolves when all is acked. */
async function drained(delivery: Delivery): Promise<void> {
  while (!delivery.isDrained) await delivery.changed()
}

test('each ack is passed on as it comes, whatever becomes of older batches', async () => {
  const { sink, requests } = handSink(4)
  const acked: Batch[] = []
  const delivery = new Delivery(sink, { clock: systemClock, log: recordedLog(), onAck: (batch) => acked.push(batch) })
  const batches = [batchOf(0, 1), batchOf(1, 1), empty(), batchOf(2, 1)]
  for (const batch of batches) delivery.send(batch)
  await settle()
  const [first, second, third, fourth] = batches
  assert.deepEqual(acked, [third], 'a batch without entries waits for nothing')
  requests[2]?.resolve(TAKEN)
  await settle()
  assert.deepEqual(acked, [third, fourth])
  requests[1]?.resolve(TAKEN)
  await settle()
  assert.deepEqual(acked, [third, fourth, second])
  assert.equal(delivery.isDrained, false)
  requests[0]?.resolve(TAKEN)
  await drained(delivery)
  assert.deepEqual(acked, [third, fourth, second, first])
  const bytes = batches.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const { counters } = delivery
  assert.deepEqual([counters.batches, counters.entries, counters.bytes, counters.requests], [4, 3, bytes, 3])
})

test('a batch that is acked early keeps its slot until those before it are acked', async () => {
  const { sink, requests } = handSink(3)
  const delivery = new Delivery(sink, { clock: systemClock, log: recordedLog(), onAck: () => {} })
  for (const batch of [batchOf(0, 1), batchOf(1, 1), batchOf(2, 1)]) delivery.send(batch)
  await settle()
  requests[1]?.resolve(TAKEN)
  requests[2]?.resolve(TAKEN)
  await settle()
  assert.equal(delivery.counters.batches, 2)
  assert.equal(delivery.isFree(''), false)
  requests[0]?.resolve(TAKEN)
  await settle()
  assert.equal(delivery.isFree(''), true)
  for (const batch of [batchOf(3, 1), batchOf(4, 1)]) delivery.send(batch)
  await settle()
  assert.equal(delivery.isFree(''), true)
  delivery.send(batchOf(5, 1))
  assert.equal(delivery.isFree(''), false)
  requests[3]?.resolve(TAKEN)
  await settle()
  assert.equal(delivery.isFree(''), true)
})

test('a batch on the way is not forgotten, however many partitions come after it', async () => {
  const { sink, requests } = handSink(1)
  const delivery = new Delivery(sink, { clock: systemClock, log: recordedLog(), onAck: () => {} })
  delivery.send({ ...batchOf(0, 1), partition: 'slow' })
  await settle()
  for (let index = 1; index <= 200; index += 1) {
    delivery.send({ ...batchOf(index, 1), partition: `other-${index}` })
    await settle()
    requests[index]?.resolve(TAKEN)
    await settle()
  }
  assert.deepEqual([delivery.inFlight, delivery.isDrained, delivery.isFree('slow')], [1, false, false])
  requests[0]?.resolve(TAKEN)
  await drained(delivery)
  assert.equal(delivery.counters.batches, 201)
})

test('all who wait are told of a change', async () => {
  const { sink, requests } = handSink(1)
  const delivery = new Delivery(sink, { clock: systemClock, log: recordedLog(), onAck: () => {} })
  delivery.send(batchOf(0, 1))
  await settle()
  const waiting = [free(delivery), drained(delivery), free(delivery)]
  requests[0]?.resolve(TAKEN)
  await Promise.all(waiting)
})

test('after a failure what is acked counts all the same, the failed batch never does, and all who wait are told', async () => {
  const { sink, requests } = handSink(3)
  const acked: Batch[] = []
  const delivery = new Delivery(sink, { clock: systemClock, log: recordedLog(), onAck: (batch) => acked.push(batch) })
  const batches = [batchOf(0, 1), batchOf(1, 1), batchOf(2, 1)]
  for (const batch of batches) delivery.send(batch)
  await settle()
  const waiting = [free(delivery), drained(delivery)].map(watch)
  const failure = new Error('the destination is gone')
  requests[2]?.resolve(TAKEN)
  requests[1]?.reject(failure)
  requests[0]?.resolve(TAKEN)
  for (const { promise } of waiting) await assert.rejects(promise, failure)
  await settle()
  assert.deepEqual(acked, [batches[2], batches[0]])
  await assert.rejects(drained(delivery), failure)
})

test('a failure that nobody waits for is kept until someone does', async (t) => {
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', onUnhandled)
  t.after(() => process.off('unhandledRejection', onUnhandled))
  const failure = new Error('the destination is gone')
  const { sink: failing } = handSink(1)
  failing.transport.send = () => {
    throw failure // at once instead of by a promise
  }
  const throwing = new Delivery(failing, { clock: systemClock, log: recordedLog(), onAck: () => {} })
  throwing.send(batchOf(0, 1))
  const { sink, requests } = handSink(1)
  const refusing = new Delivery(sink, {
    clock: systemClock,
    log: recordedLog(),
    onAck: () => {
      throw failure
    },
  })
  refusing.send(batchOf(0, 1))
  await settle()
  requests[0]?.resolve(TAKEN)
  await settle()
  assert.deepEqual(unhandled, [])
  await assert.rejects(free(throwing), failure)
  assert.equal(throwing.requestsInFlight, 0, 'also where it is thrown at once')
  await assert.rejects(drained(refusing), failure)
})

test('a poke ends a wait, and so does each ack', async () => {
  const { sink, requests } = handSink(1)
  const delivery = new Delivery(sink, { clock: systemClock, log: recordedLog(), onAck: () => {} })
  delivery.send(batchOf(0, 1))
  await settle()
  const poked = delivery.changed()
  delivery.poke()
  await poked
  assert.equal(delivery.isFree(''), false)
  const acked = delivery.changed()
  requests[0]?.resolve(TAKEN)
  await acked
  assert.equal(delivery.isFree(''), true)
})

test('tells how long the oldest batch has been in flight, and how long each took', async () => {
  const { sink, requests } = handSink(3)
  const clock = new ManualClock()
  const delivery = new Delivery(sink, { clock, log: recordedLog(), onAck: () => {} })
  assert.equal(delivery.oldestMs, 0)
  delivery.send(batchOf(0, 1))
  clock.advance(2000)
  delivery.send(batchOf(1, 1))
  await settle()
  delivery.send(empty())
  clock.advance(1000)
  assert.deepEqual([delivery.inFlight, delivery.oldestMs], [2, 3000])
  requests[0]?.resolve(TAKEN)
  await settle()
  assert.deepEqual([delivery.inFlight, delivery.oldestMs], [1, 1000])
  requests[1]?.resolve(TAKEN)
  await settle()
  assert.deepEqual([delivery.inFlight, delivery.oldestMs], [0, 0])
  const { counts, limits, sum } = delivery.latencySeconds
  assert.equal(sum, 4)
  const taken = counts.flatMap((count, index) => (count > 0 ? [[limits[index], count]] : []))
  assert.deepEqual(taken, [
    [1, 1],
    [5, 1],
  ])
})

test('entries of which some are rejected, without it being known which, are done with: counted, told once, never sent again', async () => {
  const refusal = { status: 200, reason: 'too old' }
  const counts = [3, 2, 0]
  const format: Format = { ...ndjson, read: () => ({ ...refusal, kind: 'partly', rejectedCount: counts.shift() ?? 0 }) }
  const { sink, requests } = handSink(1, format)
  const [acked, log] = [[] as Batch[], recordedLog()]
  const delivery = new Delivery(sink, { clock: systemClock, log, onAck: (batch) => acked.push(batch) })
  const batches = [batchOf(0, 10), batchOf(10, 10), batchOf(20, 10)]
  for (const [index, batch] of batches.entries()) {
    delivery.send(batch)
    await settle()
    requests[index]?.resolve({ kind: 'status', status: 200, headers: {}, body: Buffer.alloc(0) })
    await drained(delivery)
  }
  assert.deepEqual(acked, batches)
  assert.equal(requests.length, 3)
  assert.deepEqual([delivery.counters.rejectedEntries, delivery.complaint, delivery.fault], [5, 'too old', undefined])
  assert.deepEqual(
    log.lines.map(({ level, message }) => [level, message]),
    [
      ['error', 'the destination rejected entries without saying which; they are lost'],
      ['warn', 'the destination accepts entries, and complains'],
    ],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import type { Batch, Sink } from '../../src/model.ts'
import { Outbox } from '../../src/sink/outbox.ts'
import { ManualClock } from '../kube/support.ts'
import { batchOf, drained, free, watch } from './sink-contract.ts'

/** A sink whose writes end as the test says, by their number. */
function handSink(slots: number) {
  const writes: PromiseWithResolvers<void>[] = []
  const sink: Sink = {
    slots,
    write: () => {
      const write = Promise.withResolvers<void>()
      writes.push(write)
      return write.promise
    },
    close: async () => {},
  }
  return { sink, writes }
}

/** As many turns of the event loop as any chain of promises here takes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

const empty = (): Batch => ({ bytes: new Uint8Array(0), entryCount: 0, positions: new Map(), bury: () => {} })

test('each ack is passed on as it comes, whatever becomes of older batches', async () => {
  const { sink, writes } = handSink(4)
  const acked: Batch[] = []
  const outbox = new Outbox(sink, { clock: systemClock, onAck: (batch) => acked.push(batch) })
  const batches = [batchOf(0, 1), batchOf(1, 1), empty(), batchOf(2, 1)]
  for (const batch of batches) outbox.send(batch)
  const [first, second, third, fourth] = batches
  assert.deepEqual(acked, [third], 'a batch without entries waits for nothing')
  writes[2]?.resolve()
  await settle()
  assert.deepEqual(acked, [third, fourth])
  writes[1]?.resolve()
  await settle()
  assert.deepEqual(acked, [third, fourth, second])
  assert.equal(outbox.isDrained, false)
  writes[0]?.resolve()
  await drained(outbox)
  assert.deepEqual(acked, [third, fourth, second, first])
  assert.deepEqual(outbox.counters, {
    batches: 4,
    entries: 3,
    bytes: batches.reduce((sum, { bytes }) => sum + bytes.length, 0),
  })
})

test('a batch that is acked early keeps its slot until those before it are acked', async () => {
  const { sink, writes } = handSink(3)
  const outbox = new Outbox(sink, { clock: systemClock, onAck: () => {} })
  for (const batch of [batchOf(0, 1), batchOf(1, 1), batchOf(2, 1)]) outbox.send(batch)
  writes[1]?.resolve()
  writes[2]?.resolve()
  await settle()
  assert.equal(outbox.counters.batches, 2)
  assert.equal(outbox.isFree, false)
  writes[0]?.resolve()
  await settle()
  assert.equal(outbox.isFree, true)
  for (const batch of [batchOf(3, 1), batchOf(4, 1)]) outbox.send(batch)
  assert.equal(outbox.isFree, true)
  outbox.send(batchOf(5, 1))
  assert.equal(outbox.isFree, false)
  writes[3]?.resolve()
  await settle()
  assert.equal(outbox.isFree, true)
})

test('all who wait are told of a change', async () => {
  const { sink, writes } = handSink(1)
  const outbox = new Outbox(sink, { clock: systemClock, onAck: () => {} })
  outbox.send(batchOf(0, 1))
  const waiting = [free(outbox), drained(outbox), free(outbox)]
  writes[0]?.resolve()
  await Promise.all(waiting)
})

test('after a failure what is acked counts all the same, the failed batch never does, and all who wait are told', async () => {
  const { sink, writes } = handSink(3)
  const acked: Batch[] = []
  const outbox = new Outbox(sink, { clock: systemClock, onAck: (batch) => acked.push(batch) })
  const batches = [batchOf(0, 1), batchOf(1, 1), batchOf(2, 1)]
  for (const batch of batches) outbox.send(batch)
  const waiting = [free(outbox), drained(outbox)].map(watch)
  const failure = new Error('the destination is gone')
  writes[2]?.resolve()
  writes[1]?.reject(failure)
  writes[0]?.resolve()
  for (const { promise } of waiting) await assert.rejects(promise, failure)
  await settle()
  assert.deepEqual(acked, [batches[2], batches[0]])
  await assert.rejects(drained(outbox), failure)
})

test('a failure that nobody waits for is kept until someone does', async (t) => {
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', onUnhandled)
  t.after(() => process.off('unhandledRejection', onUnhandled))
  const failure = new Error('the destination is gone')
  const failing: Sink = {
    slots: 1,
    write: () => {
      throw failure // at once instead of by a promise
    },
    close: async () => {},
  }
  const throwing = new Outbox(failing, { clock: systemClock, onAck: () => {} })
  throwing.send(batchOf(0, 1))
  const { sink, writes } = handSink(1)
  const refusing = new Outbox(sink, {
    clock: systemClock,
    onAck: () => {
      throw failure
    },
  })
  refusing.send(batchOf(0, 1))
  writes[0]?.resolve()
  await settle()
  assert.deepEqual(unhandled, [])
  await assert.rejects(free(throwing), failure)
  await assert.rejects(drained(refusing), failure)
})

test('a poke ends a wait, and so does each ack', async () => {
  const { sink, writes } = handSink(1)
  const outbox = new Outbox(sink, { clock: systemClock, onAck: () => {} })
  outbox.send(batchOf(0, 1))
  const poked = outbox.changed()
  outbox.poke()
  await poked
  assert.equal(outbox.isFree, false)
  const acked = outbox.changed()
  writes[0]?.resolve()
  await acked
  assert.equal(outbox.isFree, true)
})

test('tells how long the oldest batch has been in flight, and how long each took', async () => {
  const { sink, writes } = handSink(3)
  const clock = new ManualClock()
  const outbox = new Outbox(sink, { clock, onAck: () => {} })
  assert.equal(outbox.oldestMs, 0)
  outbox.send(batchOf(0, 1))
  clock.advance(2000)
  outbox.send(batchOf(1, 1))
  outbox.send(empty())
  clock.advance(1000)
  assert.deepEqual([outbox.inFlight, outbox.oldestMs], [2, 3000])
  writes[0]?.resolve()
  await settle()
  assert.deepEqual([outbox.inFlight, outbox.oldestMs], [1, 1000])
  writes[1]?.resolve()
  await settle()
  assert.deepEqual([outbox.inFlight, outbox.oldestMs], [0, 0])
  const { counts, limits, sum } = outbox.latencySeconds
  assert.equal(sum, 4)
  const taken = counts.flatMap((count, index) => (count > 0 ? [[limits[index], count]] : []))
  assert.deepEqual(taken, [
    [1, 1],
    [5, 1],
  ])
})

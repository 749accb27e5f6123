import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ndjson } from '../../src/formats/ndjson.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { SinkError } from '../../src/lib/sink-error.ts'
import type { Answer, Request, Transport } from '../../src/model/sink.ts'
import { AckedDelivery, batchOf, textOf } from '../delivery/acked-delivery.ts'
import { unnamedEntries } from '../formats/unnamed-entries.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { waitUntil } from '../support/wait-until.ts'
import { watch } from '../support/watch.ts'

/** A transport to a destination that the test controls. */
export interface TransportOnTest {
  readonly transport: Transport
  /** All that the destination has taken so far. */
  taken(): string
  /** From now on the destination does not finish a request, until `resume`. */
  stall(): void
  resume(): void
}

/** What each transport promises, by itself and below a delivery. */
export function testTransportContract(name: string, open: (t: TestContext) => Promise<TransportOnTest>): void {
  const requestOf = (first: number, count: number): Request => {
    const { contentType, answerBytes } = ndjson
    return { body: batchOf(first, count).bytes, contentType, contentEncoding: '', partition: '', answerBytes }
  }
  const deliveryOn = (transport: Transport) => {
    const deadLetter = { path: '/nowhere/dead-letter.ndjson', maxBytes: 1 << 20 }
    const sink = { name, format: ndjson, transport, compression: 'none', retryFor: 0, deadLetter } as const
    return new AckedDelivery(sink, { clock: systemClock, log: recordedLog() })
  }

  test(`${name}: sends one request, and says that it was taken`, async (t) => {
    const { transport, taken } = await open(t)
    const { signal } = new AbortController()
    const answer = await poll(Promise.resolve(transport.send(requestOf(0, 3000), signal)), taken)
    assert.ok(isTaken(answer), JSON.stringify(answer))
    await waitUntil('all has arrived', () => taken() === textOf(batchOf(0, 3000)))
  })

  test(`${name}: a request that is given up ends with the reason, and nothing that comes after it waits`, async (t) => {
    const { transport, taken, stall, resume } = await open(t)
    stall()
    const giveUp = new AbortController()
    const sending = watch(Promise.resolve(transport.send(requestOf(0, 2000), giveUp.signal)))
    await waitUntil('something was taken', () => taken().length > 0)
    assert.equal(sending.state, 'pending')
    const reason = new SinkError('SINK_CLOSED', 'over')
    giveUp.abort(reason)
    await assert.rejects(sending.promise, reason)
    resume()
    await poll(transport.close(), taken)
  })

  test(`${name}: bytes arrive exactly and in order, and each batch is acked once, in order`, async (t) => {
    const { transport, taken } = await open(t)
    const under = deliveryOn(transport)
    // More than a pipe holds, so that a write is taken in pieces while the next is begun.
    const batches = Array.from({ length: 12 }, (_, index) => batchOf(index * 1000, 1000, (index % 3) * 150))
    for (const batch of batches) {
      await poll(under.free(), taken)
      under.delivery.send(batch)
    }
    await poll(under.drained(), taken)
    assert.deepEqual(under.acked, batches)
    assert.equal(taken(), textOf(...batches))
  })

  test(`${name}: a batch of all the bytes that it allows is one request`, async (t) => {
    const { transport, taken } = await open(t)
    const under = deliveryOn(transport)
    const entries = Math.floor(transport.batchBytes / batchOf(1_000_000, 1, 1000).bytes.length)
    const batch = batchOf(1_000_000, entries, 1000)
    await poll(under.write(batch), taken)
    await waitUntil('all has arrived', () => taken() === textOf(batch))
    assert.equal(under.counters.requests, 1)
  })

  test(`${name}: a batch is pending until the destination has all the bytes, which is the back-pressure`, async (t) => {
    const { transport, taken, stall, resume } = await open(t)
    stall()
    const under = deliveryOn(transport)
    const batches = Array.from({ length: transport.slots }, (_, index) => batchOf(index * 2000, 2000))
    for (const batch of batches) under.delivery.send(batch)
    const waiting = watch(under.free())
    await waitUntil('something was taken', () => taken().length > 0)
    assert.equal(under.counters.batches, 0)
    assert.equal(waiting.state, 'pending')
    resume()
    await poll(under.drained(), taken)
    await waiting.promise
    assert.equal(taken(), textOf(...batches))
  })

  test(`${name}: closing the delivery ends what is pending and what comes after with SINK_CLOSED`, async (t) => {
    const { transport, taken, stall, resume } = await open(t)
    stall()
    const under = deliveryOn(transport)
    const pending = [under.write(batchOf(0, 2000)), under.write(batchOf(2000, 2000))].map(watch)
    await waitUntil('something was taken', () => taken().length > 0)
    const closed = under.close()
    await waitUntil('the writes have ended', () => pending.every(({ state }) => state !== 'pending'))
    for (const { promise } of pending) await assert.rejects(promise, isClosed)
    await assert.rejects(under.write(batchOf(4000, 1)), isClosed)
    resume()
    await poll(closed, taken)
  })
}

function isTaken(answer: Answer): boolean {
  return (
    answer.kind === 'taken' ||
    (answer.kind === 'status' && ndjson.read(answer, unnamedEntries(1), 0).kind === 'accepted')
  )
}

function isClosed(error: unknown): boolean {
  return error instanceof SinkError && error.code === 'SINK_CLOSED'
}

/** Awaits the promise while the destination keeps taking. */
async function poll<T>(promise: Promise<T>, taken: () => string): Promise<T> {
  const watched = watch(promise)
  await waitUntil('it goes on', () => {
    taken()
    return watched.state !== 'pending'
  })
  return promise
}

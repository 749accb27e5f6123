import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import type { Batch, Sink } from '../../src/model.ts'
import { Outbox } from '../../src/sink/outbox.ts'
import { SinkError } from '../../src/sink/sink-error.ts'
import { waitUntil } from '../support/wait-until.ts'

/** A sink on a destination that the test controls. */
export interface SinkOnTest {
  readonly sink: Sink
  /** All that the destination has taken so far. */
  taken(): string
  /** From now on the destination does not finish a write, until `resume`. */
  stall(): void
  resume(): void
}

/** Numbered entries that end to end make one text. */
export function batchOf(first: number, count: number, padding = 100): Batch {
  const lines = Array.from({ length: count }, (_, index) => `{"n":${first + index},"log":"${'x'.repeat(padding)}"}\n`)
  return { bytes: Buffer.from(lines.join('')), entryCount: count, positions: new Map(), bury: () => {} }
}

export function textOf(...batches: Batch[]): string {
  return batches.map(({ bytes }) => Buffer.from(bytes).toString('utf8')).join('')
}

/** What each sink promises. */
export function testSinkContract(name: string, open: (t: TestContext) => Promise<SinkOnTest>): void {
  test(`${name}: bytes arrive exactly and in order, and each batch is acked once, in order`, async (t) => {
    const { sink, taken } = await open(t)
    const acked: Batch[] = []
    const outbox = new Outbox(sink, { clock: systemClock, onAck: (batch) => acked.push(batch) })
    // More than a pipe holds, so that a write is taken in pieces while the next is begun.
    const batches = Array.from({ length: 12 }, (_, index) => batchOf(index * 1000, 1000, (index % 3) * 150))
    for (const batch of batches) {
      await poll(free(outbox), taken)
      outbox.send(batch)
    }
    await poll(drained(outbox), taken)
    assert.deepEqual(acked, batches)
    assert.equal(taken(), textOf(...batches))
  })

  test(`${name}: a write is pending until the destination has all the bytes, which is the back-pressure`, async (t) => {
    const { sink, taken, stall, resume } = await open(t)
    stall()
    const outbox = new Outbox(sink, { clock: systemClock, onAck: () => {} })
    const batches = Array.from({ length: sink.slots }, (_, index) => batchOf(index * 2000, 2000))
    for (const batch of batches) outbox.send(batch)
    const waiting = watch(free(outbox))
    await waitUntil('something was taken', () => taken().length > 0)
    assert.equal(outbox.counters.batches, 0)
    assert.equal(waiting.state, 'pending')
    resume()
    await poll(drained(outbox), taken)
    await waiting.promise
    assert.equal(taken(), textOf(...batches))
  })

  test(`${name}: closing it ends what is pending and what comes after with SINK_CLOSED`, async (t) => {
    const { sink, taken, stall, resume } = await open(t)
    stall()
    const pending = [sink.write(batchOf(0, 2000)), sink.write(batchOf(2000, 2000))].map(watch)
    await waitUntil('something was taken', () => taken().length > 0)
    const closed = sink.close()
    await waitUntil('the writes have ended', () => pending.every(({ state }) => state !== 'pending'))
    for (const { promise } of pending) await assert.rejects(promise, isClosed)
    await assert.rejects(sink.write(batchOf(4000, 1)), isClosed)
    resume()
    await poll(closed, taken)
  })
}

/** Resolves when a batch can be sent. */
export async function free(outbox: Outbox): Promise<void> {
  while (!outbox.isFree) await outbox.changed()
}

/** Resolves when all is acked. */
export async function drained(outbox: Outbox): Promise<void> {
  while (!outbox.isDrained) await outbox.changed()
}

function isClosed(error: unknown): boolean {
  return error instanceof SinkError && error.code === 'SINK_CLOSED'
}

/** A promise whose state can be looked at; its failure is handled. */
export function watch<T>(promise: Promise<T>) {
  const watched = { promise, state: 'pending' }
  promise.then(
    () => {
      watched.state = 'resolved'
    },
    () => {
      watched.state = 'rejected'
    },
  )
  return watched
}

/** Awaits the promise while the destination keeps taking. */
async function poll(promise: Promise<void>, taken: () => string): Promise<void> {
  const watched = watch(promise)
  await waitUntil('the sink goes on', () => {
    taken()
    return watched.state !== 'pending'
  })
  await promise
}

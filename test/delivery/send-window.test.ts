import assert from 'node:assert/strict'
import { once } from 'node:events'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { SendWindow } from '../../src/delivery/send-window.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { ManualClock } from '../kube/support.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { AckedDelivery, batchOf, textOf } from './acked-delivery.ts'
import { httpOptions, httpSink } from './http-sink.ts'

const never = new AbortController().signal

function setUp(maxInFlight: number, maxBytes = Infinity) {
  const clock = new ManualClock()
  const pace = new SendWindow({ maxInFlight, maxBytes, clock, random: () => 1 })
  /** How many of those that ask now are let through. */
  const openFor = async (asking: number) => {
    let entered = 0
    const over = new AbortController()
    const waits = Array.from({ length: asking }, async () => {
      await pace.enter(over.signal)
      entered += 1
    })
    await new Promise((resolve) => setImmediate(resolve))
    over.abort(new Error('over'))
    await Promise.allSettled(waits)
    return entered
  }
  const request = (byteCount: number) => ({ sentMs: clock.monotonic(), byteCount })
  return { clock, pace, openFor, request }
}

test('as many requests as allowed are on the way, and the next one goes when one is back', async () => {
  const { pace, openFor, request } = setUp(2)
  assert.equal(await openFor(3), 2)
  assert.equal(pace.inFlight, 2)
  pace.leave('taken', request(10))
  assert.equal(pace.inFlight, 1, 'who gave up waiting has no place')
  const waiting = [pace.enter(never), pace.enter(never)]
  await waiting[0]
  assert.equal(pace.inFlight, 2)
  pace.leave('failed', request(10))
  await waiting[1]
  assert.equal(pace.inFlight, 2, 'the one that waited has its place')
})

test('time-outs of requests that were on the way together halve number and size once', async () => {
  const { clock, pace, openFor, request } = setUp(4)
  assert.equal(await openFor(4), 4)
  const sent = [1, 2, 3, 4].map(() => request(1 << 20))
  clock.advance(8000)
  for (const one of sent) pace.leave('timeout', one)
  assert.equal(pace.maxBytes, 1 << 19)
  assert.equal(await openFor(4), 2)
})

test('a busy destination gets half as many requests at a time, of the same size, and more again as it takes them', async () => {
  const { clock, pace, openFor, request } = setUp(4, 1 << 20)
  assert.equal(await openFor(4), 4)
  const sent = [1, 2, 3, 4].map(() => request(1 << 20))
  clock.advance(10)
  for (const one of sent) pace.leave('busy', one)
  assert.equal(pace.maxBytes, 1 << 20)
  assert.equal(await openFor(4), 0)
  clock.advance(20)
  assert.equal(await openFor(4), 1)
  pace.leave('taken', request(1000))
  assert.equal(await openFor(4), 2)
  for (let count = 0; count < 2; count += 1) pace.leave('taken', request(1000))
  assert.equal(await openFor(4), 3)
})

test('a size that was refused is tried again after ten minutes', async () => {
  const { clock, pace, request } = setUp(1)
  const take = async () => {
    await pace.enter(never)
    pace.leave('taken', request(pace.maxBytes))
  }
  pace.refuseBytes(1000)
  await take()
  clock.advance(599_000)
  await take()
  assert.equal(pace.maxBytes, 750)
  clock.advance(1000)
  await take()
  assert.ok(pace.maxBytes > 1000)
})

test('size and number grow slowly while requests are taken in half the time, and no further than allowed', async () => {
  const { clock, pace, request } = setUp(4, 1 << 20)
  await pace.enter(never)
  const late = request(1 << 20)
  clock.advance(8000)
  pace.leave('timeout', late)
  const slow = request(pace.maxBytes)
  await pace.enter(never)
  clock.advance(5000)
  pace.leave('taken', slow)
  assert.equal(pace.maxBytes, 1 << 19, 'one that takes long says that more would be too much')
  for (let count = 0; count < 20; count += 1) {
    await pace.enter(never)
    pace.leave('taken', request(pace.maxBytes))
    if (count === 0) assert.equal(pace.maxBytes, (1 << 19) + (1 << 16))
  }
  assert.equal(pace.maxBytes, 1 << 20)
})

/** Requests that fail one after the other, as soon as each may be sent. */
async function fail({ clock, pace, request }: ReturnType<typeof setUp>, count: number) {
  for (let failures = 0; failures < count; failures += 1) {
    await pace.enter(never)
    pace.leave('failed', request(10))
    clock.advance(30_000)
  }
}

test('after an outage one request goes first', async () => {
  const window = setUp(4)
  await fail(window, 5)
  assert.equal(await window.openFor(4), 1)
  window.pace.leave('taken', window.request(10))
  assert.equal(await window.openFor(4), 2)
})

test('after a long outage one small request goes at a time, with pauses that get shorter, and each is twice the one before', async () => {
  const window = setUp(4, 1 << 20)
  const { clock, pace, openFor, request } = window
  await fail(window, 20)
  const sizes: number[] = []
  const pauses: number[] = []
  while (pauses.at(-1) !== 0) {
    assert.equal(await openFor(4), 1)
    sizes.push(pace.maxBytes / 1024)
    pace.leave('taken', request(pace.maxBytes))
    pauses.push(pace.pausedMs)
    clock.advance(pace.pausedMs)
  }
  assert.deepEqual(sizes.slice(0, 6), [64, 128, 256, 512, 1024, 1024])
  assert.deepEqual(pauses.slice(0, 3).map(Math.round), [21_000, 14_700, 10_290])
  assert.ok((await openFor(5)) === 4)
})

test('failures of a fifth of the requests are no outage: nothing pauses', async () => {
  const { pace, openFor, request } = setUp(4)
  for (let count = 0; count < 100; count += 1) {
    assert.equal(await openFor(1), 1)
    pace.leave(count % 5 === 0 ? 'failed' : 'taken', request(10))
  }
  assert.equal(await openFor(5), 4)
})

test('who is asked to come later does, with all that wait, and not all agents at the same time', async () => {
  const { clock, pace, openFor, request } = setUp(4)
  await pace.enter(never)
  pace.leave('busy', { ...request(10), afterMs: 10_000 })
  clock.advance(14_999)
  assert.equal(await openFor(4), 0)
  clock.advance(1)
  assert.equal(await openFor(4), 1)
})

test('a size that is refused is not tried again', async () => {
  const { pace, request } = setUp(4)
  pace.refuseBytes(1000)
  assert.equal(pace.maxBytes, 750)
  for (let count = 0; count < 20; count += 1) {
    await pace.enter(never)
    pace.leave('taken', request(750))
  }
  assert.equal(pace.maxBytes, 750)
})

/** A server that reads so many bytes a second, of all requests together, and answers when it has a whole one. */
async function slowServer(t: TestContext, bytesPerSecond: number) {
  const bodies: string[] = []
  const open = new Map<http.IncomingMessage, string[]>()
  const server = http.createServer((request, response) => {
    open.set(request, [])
    request.once('end', () => {
      bodies.push((open.get(request) ?? []).join(''))
      response.writeHead(204).end()
    })
    request.once('close', () => open.delete(request))
  })
  const timer = setInterval(() => {
    const share = Math.floor(bytesPerSecond / 100 / Math.max(1, open.size))
    for (const [request, parts] of open) parts.push(String(request.read(Math.min(share, request.readableLength)) ?? ''))
  }, 10)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    clearInterval(timer)
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bodies }
}

test('four large batches get over a link that is too slow for them together', async (t) => {
  const { url, bodies } = await slowServer(t, 1_500_000)
  const sink = httpSink({ ...httpOptions(url, '/nowhere/letters'), maxInFlight: 4, timeout: 600 }, systemClock)
  const delivery = new AckedDelivery(sink, { clock: systemClock, log: recordedLog() })
  t.after(() => delivery.close())
  const batches = [0, 2000, 4000, 6000].map((first) => batchOf(first, 2000)) // 240 KB each, 600 ms all four of them
  await Promise.all(batches.map((batch) => delivery.write(batch)))
  const lines = (text: string) => new Set(text.trimEnd().split('\n'))
  assert.deepEqual(lines(bodies.join('')), lines(textOf(...batches)))
})

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { ndjson } from '../../src/formats/ndjson.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { Format, Outcome, Receipt } from '../../src/model/sink.ts'
import { Collector, type CollectorOptions, type StatusReaction } from '../support/collector.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'
import { watch } from '../support/watch.ts'
import { AckedDelivery, batchOf, batchOfLines, textOf } from './acked-delivery.ts'
import { type HttpSinkOptions, httpOptions, httpSink } from './http-sink.ts'

async function setUp(
  t: TestContext,
  { clock = hastyClock(), ...options }: Partial<HttpSinkOptions> & { readonly clock?: Clock } = {},
  collectorOptions: CollectorOptions = {},
) {
  const collector = new Collector(collectorOptions)
  await collector.start()
  const path = join(temporaryDirectory(t), 'dead-letter.ndjson')
  const log = recordedLog()
  const delivery = new AckedDelivery(
    httpSink({ ...httpOptions(collector.url, path), timeout: 600_000, ...options }, clock),
    {
      clock,
      log,
    },
  )
  t.after(async () => {
    await delivery.close()
    await collector.stop()
  })
  const letters = () => {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  }
  return { collector, delivery, log, letters, numbers: () => collector.received().map((line) => JSON.parse(line).n) }
}

const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index)
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)
const no: StatusReaction = { status: 400, body: 'no' }
const holds = (lines: string, numbers: readonly number[]) => numbers.some((n) => lines.includes(`{"n":${n},`))

for (const [what, poison] of [
  ['the first', [0]],
  ['the last', [1999]],
  ['one in the middle', [777]],
  ['three side by side', [1000, 1001, 1002]],
  ['thirty here and there', from(0, 30).map((n) => n * 61 + 5)],
] as const) {
  test(`of 2,000 entries of which ${what} cannot be taken, only those become dead letters`, async (t) => {
    const { collector, delivery, letters, numbers } = await setUp(t, { maxInFlight: 4 })
    const buried: number[] = []
    collector.refuseIf((lines) => (holds(lines, poison) ? { status: 422, body: 'bad field' } : undefined))
    const lines = textOf(batchOf(0, 2000)).trimEnd().split('\n')
    await delivery.write(batchOfLines(lines, { bury: (places) => buried.push(...places) }))
    assert.deepEqual(sorted(letters().map(({ n }) => n)), poison)
    assert.deepEqual(sorted(buried), poison)
    assert.deepEqual(
      sorted(numbers()),
      from(0, 2000).filter((n) => !poison.includes(n as never)),
    )
    assert.ok(collector.requests.length < 30 * poison.length, `${collector.requests.length} requests`)
  })
}

test('a server that says 400 to everything is waited for, with few requests, and nothing becomes a dead letter', async (t) => {
  const { collector, delivery, log, letters, numbers } = await setUp(t, { maxInFlight: 4 })
  collector.refuseIf(() => no)
  const writes = [0, 1000, 2000, 3000].map((first) => delivery.write(batchOf(first, 1000)))
  await waitUntil('it is asked again and again', () => delivery.counters.retries > 30)
  assert.ok(collector.requests.length < 150, `${collector.requests.length} requests`)
  assert.deepEqual(
    log.lines.map(({ level, message }) => [level, message]),
    [['error', 'the destination refuses entries and accepts no others; retrying']],
  )
  assert.equal(delivery.delivery.fault?.kind, 'HTTP 400')
  collector.refuseIf(() => undefined)
  await Promise.all(writes)
  assert.deepEqual(sorted(numbers()), from(0, 4000))
  assert.deepEqual(letters(), [])
})

test('an entry that is refused alone waits until another is accepted, holds up nobody, and then is a dead letter', async (t) => {
  const { collector, delivery, letters, numbers } = await setUp(t, { maxInFlight: 1 })
  collector.refuseIf((lines) => (holds(lines, [1, 2, 3, 4, 5]) ? no : undefined))
  const refused = [1, 2, 3, 4, 5].map((n) => watch(delivery.write(batchOf(n, 1))))
  await waitUntil('all were tried several times', () => collector.requests.length > 20)
  // Slots are given away later and later, each with a try of its batch: the fifth may not be yet.
  await waitUntil('they hold up nobody', () => delivery.delivery.isFree(''))
  assert.deepEqual(letters(), [])
  assert.ok(refused.every(({ state }) => state === 'pending'))
  await delivery.write(batchOf(6, 1))
  await Promise.all(refused.map(({ promise }) => promise))
  assert.deepEqual(numbers(), [6])
  assert.deepEqual(sorted(letters().map(({ n }) => n)), [1, 2, 3, 4, 5])
})

test('a batch with a bad entry in each forty gets through soon, also while another bad one waits for others', async (t) => {
  const clock = hastyClock()
  const { collector, delivery, letters } = await setUp(t, { maxInFlight: 1, clock })
  const poison = from(0, 50).map((n) => n * 40 + 7)
  collector.refuseIf((lines) => (holds(lines, [...poison, 5000]) ? no : undefined))
  const first = delivery.write(batchOf(5000, 1))
  await waitUntil('it is in doubt', () => collector.requests.length > 1)
  const startMs = clock.monotonic()
  await Promise.all([first, delivery.write(batchOf(0, 2000))])
  assert.deepEqual(sorted(letters().map(({ n }) => n)), [...poison, 5000])
  const tookMs = clock.monotonic() - startMs
  assert.ok(tookMs < 60_000, `${tookMs} ms`)
})

test('entries that were refused while the server was wrong are taken when it is mended, with the poison left out', async (t) => {
  const { collector, delivery, letters, numbers } = await setUp(t, { maxInFlight: 3 })
  let isWrong = true
  collector.refuseIf((lines) => (isWrong || holds(lines, [42]) ? no : undefined))
  const writes = from(0, 10).map((n) => delivery.write(batchOf(n * 10, 10)))
  await waitUntil('it was asked', () => collector.requests.length > 40)
  isWrong = false
  await Promise.all(writes)
  assert.deepEqual(
    letters().map(({ n }) => n),
    [42],
  )
  assert.deepEqual(
    sorted(numbers()),
    from(0, 100).filter((n) => n !== 42),
  )
})

test('whenever a server refuses everything for a while, only what it never takes becomes a dead letter', async (t) => {
  const batch = fc.record({
    count: fc.integer({ min: 1, max: 60 }),
    poison: fc.uniqueArray(fc.nat(59), { maxLength: 4 }),
  })
  const wrong = fc.record({ from: fc.integer({ min: 1, max: 60 }), requests: fc.integer({ min: 1, max: 20 }) })
  const property = fc.asyncProperty(
    fc.array(batch, { minLength: 1, maxLength: 6 }),
    wrong,
    fc.integer({ min: 1, max: 4 }),
    async (batches, { from: first, requests }, maxInFlight) => {
      const { collector, delivery, letters, numbers } = await setUp(t, { maxInFlight })
      const all = batches.flatMap(({ count }, index) => from(index * 100, count))
      const poison = batches
        .flatMap(({ poison }, index) => poison.map((n) => index * 100 + n))
        .filter((n) => all.includes(n))
      collector.refuseIf((lines) => {
        const { length } = collector.requests
        return (length >= first && length < first + requests) || holds(lines, poison) ? no : undefined
      })
      const writes = batches.map(({ count }, index) => delivery.write(batchOf(index * 100, count)))
      // Poison is known as such once another entry is taken.
      const last = delivery.write(batchOf(1000, 1)).then(() => delivery.write(batchOf(2000, 1)))
      await Promise.all([...writes, last])
      assert.deepEqual(sorted(letters().map(({ n }) => n)), sorted(poison))
      assert.deepEqual(
        sorted(numbers()),
        [...all, 1000, 2000].filter((n) => !poison.includes(n)),
      )
    },
  )
  await fc.assert(property, { numRuns: 12, seed: 7 })
})

for (const poison of [
  [0, 1],
  [777, 1500],
  [1998, 1999],
])
  test(`a server that goes wrong while ${poison.join(' and ')} are looked for makes no other entry a dead letter`, async (t) => {
    for (const rightRequests of from(1, 40)) {
      const { collector, delivery, letters, numbers } = await setUp(t, { maxInFlight: 1 })
      collector.refuseIf((lines) => {
        const isWrong = collector.requests.length >= rightRequests && collector.requests.length < rightRequests + 15
        return isWrong || holds(lines, poison) ? no : undefined
      })
      await Promise.all([delivery.write(batchOf(0, 2000)), delivery.write(batchOf(2000, 10))])
      const found = sorted(letters().map(({ n }) => n))
      assert.deepEqual(found, poison, `wrong after ${rightRequests} requests`)
      const right = from(0, 2010).filter((n) => !poison.includes(n))
      assert.deepEqual(sorted(numbers()), right)
    }
  })

for (const status of [401, 403, 404, 405, 415]) {
  test(`${status} is said once and waited for, in whole requests`, async (t) => {
    const { collector, delivery, log, letters, numbers } = await setUp(t, { maxInFlight: 2 })
    collector.refuseIf(() => ({ status, body: 'not so' }))
    const writes = [0, 1000].map((first) => delivery.write(batchOf(first, 1000)))
    await waitUntil('it is asked again', () => delivery.counters.retries > 6)
    assert.ok(collector.requests.length < 20, `${collector.requests.length} requests`)
    assert.deepEqual(
      log.lines.map(({ level }) => level),
      ['error'],
    )
    assert.match(String(log.lines[0]?.fields.error), new RegExp(`^HTTP ${status}: not so \\(`))
    collector.refuseIf(() => undefined)
    await Promise.all(writes)
    assert.deepEqual(sorted(numbers()), from(0, 2000))
    assert.deepEqual(letters(), [])
  })
}

test('a server that says 400 to a body that is too large gets smaller ones from then on', async (t) => {
  const { collector, delivery, letters, numbers } = await setUp(t)
  collector.refuseIf((lines) =>
    lines.length > 50_000 ? { status: 400, body: 'http: request body too large' } : undefined,
  )
  for (const first of [0, 1000, 2000]) await delivery.write(batchOf(first, 1000))
  assert.deepEqual(sorted(numbers()), from(0, 3000))
  assert.deepEqual(letters(), [])
  const refused = collector.requests.filter(({ outcome }) => outcome === 400).length
  assert.ok(refused <= 6, `${refused} of ${collector.requests.length} requests were refused`)
})

/** Says of each entry what became of it, as bulk interfaces do: `n` by status. */
function bulk(statusOf: (n: number, tries: number) => number): Format {
  const tries = new Map<number, number>()
  let sent: number[] = []
  return {
    ...ndjson,
    answerBytes: 1 << 20,
    frame: (groups) => {
      const pieces = groups.flatMap((group) => group.pieces)
      sent = Buffer.concat(pieces)
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).n)
      return pieces
    },
    read: (): Outcome => {
      const receipts = sent.flatMap((n, place): Receipt[] => {
        const count = (tries.get(n) ?? 0) + 1
        tries.set(n, count)
        const status = statusOf(n, count)
        if (status === 200) return []
        return [{ place, status, reason: `status ${status}`, kind: status === 429 ? 'retry' : 'rejected' }]
      })
      return { kind: 'receipts', receipts, afterMs: 0 }
    },
  }
}

/** Says of all entries of a request what `read` finds, by what they are. */
function reading(read: (sent: readonly number[]) => readonly Omit<Receipt, 'status' | 'reason'>[]): Format {
  return {
    ...ndjson,
    read: (_answer, sent): Outcome => {
      const numbers = Array.from(sent.entries(), ({ bytes }) => JSON.parse(Buffer.from(bytes).toString()).n)
      const receipts = read(numbers).map((receipt) => ({ ...receipt, status: 400, reason: 'no' }))
      return { kind: 'receipts', receipts, afterMs: 0 }
    },
  }
}

test('entries that an answer does not tell of are sent again in halves, at once, until each is accepted or named', async (t) => {
  // Of several that are refused it names one, and tells nothing of the others.
  const format = reading((sent) => {
    const bad = sent.flatMap((n, place) => (n === 3 || n === 17 ? [place] : []))
    const told = bad.length > 1 ? [...sent.keys()] : bad
    return told.map((place) => ({ place, kind: place === bad[0] ? 'rejected' : 'untold' }))
  })
  const { collector, delivery, letters } = await setUp(t, { format })
  await delivery.write(batchOf(0, 32))
  assert.deepEqual(sorted(letters().map(({ n }) => n)), [3, 17])
  assert.equal(collector.requests.length, 3)
  assert.equal(delivery.counters.retries, 0)
})

test('an entry that is alone, and of which nothing is told, is at fault if others are accepted', async (t) => {
  const format = reading((sent) =>
    sent.includes(2) ? [...sent.keys()].map((place) => ({ place, kind: 'untold' })) : [],
  )
  const { delivery, letters } = await setUp(t, { format })
  await delivery.write(batchOf(0, 5))
  assert.deepEqual(
    letters().map(({ n }) => n),
    [2],
  )
})

test('where each entry has a receipt, only those are sent again that the destination asks for', async (t) => {
  const format = bulk((n, tries) => (n % 10 === 3 ? 400 : n % 7 === 0 && tries < 4 ? 429 : 200))
  const { collector, delivery, letters } = await setUp(t, { format })
  const buried: number[] = []
  const lines = textOf(batchOf(0, 100)).trimEnd().split('\n')
  await delivery.write(batchOfLines(lines, { bury: (places) => buried.push(...places) }))
  const rejected = from(0, 100).filter((n) => n % 10 === 3)
  const again = from(0, 100).filter((n) => n % 7 === 0 && n % 10 !== 3)
  assert.deepEqual(
    letters().map(({ n, deadLetter }) => [n, deadLetter.status, deadLetter.reason]),
    rejected.map((n) => [n, 400, 'status 400']),
  )
  assert.deepEqual(buried, rejected)
  const bodies = collector.bodies.map((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).n),
  )
  assert.deepEqual(bodies, [from(0, 100), again, again, again])
})

for (const places of [[3], [-1], [1, 1], [0.5]]) {
  test(`an answer with receipts of places ${places.join()} is none: all is sent again`, async (t) => {
    let tries = 0
    const read = (): Outcome => {
      tries += 1
      const receipts = places.map((place): Receipt => ({ kind: 'rejected', place, status: 400, reason: 'no' }))
      return tries === 1 ? { kind: 'receipts', receipts, afterMs: 0 } : { kind: 'accepted' }
    }
    const { collector, delivery, letters } = await setUp(t, { format: { ...ndjson, read } })
    await delivery.write(batchOf(0, 3))
    assert.deepEqual(collector.bodies, [textOf(batchOf(0, 3)), textOf(batchOf(0, 3))])
    assert.deepEqual(letters(), [])
  })
}

test('receipts that come later are asked for, and what they say counts', async (t) => {
  let asked = 0
  const format: Format = {
    ...ndjson,
    read: (answer, { entryCount }): Outcome => ({
      kind: 'ask',
      afterMs: 10,
      forMs: 1000,
      request: {
        body: Buffer.from('{"acks":[0]}\n'),
        contentType: 'application/json',
        contentEncoding: '',
        partition: '',
        answerBytes: 0,
      },
      read: () => {
        asked += 1
        if (asked === 1)
          return { kind: 'retry', cause: 'destination', status: 'NOT_INDEXED', reason: 'not indexed', afterMs: 0 }
        return {
          kind: 'receipts',
          receipts: [{ kind: 'rejected', place: entryCount - 1, status: answer.status, reason: 'no' }],
          afterMs: 0,
        }
      },
    }),
  }
  const { collector, delivery, letters } = await setUp(t, { format })
  await delivery.write(batchOf(0, 3))
  assert.deepEqual(
    letters().map(({ n }) => n),
    [2],
  )
  const ask = '{"acks":[0]}\n'
  assert.deepEqual(collector.bodies, [textOf(batchOf(0, 3)), ask, textOf(batchOf(0, 3)), ask])
})

/** A format whose receipts come later, from a server that answers to questions as it is told. */
function asking(forMs: number, tell: (tries: number) => Outcome | 'not yet'): Format {
  let tries = 0
  const ask = (): Outcome => ({
    kind: 'ask',
    afterMs: 1000,
    forMs,
    request: { body: Buffer.from('?\n'), contentType: '', contentEncoding: '', partition: '', answerBytes: 0 },
    read: () => {
      tries += 1
      const told = tell(tries)
      return told === 'not yet' ? ask() : told
    },
  })
  return { ...ndjson, read: ask }
}

test('while receipts are waited for other requests are sent', async (t) => {
  let isIndexed = false
  const format = asking(300_000, () => (isIndexed ? { kind: 'accepted' } : 'not yet'))
  const { collector, delivery } = await setUp(t, { format, maxInFlight: 2, slots: 6 })
  const writes = [0, 3, 6, 9, 12, 15].map((first) => delivery.write(batchOf(first, 3)))
  const sent = () => new Set(collector.bodies.filter((body) => body !== '?\n'))
  await waitUntil('all are sent', () => sent().size === 6)
  assert.equal(delivery.acked.length, 0)
  isIndexed = true
  await Promise.all(writes)
})

test('requests keep to the limits of their format, before and after packing', async (t) => {
  const limits = { requestBytes: 20_000, packedBytes: 700, requestEntries: 60, entryBytes: 5000 }
  const { collector, delivery, letters } = await setUp(t, { format: { ...ndjson, limits }, compression: 'gzip' })
  const random = Array.from({ length: 200 }, (_, n) => `{"n":${n},"log":"${crypto.randomUUID()}"}`)
  await delivery.write(batchOfLines([...random, `{"n":200,"log":"${'x'.repeat(5000)}"}`, '{"n":201}']))
  assert.deepEqual(
    letters().map(({ n }) => n),
    [200],
  )
  assert.deepEqual(sorted(collector.received().map((line) => JSON.parse(line).n)), [...from(0, 200), 201])
  for (const { headers } of collector.requests) assert.ok(Number(headers['content-length']) <= 700)
  for (const body of collector.bodies) assert.ok(body.split('\n').length <= 61)
})

test('an entry of as many bytes as the format allows is sent, one of a byte more is a dead letter', async (t) => {
  const limits = { ...ndjson.limits, entryBytes: 500 }
  const { delivery, letters, numbers } = await setUp(t, { format: { ...ndjson, limits } })
  const entry = (n: number, byteCount: number) =>
    `{"n":${n},"log":"`.padEnd(byteCount - '"}\n'.length, 'x').concat('"}')
  for (const [n, byteCount] of [500, 501].entries()) await delivery.write(batchOfLines([entry(n, byteCount)]))
  assert.deepEqual(numbers(), [0])
  assert.deepEqual(
    letters().map(({ n }) => n),
    [1],
  )
})

describe('what takes a destination long', { concurrency: true }, () => {
  test('a server that says 413 to everything is waited for, with few requests, and gets whole batches again when it is mended', async (t) => {
    const { collector, delivery, letters, numbers } = await setUp(t)
    collector.refuseIf(() => ({ status: 413 }))
    const write = delivery.write(batchOf(0, 1000))
    await waitUntil('it is asked again and again', () => delivery.counters.retries > 15)
    assert.ok(collector.requests.length < 100, `${collector.requests.length} requests`)
    collector.refuseIf(() => undefined)
    await write
    const requestCount = collector.requests.length
    await delivery.write(batchOf(1000, 1000))
    assert.equal(collector.requests.length, requestCount + 1)
    assert.deepEqual(sorted(numbers()), from(0, 2000))
    assert.deepEqual(letters(), [])
  })

  test('what is not confirmed in time is sent again, and asked about again', async (t) => {
    const isConfirmed = (tries: number) => (tries > 12 ? ({ kind: 'accepted' } as const) : 'not yet')
    const { collector, delivery, log, letters } = await setUp(t, { format: asking(8000, isConfirmed) })
    await delivery.write(batchOf(0, 3))
    const sent = collector.bodies.filter((body) => body !== '?\n')
    assert.equal(sent.length, 2)
    assert.deepEqual(letters(), [])
    const told = log.lines.filter(({ level }) => level === 'warn')
    assert.deepEqual(
      told.map(({ fields }) => fields.error),
      ['the destination has not confirmed in 8 s that it has stored the entries'],
    )
  })

  test('a question without an answer is asked again: what is sent again would be there twice', async (t) => {
    const { collector, delivery, log } = await setUp(t, {
      format: asking(300_000, () => ({ kind: 'accepted' })),
      timeout: 20_000,
    })
    const held: string[] = []
    collector.refuseIf((lines) => {
      if (lines !== '?\n') return undefined
      held.push(lines)
      return held.length < 4 ? 'hang' : undefined
    })
    await delivery.write(batchOf(0, 3))
    assert.equal(collector.bodies.filter((body) => body !== '?\n').length, 1)
    assert.equal(held.length, 4)
    assert.equal(log.lines[0]?.message, 'the destination does not say whether it has stored entries; asking again')
  })

  test('a question that the destination does not permit is told as an error, and asked ever more rarely until it does', async (t) => {
    const no = { kind: 'retry', cause: 'set-up', status: 404, reason: 'HTTP 404', afterMs: 0 } as const
    const clock = hastyClock()
    const format = asking(300_000, (tries) => (tries < 8 ? no : { kind: 'accepted' }))
    const { collector, delivery, log } = await setUp(t, { format, clock })
    await delivery.write(batchOf(0, 3))
    assert.equal(collector.bodies.filter((body) => body !== '?\n').length, 1)
    assert.deepEqual(
      log.lines.map(({ level }) => level),
      ['error', 'info'],
    )
    assert.ok(clock.waits.some((waitMs) => waitMs > 14_000))
  })

  test('no request is sent that is older than its format allows, whether it was refused or waited for its turn', async (t) => {
    const clock = hastyClock()
    const frame: Format['frame'] = (groups) => [Buffer.from(`${clock.monotonic()}\n`), ...ndjson.frame(groups)]
    const format = { ...ndjson, frame, requestMs: 60_000 }
    const { collector, delivery } = await setUp(t, { format, maxInFlight: 4, clock })
    const backMs = clock.monotonic() + 200_000
    const agesMs: number[] = []
    collector.refuseIf((lines) => {
      agesMs.push(clock.monotonic() - Number(lines.split('\n')[0]))
      return clock.monotonic() < backMs ? { status: 503 } : undefined
    })
    await Promise.all([0, 3, 6, 9].map((first) => delivery.write(batchOf(first, 3))))
    assert.ok(
      agesMs.some((age) => age > 5000),
      'requests are sent again',
    )
    // A hundred milliseconds are ten seconds by that clock.
    assert.ok(Math.max(...agesMs) < 120_000, `${Math.max(...agesMs)} ms`)
  })
})

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { SinkError } from '../../src/lib/sink-error.ts'
import { Collector, type CollectorOptions, type Reaction } from '../support/collector.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { waitUntil } from '../support/wait-until.ts'
import { watch } from '../support/watch.ts'
import { AckedDelivery, batchOf, batchOfLines, textOf } from './acked-delivery.ts'
import { type HttpSinkOptions, httpOptions, httpSink } from './http-sink.ts'

/** Not the wait of any backoff, so that it can be told from one; a minute by the hasty clock, which no request takes. */
const TIMEOUT_MS = 6_000_001
/** For requests that shall not be answered: 600 ms by that clock. */
const SHORT_TIMEOUT_MS = 60_001
/** For which the end of an answer is awaited whose status says all; no backoff's either. */
const END_OF_ANSWER_MS = 1000

async function setUp(
  t: TestContext,
  { speed = 100, ...options }: Partial<HttpSinkOptions> & { readonly speed?: number } = {},
  collectorOptions: CollectorOptions = {},
) {
  const collector = new Collector(collectorOptions)
  await collector.start()
  const directory = temporaryDirectory(t)
  const deadLetterPath = join(directory, 'state', 'dead-letter.ndjson')
  const clock = hastyClock(speed)
  const log = recordedLog()
  const all = { ...httpOptions(collector.url, deadLetterPath), timeout: TIMEOUT_MS, ...options }
  const sink = new AckedDelivery(httpSink(all, clock), { clock, log })
  t.after(async () => {
    await sink.close()
    await collector.stop()
  })
  return {
    collector,
    directory,
    deadLetterPath,
    sink,
    log,
    backoffs: () => clock.waits.filter((wait) => wait !== all.timeout && wait !== END_OF_ANSWER_MS),
    text: () =>
      collector
        .received()
        .map((line) => `${line}\n`)
        .join(''),
  }
}

const passing: readonly [what: string, reaction: Reaction, level: 'warn' | 'error'][] = [
  ...[408, 425, 429, 500, 501, 502, 503, 504, 507].map((status): [string, Reaction, 'warn'] => [
    `status ${status}`,
    { status },
    'warn',
  ]),
  ...[301, 307, 401, 403, 404, 405, 407, 415].map((status): [string, Reaction, 'error'] => [
    `status ${status}`,
    { status },
    'error',
  ]),
  ['no answer', 'hang', 'warn'],
  ['a connection that ends in the middle of the request', 'cut-request', 'warn'],
]

for (const [what, reaction, level] of passing) {
  test(`${what} is waited out, reported once, and loses nothing`, async (t) => {
    const timeout = reaction === 'hang' ? SHORT_TIMEOUT_MS : TIMEOUT_MS
    const { collector, sink, log, text, backoffs, deadLetterPath } = await setUp(t, { timeout })
    collector.failNext(reaction, reaction, reaction)
    const batch = batchOf(0, 500)
    await sink.write(batch)
    assert.equal(text(), textOf(batch))
    // On a loaded machine the end of it is told as well: that has lasted for ten seconds of this clock, 100 ms, by then.
    const faults = log.lines.map(({ level }) => level).filter((level) => level !== 'info')
    assert.deepEqual(faults, [level])
    // What follows them is the pause between two parts of a batch.
    for (const [index, wait] of backoffs().slice(0, 3).entries()) {
      assert.ok(wait >= 10 * 2 ** index && wait <= 20 * 2 ** index, `${wait}`)
    }
    assert.equal(sink.counters.retries, 3)
    assert.equal(existsSync(deadLetterPath), false)
  })
}

test('an answer that is cut off is no ack: the batch is sent again, whole', async (t) => {
  const { collector, sink, text } = await setUp(t, { speed: 5 }) // or the rest of it is waited for no longer than 10 ms
  collector.failNext('cut-answer')
  const batch = batchOf(0, 10)
  await sink.write(batch)
  assert.equal(text(), textOf(batch, batch))
})

test('an answer before all is sent is no ack yet, since the bytes are still needed', async (t) => {
  const { collector, sink, text } = await setUp(t)
  collector.failNext('answer-first')
  const batch = batchOf(0, 20_000, 1000)
  const write = watch(sink.write(batch))
  await waitUntil('the answer has been sent', () => collector.heldCount === 1)
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(write.state, 'pending')
  collector.release()
  await write.promise
  await waitUntil('the entries are read', () => text() === textOf(batch))
})

test('a destination that is not there yet gets everything once it is', async (t) => {
  const { collector, sink, text, log } = await setUp(t, { maxInFlight: 4 })
  await collector.stop()
  const batches = [0, 10, 20, 30].map((first) => batchOf(first, 10))
  const writes = batches.map((batch) => sink.write(batch))
  await waitUntil('tries have failed', () => sink.counters.retries >= 8)
  assert.equal(log.lines.length, 1)
  await collector.start()
  await Promise.all(writes)
  assert.deepEqual(
    text().trim().split('\n').sort(),
    textOf(...batches)
      .trim()
      .split('\n')
      .sort(),
  )
})

test('Retry-After is kept, in seconds and as a date', async (t) => {
  const { collector, sink, backoffs } = await setUp(t)
  const date = new Date(Date.now() + 9000).toUTCString()
  collector.failNext(
    { status: 429, headers: { 'retry-after': '7' } },
    { status: 503, headers: { 'retry-after': date } },
  )
  await sink.write(batchOf(0, 1))
  const [first, second = 0] = backoffs()
  // And up to half as long again, so that a fleet does not come all at once.
  assert.ok(first !== undefined && first >= 7000 && first <= 10_500, `${first}`)
  assert.ok(second > 7000 && second <= 13_500, `${second}`)
})

test('a batch that is too large is cut between entries, in order, and the next ones are sent in fitting pieces', async (t) => {
  const { collector, sink, text, log } = await setUp(t, {}, { maxBodyBytes: 10_000 })
  const batches = [batchOf(0, 500), batchOf(500, 500), batchOf(1000, 500)]
  for (const batch of batches) await sink.write(batch)
  assert.equal(text(), textOf(...batches))
  const refused = collector.requests.filter(({ outcome }) => outcome === 413)
  assert.ok(refused.length <= 6, `${refused.length} requests were refused`)
  assert.deepEqual(log.lines, [])
})

test('one entry that is too large becomes a dead letter, and those around it arrive', async (t) => {
  const { sink, text, deadLetterPath } = await setUp(t, {}, { maxBodyBytes: 10_000 })
  const [before, large, after] = [batchOf(0, 5), batchOf(5, 1, 20_000), batchOf(6, 50)]
  const buried: number[] = []
  const lines = textOf(before, large, after).trimEnd().split('\n')
  await sink.write(batchOfLines(lines, { bury: (places) => buried.push(...places) }))
  assert.deepEqual(buried, [5])
  assert.equal(text(), textOf(before, after))
  assert.equal(lettersIn(deadLetterPath), textOf(large))
})

test('a refusal that comes before the body is read is understood', async (t) => {
  const { collector, sink, text, deadLetterPath } = await setUp(t)
  collector.failNext('refuse-early')
  const batch = batchOf(0, 10_000)
  await sink.write(batch)
  assert.equal(text(), textOf(batch))
  assert.deepEqual(
    collector.requests.map(({ outcome }) => outcome),
    ['refuse-early', 204, 204],
  )
  assert.equal(existsSync(deadLetterPath), false)
})

test('an entry that is refused is acked once it is in the dead letter file, with the reason', async (t) => {
  const { collector, sink, log, text, deadLetterPath } = await setUp(t, { compression: 'gzip' })
  const isPoison = (lines: string) => /"n":(?:1|3)[,}]/.test(lines)
  const answer = { status: 400, body: 'field\n  "log" is not allowed\u001b[31m' }
  collector.refuseIf((lines) => (isPoison(lines) ? answer : undefined))
  await sink.write(batchOf(0, 6))
  const poison = [batchOf(1, 1), batchOf(3, 1)]
  assert.equal(text(), textOf(batchOf(0, 1), batchOf(2, 1), batchOf(4, 2)))
  assert.equal(lettersIn(deadLetterPath), textOf(...poison))
  const [first = ''] = readFileSync(deadLetterPath, 'utf8').split('\n')
  const { at, ...why } = JSON.parse(first).deadLetter
  assert.deepEqual(why, { sink: 'http', status: 400, reason: 'HTTP 400: field "log" is not allowed [31m' })
  assert.ok(Date.parse(at) > 0)
  const warnings = log.lines.filter(({ level }) => level !== 'info')
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ['entries were refused and written to the dead letter file'],
  )
  assert.equal(sink.counters.deadLetterEntries, 2)
  assert.equal(sink.counters.deadLetterBytes, readFileSync(deadLetterPath).length)
})

test('what cannot be put into the dead letter file is not acked until it can', async (t) => {
  const { directory, deadLetterPath, sink, log } = await setUp(t, {}, { maxBodyBytes: 1000 })
  writeFileSync(join(directory, 'state'), 'a file where a directory should be')
  const [small, large] = [batchOf(0, 1), batchOf(1, 1, 2000)]
  const write = watch(sink.write(batchOfLines(textOf(small, large).trimEnd().split('\n'))))
  await waitUntil('a try has failed', () => log.lines.some(({ message }) => message.startsWith('cannot write dead')))
  assert.equal(write.state, 'pending')
  assert.equal(sink.delivery.fault?.kind, 'EEXIST')
  rmSync(join(directory, 'state'))
  await write.promise
  assert.equal(lettersIn(deadLetterPath), textOf(large))
  assert.equal(sink.delivery.fault, undefined) // the entry was at fault, not the destination
})

test('the dead letter file keeps to its size, and tells what it had to delete', async (t) => {
  const { deadLetterPath, sink, log } = await setUp(t, {}, { maxBodyBytes: 1000 })
  for (let first = 0; first < 90; first += 3) {
    const lines = textOf(batchOf(first, 1), batchOf(first + 1, 1, 100_000), batchOf(first + 2, 1)).trimEnd()
    await sink.write(batchOfLines(lines.split('\n')))
  }
  const sizes = [deadLetterPath, `${deadLetterPath}.1`].map((path) => readFileSync(path).length)
  assert.ok(sizes.every((size) => size <= 1 << 20))
  const [deleted] = log.lines.filter(({ message }) => message.startsWith('the dead letter file is full'))
  assert.equal(deleted?.level, 'error')
  assert.equal(existsSync(`${deadLetterPath}.2`), false)
  assert.ok(sink.counters.deadLetterDeletedBytes > 0)
})

for (const [what, answer] of [
  ['fails', { status: 503, body: 'no room' }],
  ['is refused for its set-up', { status: 404, body: 'no such index' }],
  ['is refused', { status: 400, body: 'no' }],
] as const) {
  test(`a batch that ${what} for longer than retryFor becomes dead letters`, async (t) => {
    const { collector, sink, deadLetterPath } = await setUp(t, { retryFor: 5000 })
    collector.failRate(1, { seed: 1, reaction: answer })
    await sink.write(batchOf(0, 20))
    assert.deepEqual(sortedLines(lettersIn(deadLetterPath)), sortedLines(textOf(batchOf(0, 20))))
    assert.ok(readFileSync(deadLetterPath, 'utf8').includes(`"reason":"HTTP ${answer.status}: ${answer.body}`))
    assert.ok(collector.requests.length < 80, `${collector.requests.length} requests`)
  })
}

const sortedLines = (text: string) => text.trim().split('\n').sort()

/** The entries in a dead letter file, without what says why. */
function lettersIn(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(/,"deadLetter":\{[^\n]*\}\}\n/g, '}\n')
}

test('a redirect is not followed', async (t) => {
  const other = new Collector()
  await other.start()
  t.after(() => other.stop())
  const { collector, sink } = await setUp(t)
  collector.failNext({ status: 307, headers: { location: other.url } })
  await sink.write(batchOf(0, 1))
  assert.equal(other.requests.length, 0)
  assert.equal(collector.requests.length, 2)
})

for (const status of [401, 403])
  test(`a bearer token is read again when it is refused with ${status}, and when it is renewed`, async (t) => {
    const tokenFile = join(temporaryDirectory(t), 'token')
    writeFileSync(tokenFile, 'first\n')
    const { collector, sink, backoffs, log } = await setUp(t, { tokenFile })
    await sink.write(batchOf(0, 1))
    writeFileSync(tokenFile, 'second\n')
    // Not the next request, whatever it has: on a loaded machine the first token is too old by then, and has been read again.
    collector.refuseIf((_, { authorization }) => (authorization === 'Bearer first' ? { status } : undefined))
    await sink.write(batchOf(1, 1))
    assert.deepEqual(backoffs(), [])
    assert.deepEqual(log.lines, [])
    writeFileSync(tokenFile, 'third\n')
    await waitUntil('the next token is used', async () => {
      await sink.write(batchOf(2, 1))
      return collector.requests.at(-1)?.headers.authorization === 'Bearer third'
    })
    assert.equal(collector.requests[0]?.headers.authorization, 'Bearer first')
    assert.ok(
      collector.requests.some(({ outcome, headers }) => outcome === 204 && headers.authorization === 'Bearer second'),
    )
  })

test('a token file that is missing is reported and waited for', async (t) => {
  const tokenFile = join(temporaryDirectory(t), 'token')
  const { sink, log, text } = await setUp(t, { tokenFile })
  const write = sink.write(batchOf(0, 1))
  await waitUntil('the report', () => log.lines.length > 0)
  assert.equal(log.lines[0]?.level, 'error')
  assert.match(String(log.lines[0]?.fields.error), /ENOENT.*token/)
  writeFileSync(tokenFile, 'late')
  await write
  assert.equal(text(), textOf(batchOf(0, 1)))
})

test('headers of the configuration are sent, and none of them replaces what Loggy must set', async (t) => {
  const tokenFile = join(temporaryDirectory(t), 'token')
  writeFileSync(tokenFile, 'secret')
  const headers = { 'X-Scope-OrgID': 'shop', 'Content-Type': 'application/json', Authorization: 'Basic x' }
  const { collector, sink } = await setUp(t, { headers, tokenFile, compression: 'zstd' })
  await sink.write(batchOf(0, 1))
  const sent = collector.requests[0]?.headers
  assert.equal(sent?.['x-scope-orgid'], 'shop')
  assert.equal(sent?.['content-type'], 'application/json')
  assert.equal(sent?.['content-encoding'], 'zstd')
  assert.equal(sent?.authorization, 'Bearer secret')
})

test('the log tells neither the token nor what stands in the query', async (t) => {
  const tokenFile = join(temporaryDirectory(t), 'token')
  writeFileSync(tokenFile, 'hunter2\u0007')
  const { collector, sink, log } = await setUp(t, { tokenFile })
  const clock = hastyClock()
  const options = { ...httpOptions(`${collector.url}?key=hunter3`, '/nowhere'), headers: { 'x-key': 'hunter4' } }
  const other = new AckedDelivery(httpSink(options, clock), { clock, log })
  t.after(() => other.close())
  collector.failNext({ status: 503 })
  const writes = [sink.write(batchOf(0, 1)), other.write(batchOf(0, 1))].map(watch)
  await waitUntil('both have reported', () => log.lines.length >= 2)
  assert.doesNotMatch(JSON.stringify(log.lines), /hunter/)
  await writes[1]?.promise
})

test('one connection serves one request after the other, and one that was closed meanwhile is no trouble', async (t) => {
  const { collector, sink, log, backoffs, text } = await setUp(t)
  for (const first of [0, 1, 2]) await sink.write(batchOf(first, 1))
  assert.equal(new Set(collector.requests.map(({ socket }) => socket)).size, 1)
  collector.failNext('cut-request')
  await sink.write(batchOf(3, 1))
  assert.equal(text(), textOf(batchOf(0, 4)))
  assert.deepEqual(log.lines, [])
  assert.deepEqual(backoffs(), [])
})

test('as many requests are in flight as allowed, and the one that is answered first is acked first', async (t) => {
  const { collector, sink } = await setUp(t, { maxInFlight: 4 })
  const batches = [0, 1, 2, 3].map((first) => batchOf(first, 1))
  collector.failNext('hold', 'hold', 'hold')
  for (const batch of batches) sink.delivery.send(batch)
  await waitUntil(
    'three are held and one is taken',
    () => collector.heldCount === 3 && collector.received().length === 4,
  )
  await waitUntil('the fourth is acked', () => sink.acked.length > 0)
  assert.deepEqual(sink.acked, batches.slice(3))
  collector.release()
  await sink.drained()
  assert.equal(new Set(sink.acked).size, 4)
})

test('with a fifth of the requests failing in all ways, each entry arrives at least once and no line is torn', async (t) => {
  const { collector, sink } = await setUp(t, { maxInFlight: 4, compression: 'gzip' })
  const reactions: Reaction[] = [{ status: 503 }, 'cut-request', 'cut-answer', { status: 429 }]
  const batches = Array.from({ length: 80 }, (_, index) => batchOf(index * 20, 20))
  for (const [index, batch] of batches.entries()) {
    collector.failRate(0.2, { seed: index, reaction: reactions[index % reactions.length] ?? 'hang' })
    await sink.free()
    sink.delivery.send(batch)
  }
  await sink.drained()
  assert.deepEqual(
    new Set(collector.received()),
    new Set(
      textOf(...batches)
        .trim()
        .split('\n'),
    ),
  )
})

test('closing it ends a batch that waits for its next try', async (t) => {
  const { collector, sink } = await setUp(t)
  collector.failRate(1, { seed: 1, reaction: { status: 503, headers: { 'retry-after': '60' } } })
  const write = watch(sink.write(batchOf(0, 1)))
  await waitUntil('a try has failed', () => sink.counters.retries === 1)
  await sink.close()
  await assert.rejects(write.promise, (error) => error instanceof SinkError && error.code === 'SINK_CLOSED')
})

test('closing it ends a batch whose request has not begun yet', async (t) => {
  const tokenFile = join(temporaryDirectory(t), 'token')
  writeFileSync(tokenFile, 'x')
  const { collector, sink } = await setUp(t, { tokenFile })
  collector.failNext('hang')
  const write = watch(sink.write(batchOf(0, 1)))
  await new Promise((resolve) => process.nextTick(resolve)) // the token is being read
  await sink.close()
  await assert.rejects(write.promise, (error) => error instanceof SinkError && error.code === 'SINK_CLOSED')
})

test('an acceptance of any length is read no further than it must be', async (t) => {
  const { collector, sink, text } = await setUp(t)
  collector.failNext({ status: 200, headers: { 'content-length': 1 << 30 }, body: 'x'.repeat(1 << 17) })
  await sink.write(batchOf(0, 1))
  assert.equal(text(), textOf(batchOf(0, 1)))
  assert.equal(sink.counters.retries, 0)
})

test('a refusal whose answer never ends is a refusal all the same', async (t) => {
  const { collector, sink } = await setUp(t)
  collector.failNext({ status: 413, headers: { 'content-length': 1000 }, body: 'no' })
  await sink.write(batchOf(0, 2))
  assert.deepEqual(
    collector.requests.map(({ outcome }) => outcome),
    [413, 204, 204],
  )
  assert.equal(sink.counters.retries, 0)
})

const material = (name: string) => new URL(`../support/tls/${name}`, import.meta.url)
const pem = (name: string) => readFileSync(material(name))
const serverTls = { cert: pem('server.crt'), key: pem('server.key') }
const noTls = httpOptions('http://localhost', '').tls
const caFile = material('authority.crt').pathname

test('over TLS with the authority given, entries arrive', async (t) => {
  const { sink, text } = await setUp(t, { tls: { ...noTls, caFile } }, { tls: serverTls })
  await sink.write(batchOf(0, 10))
  assert.equal(text(), textOf(batchOf(0, 10)))
})

for (const [what, tls] of [
  ['an unknown authority', noTls],
  ['a certificate of another name', { ...noTls, caFile, serverName: 'elsewhere.test' }],
] as const) {
  test(`${what} gets nothing, and is an error`, async (t) => {
    const { collector, sink, log } = await setUp(t, { tls }, { tls: serverTls })
    const write = watch(sink.write(batchOf(0, 1)))
    await waitUntil('tries have failed', () => sink.counters.retries >= 2)
    assert.equal(write.state, 'pending')
    assert.deepEqual(
      log.lines.map(({ level }) => level),
      ['error'],
    )
    assert.equal(collector.requests.length, 0)
  })
}

test('an unknown authority can be trusted on demand', async (t) => {
  const { sink, text } = await setUp(t, { tls: { ...noTls, insecureSkipVerify: true } }, { tls: serverTls })
  await sink.write(batchOf(0, 1))
  assert.equal(text(), textOf(batchOf(0, 1)))
})

test('a server name other than the host of the URL is taken from the configuration', async (t) => {
  const { sink, text } = await setUp(t, { tls: { ...noTls, caFile, serverName: 'collector.test' } }, { tls: serverTls })
  await sink.write(batchOf(0, 1))
  assert.equal(text(), textOf(batchOf(0, 1)))
})

test('a client certificate is sent, and its renewal is used without a restart, half written or not', async (t) => {
  const directory = join(temporaryDirectory(t), 'client')
  mkdirSync(directory)
  const [certFile, keyFile] = [join(directory, 'tls.crt'), join(directory, 'tls.key')]
  const install = (path: string, bytes: Buffer) => {
    writeFileSync(`${path}.new`, bytes)
    renameSync(`${path}.new`, path)
  }
  install(certFile, pem('client.crt'))
  install(keyFile, pem('client.key'))
  const server = { ...serverTls, ca: pem('authority.crt'), requestCert: true, rejectUnauthorized: true }
  const { collector, sink, text } = await setUp(t, { tls: { ...noTls, caFile, certFile, keyFile } }, { tls: server })
  await sink.write(batchOf(0, 1))
  assert.equal(collector.requests[0]?.clientName, 'client')
  install(certFile, pem('client-renewed.crt'))
  let count = 1
  let write = watch(Promise.resolve())
  const writeMore = () => {
    if (write.state === 'pending') return
    write = watch(sink.write(batchOf(count, 1)))
    count += 1
  }
  await waitUntil('the certificate has been tried with the old key', () => {
    writeMore()
    return sink.counters.retries > 0
  })
  install(keyFile, pem('client-renewed.key'))
  await write.promise
  assert.equal(collector.requests.at(-1)?.clientName, 'client-renewed')
  assert.equal(text(), textOf(batchOf(0, count)))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { otlp } from '../../../src/formats/otlp/otlp.ts'
import type { Outcome } from '../../../src/model/sink.ts'
import { unnamedEntries } from '../unnamed-entries.ts'
import { encodeOtlp } from './decode-otlp.ts'

const NOW = Date.parse('2026-11-28T12:00:00Z')
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json' }

function read(status: number, body: Uint8Array | string = '', headers: Readonly<Record<string, string>> = PROTOBUF) {
  return otlp.read({ kind: 'status', status, headers, body: Buffer.from(body) }, unnamedEntries(10), NOW)
}

const partial = (rejectedLogRecords: number, errorMessage: string) =>
  encodeOtlp('ExportLogsServiceResponse', { partialSuccess: { rejectedLogRecords, errorMessage } })
const statusOf = (message: string) => encodeOtlp('Status', { code: 3, message })

const accepted: readonly [what: string, body: Uint8Array | string, headers?: Readonly<Record<string, string>>][] = [
  ['nothing, as VictoriaLogs says it', ''],
  ["the Collector's empty partial success", Buffer.of(0x0a, 0x00)],
  ['a partial success without rejected records', partial(0, '')],
  ['the same in JSON', '{"partialSuccess":{}}', JSON_TYPE],
  ['what is no OTLP', 'OK', { 'content-type': 'text/plain' }],
  ['protobuf that breaks off', Buffer.of(0x0a, 0x7f, 0x08)],
  ['JSON that breaks off', '{"partialSuccess":{', JSON_TYPE],
  ['JSON of another kind', '[{"partialSuccess":null}]', JSON_TYPE],
]
for (const [what, body, headers] of accepted) {
  test(`200 with ${what} is a success`, () => assert.deepEqual(read(200, body, headers), { kind: 'accepted' }))
}

test('some rejected records are lost, with the words of the server: it does not say which', () => {
  const expected: Outcome = { kind: 'partly', status: 200, reason: 'too old', rejectedCount: 3 }
  assert.deepEqual(read(200, partial(3, 'too\nold')), expected)
  const json = '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}}'
  assert.deepEqual(read(200, json, JSON_TYPE), expected)
  assert.deepEqual(read(200, partial(3, '')), { ...expected, reason: 'the server does not say why' })
})

test('words without rejected records are passed on', () => {
  assert.deepEqual(read(202, partial(0, 'use zstd')), {
    kind: 'partly',
    status: 202,
    reason: 'use zstd',
    rejectedCount: 0,
  })
  assert.deepEqual(read(200, partial(-1, 'odd')), { kind: 'partly', status: 200, reason: 'odd', rejectedCount: 0 })
})

test('if all records are rejected, it is known which: each is a dead letter', () => {
  for (const count of [10, 11]) {
    const outcome = read(200, partial(count, 'no'))
    assert.equal(outcome.kind, 'receipts')
    const receipts = outcome.kind === 'receipts' ? outcome.receipts : []
    assert.deepEqual(
      receipts,
      Array.from({ length: 10 }, (_, place) => ({ kind: 'rejected', status: 200, reason: 'no', place })),
    )
  }
})

test('a page of HTML is no success', () => {
  const outcome = read(200, '<html>Log in</html>', { 'content-type': 'text/html; charset=utf-8' })
  assert.equal(outcome.kind === 'retry' && outcome.cause, 'set-up')
})

// Source: opentelemetry-proto, docs/specification.md, "Failures": 429, 502, 503 and 504 are retried, nothing else; but see the next test.
const kinds: readonly [status: number, kind: string][] = [
  ...[429, 502, 503, 504].map((status): [number, string] => [status, 'destination']),
  ...[301, 302, 401, 403, 404, 405, 407, 410, 415].map((status): [number, string] => [status, 'set-up']),
  ...[400, 402, 408, 409, 422, 425, 500, 501, 505, 507, 599].map((status): [number, string] => [status, 'refused']),
  [413, 'too-large'],
]
for (const [status, kind] of kinds) {
  test(`${status} means: ${kind}`, () => {
    const outcome = read(status, statusOf('some words'))
    assert.equal(outcome.kind === 'retry' ? outcome.cause : outcome.kind, kind)
    assert.match('reason' in outcome ? outcome.reason : '', new RegExp(`^HTTP ${status}: some words`))
  })
}

test('a server is given the time that it asks for', () => {
  const afterMs = (value: string) => {
    const outcome = read(503, '', { ...PROTOBUF, 'retry-after': value })
    return outcome.kind === 'retry' ? outcome.afterMs : undefined
  }
  assert.equal(afterMs('7'), 7000)
  assert.equal(afterMs('Sat, 28 Nov 2026 12:00:09 GMT'), 9000)
  assert.equal(afterMs('soon'), 0)
})

// Seen with the Collector 0.165: it says 400 for a body above its limit, and 429 where the next one's gRPC has a lower limit.
const tooLarge: readonly [status: number, words: string][] = [
  [400, 'http: request body too large'],
  [
    429,
    'Permanent error: rpc error: code = ResourceExhausted desc = grpc: received message larger than max (1048638 vs. 1048576)',
  ],
]
for (const [status, words] of tooLarge) {
  test(`${status} with '${words}' is about the size`, () => {
    assert.equal(read(status, statusOf(words)).kind, 'too-large')
    assert.equal(read(status, JSON.stringify({ code: 3, message: words }), JSON_TYPE).kind, 'too-large')
    assert.equal(read(status, words, { 'content-type': 'text/plain' }).kind, 'too-large')
  })
}
test('other statuses with these words are not', () => {
  assert.equal(read(503, statusOf('http: request body too large')).kind, 'retry')
})

test('whatever a server answers, it has a meaning', () => {
  for (let seed = 0; seed < 2000; seed += 1) {
    const bytes = Buffer.from(Array.from({ length: seed % 40 }, (_, index) => (seed * 31 + index * index * 7) & 0xff))
    for (const headers of [PROTOBUF, JSON_TYPE])
      for (const status of [200, 400, 503]) assert.ok(read(status, bytes, headers))
  }
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HecAnswers } from '../../../src/formats/splunk/answer.ts'
import type { Ask, Outcome } from '../../../src/model/sink.ts'

const ACK_URL = 'http://splunk:8088/services/collector/ack'

function answerOf(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { kind: 'status', status, headers, body: Buffer.from(text) } as const
}

function read(body: unknown, status = 200, entryCount = 1): Outcome {
  return new HecAnswers(ACK_URL).read(answerOf(body, status), entryCount, 0)
}

const wordsOf = (outcome: Outcome) => [outcome.kind, ...('cause' in outcome ? [outcome.cause] : [])].join(' ')

/** Source: docs.splunk.com, Data, "Troubleshoot HTTP Event Collector", "Possible error codes"; 21 and above: Splunk 9.3's. */
const CODES: readonly (readonly [status: number, code: number, text: string, expected: string])[] = [
  [200, 0, 'Success', 'accepted'],
  [403, 1, 'Token disabled', 'retry set-up'],
  [401, 2, 'Token is required', 'retry set-up'],
  [401, 3, 'Invalid authorization', 'retry set-up'],
  [403, 4, 'Invalid token', 'retry set-up'],
  [400, 5, 'No data', 'retry set-up'],
  [400, 6, 'Invalid data format', 'refused'],
  [400, 7, 'Incorrect index', 'retry set-up'],
  [500, 8, 'Internal server error', 'retry destination'],
  [503, 9, 'Server is busy', 'retry destination'],
  [400, 10, 'Data channel is missing', 'retry set-up'],
  [400, 11, 'Invalid data channel', 'retry set-up'],
  [400, 12, 'Event field is required', 'refused'],
  [400, 13, 'Event field cannot be blank', 'refused'],
  [400, 14, 'ACK is disabled', 'retry set-up'],
  [400, 15, 'Error in handling indexed fields', 'refused'],
  [400, 16, 'Query string authorization is not enabled', 'retry set-up'],
  [503, 18, 'HEC is unhealthy, queues are full', 'retry destination'],
  [503, 19, 'HEC is unhealthy, ack service unavailable', 'retry destination'],
  [503, 20, 'HEC is unhealthy, queues are full, ack service unavailable', 'retry destination'],
  [400, 21, 'Invalid token', 'retry set-up'],
  [400, 22, 'Token disabled', 'retry set-up'],
  [503, 23, 'Server is shutting down', 'retry destination'],
  [429, 26, 'Queue at capacity', 'retry destination'],
  [429, 27, 'ACK channel at capacity', 'retry destination'],
  [413, 99, 'Something new', 'too-large'],
  [400, 99, 'Something new', 'refused'],
  // Proxies that lose the status.
  [200, 9, 'Server is busy', 'retry destination'],
  [200, 4, 'Invalid token', 'retry set-up'],
]

describe('an answer', () => {
  for (const [status, code, text, expected] of CODES)
    test(`${status} with code ${code}, ${text}: ${expected}`, () => {
      const outcome = read({ text, code }, status)
      assert.equal(wordsOf(outcome), expected)
      if ('reason' in outcome) assert.match(outcome.reason, new RegExp(`${text} \\(code ${code}\\)`))
    })

  test('with 200 that is none of the HTTP Event Collector never counts as stored', () => {
    for (const body of ['', '{', '[]', 'OK', '{}', '{"text":"Success"}', '{"code":"0"}', '{"code":-1}', 'null'])
      assert.equal(wordsOf(read(body)), 'retry set-up', body)
    const page = answerOf('<html>', 200, { 'content-type': 'text/html' })
    assert.equal(wordsOf(new HecAnswers(ACK_URL).read(page, 1, 0)), 'retry set-up')
  })

  test('without a code means what its status says', () => {
    const expected = {
      400: 'refused',
      401: 'retry set-up',
      404: 'retry set-up',
      413: 'too-large',
      502: 'retry destination',
    }
    for (const [status, words] of Object.entries(expected)) assert.equal(wordsOf(read('no', Number(status))), words)
  })
})

describe('an answer that names an event', () => {
  const receiptsOf = (outcome: Outcome) => {
    assert.equal(outcome.kind, 'receipts')
    return outcome.kind === 'receipts' ? outcome.receipts.map(({ kind, place }) => `${place} ${kind}`) : []
  }

  // github.com/moby/moby/issues/35862
  test('which is at fault: it is rejected, those before it are stored, those behind it are sent again', () => {
    for (const code of [6, 12, 13, 15]) {
      const outcome = read({ text: 'no', code, 'invalid-event-number': 2 }, 400, 5)
      assert.deepEqual(receiptsOf(outcome), ['2 rejected', '3 retry', '4 retry'])
    }
  })

  test('and is the first one is about all of them: Splunk answers so where a proxy spoils each body', () => {
    for (const entryCount of [1, 5])
      assert.equal(read({ text: 'no', code: 6, 'invalid-event-number': 0 }, 400, entryCount).kind, 'refused')
  })

  // github.com/open-telemetry/opentelemetry-collector-contrib/issues/36113
  test('since it was too busy for it: those before it are stored, it and those behind it are sent again', () => {
    const outcome = read({ text: 'Server is busy', code: 9, 'invalid-event-number': 3 }, 503, 5)
    assert.deepEqual(receiptsOf(outcome), ['3 retry', '4 retry'])
  })

  test('and a fault of the set-up is about all of them', () => {
    // github.com/signalfx/splunk-otel-collector-chart/issues/935
    const outcome = read({ text: 'Incorrect index', code: 7, 'invalid-event-number': 1 }, 400, 5)
    assert.equal(wordsOf(outcome), 'retry set-up')
    assert.match('reason' in outcome ? outcome.reason : '', /sink\.index/)
  })

  test('and the size of the request is about all of them', () => {
    assert.equal(read({ text: 'too large', code: 99, 'invalid-event-number': 1 }, 413, 5).kind, 'too-large')
  })

  test('that was not sent is not believed', () => {
    for (const number of [5, 99, -1, 0.5, '2'])
      assert.equal(read({ text: 'no', code: 6, 'invalid-event-number': number }, 400, 5).kind, 'refused', `${number}`)
  })

  test('says nothing of those before it where the token has acknowledgements: nobody will', () => {
    const answers = new HecAnswers(ACK_URL)
    answers.read(answerOf({ text: 'Success', code: 0, ackId: 4 }), 1, 0)
    const outcome = answers.read(answerOf({ text: 'no', code: 6, 'invalid-event-number': 1 }, 400), 3, 0)
    assert.deepEqual(receiptsOf(outcome), ['0 retry', '1 rejected', '2 retry'])
    // github.com/splunk/kafka-connect-splunk/issues/200
    const first = read({ text: 'no', code: 13, 'invalid-event-number': 1, ackId: 3 }, 400, 3)
    assert.deepEqual(receiptsOf(first), ['0 retry', '1 rejected', '2 retry'])
  })
})

describe('an answer with an id of an acknowledgement', () => {
  function ask(): Ask {
    const outcome = read({ text: 'Success', code: 0, ackId: 7 })
    assert.equal(outcome.kind, 'ask')
    return outcome as Ask
  }

  test('that is none never counts as stored', () => {
    for (const ackId of ['7', -1, 0.5, {}, [7], true])
      assert.equal(wordsOf(read({ text: 'Success', code: 0, ackId })), 'retry set-up', JSON.stringify(ackId))
    assert.equal(read({ text: 'Success', code: 0, ackId: null }).kind, 'accepted')
  })

  test('is asked about at the address for that, ever more slowly', () => {
    let outcome: Outcome = ask()
    const waits: number[] = []
    for (let tries = 0; tries < 7; tries += 1) {
      assert.equal(outcome.kind, 'ask')
      if (outcome.kind !== 'ask') return
      const { request, afterMs, read: readAck }: Ask = outcome
      assert.deepEqual([request.url, Buffer.from(request.body).toString()], [ACK_URL, '{"acks":[7]}'])
      waits.push(afterMs)
      outcome = readAck(answerOf({ acks: { 7: false } }), 0)
    }
    assert.deepEqual(waits, [500, 1000, 2000, 4000, 10_000, 10_000, 10_000])
  })

  test('is delivered when the acknowledgement is true, and only then', () => {
    const { read: readAck } = ask()
    assert.deepEqual(readAck(answerOf({ acks: { 7: true } }), 0), { kind: 'accepted' })
    for (const acks of [{ 7: false }, {}, { 7: 'true' }, { 6: true }, [true]])
      assert.equal(readAck(answerOf({ acks }), 0).kind, 'ask', JSON.stringify(acks))
    for (const status of [429, 500, 503]) assert.equal(readAck(answerOf('busy', status), 0).kind, 'ask')
  })

  test('is sent again where the server does not know what it is asked', () => {
    const { read: readAck } = ask()
    for (const [body, status] of [
      [{ text: 'ACK is disabled', code: 14 }, 400],
      [{ text: 'Invalid token', code: 4 }, 403],
      ['not found', 404],
      ['OK', 200],
    ] as const)
      assert.equal(wordsOf(readAck(answerOf(body, status), 0)), 'retry set-up')
  })
})

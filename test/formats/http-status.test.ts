import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readStatus } from '../../src/formats/http-status.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 7, 0, 0)
const read = (status: number, { body = '', headers = {} } = {}) =>
  readStatus({ kind: 'status', status, headers, body: Buffer.from(body) }, NOW_MS)

const answers: readonly [statuses: readonly number[], outcome: string][] = [
  [[200, 201, 202, 204, 206, 299], 'accepted'],
  [[413], 'too-large'],
  [[400, 409, 412, 422, 423, 428, 499], 'refused'],
  [[408, 425, 429, 500, 501, 503, 507, 599], 'retry: destination'],
  [[300, 304, 308, 401, 403, 404, 405, 406, 407, 410, 411, 414, 415, 417, 421, 426, 431, 451], 'retry: set-up'],
]

for (const [statuses, expected] of answers) {
  for (const status of statuses) {
    test(`status ${status} is ${expected}`, () => {
      const outcome = read(status)
      assert.equal(outcome.kind === 'retry' ? `retry: ${outcome.cause}` : outcome.kind, expected)
    })
  }
}

test('a refusal says the status and what the destination says, on one line', () => {
  const outcome = read(422, { body: `no\n  such\u001b[31m field${'x'.repeat(1000)}` })
  assert.ok(outcome.kind === 'refused')
  assert.equal(outcome.status, 422)
  assert.ok(outcome.reason.startsWith('HTTP 422: no such [31m fieldx'))
  assert.ok(outcome.reason.length < 300)
})

test('a fault of the set-up says what a person has to look at', () => {
  const outcome = read(404, { body: 'not found' })
  assert.equal(outcome.kind === 'retry' && outcome.reason, 'HTTP 404: not found (this URL does not accept log entries)')
})

const waits: readonly [retryAfter: string | undefined, afterMs: number][] = [
  [undefined, 0],
  ['0', 0],
  ['12', 12_000],
  ['3600', 60_000],
  ['99999999999999999999', 60_000],
  ['Sun, 22 Nov 2026 07:00:30 GMT', 30_000],
  ['Sun, 22 Nov 2026 06:00:00 GMT', 0],
  ['Sun, 22 Nov 2027 07:00:00 GMT', 60_000],
  ['soon', 0],
  ['-5', 0],
  ['', 0],
]

for (const [retryAfter, afterMs] of waits) {
  test(`Retry-After ${retryAfter} is a wait of ${afterMs} ms`, () => {
    const outcome = read(503, { headers: { 'retry-after': retryAfter } })
    assert.equal(outcome.kind === 'retry' && outcome.afterMs, afterMs)
  })
}

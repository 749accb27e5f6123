import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeAnswer, judgeFault } from '../../src/sink/verdict.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 7, 0, 0)

const answers: readonly [status: number, is: string][] = [
  ...[200, 201, 202, 204, 206, 299].map((status): [number, string] => [status, 'accepted']),
  ...[400, 404, 405, 406, 409, 410, 411, 414, 415, 422, 431, 451, 499].map((status): [number, string] => [
    status,
    'rejected',
  ]),
  [413, 'too-large'],
  ...[300, 304, 308, 401, 403, 407, 408, 425, 429, 500, 503, 599].map((status): [number, string] => [status, 'retry']),
]

for (const [status, is] of answers) {
  test(`status ${status} is ${is}`, () => {
    assert.equal(judgeAnswer({ status, retryAfter: undefined, words: '' }, NOW_MS).is, is)
  })
}

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
    const verdict = judgeAnswer({ status: 503, retryAfter, words: '' }, NOW_MS)
    assert.equal(verdict.is === 'retry' && verdict.afterMs, afterMs)
  })
}

test('a fault without words is told by its code', () => {
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
  assert.deepEqual(judgeFault(refused), {
    is: 'retry',
    kind: 'ECONNREFUSED',
    reason: 'ECONNREFUSED',
    level: 'warn',
    afterMs: 0,
  })
})

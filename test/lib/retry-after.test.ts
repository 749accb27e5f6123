import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRetryAfter } from '../../src/lib/retry-after.ts'

const nowMs = Date.UTC(2026, 10, 22, 7)

const waits: readonly [header: string | undefined, waitMs: number | undefined][] = [
  ['0', 0],
  ['12', 12_000],
  [' 12 ', 12_000],
  ['3600', 60_000],
  ['99999999999999999999', 60_000],
  ['Sun, 22 Nov 2026 07:00:30 GMT', 30_000],
  ['Sunday, 22-Nov-26 07:00:30 GMT', 30_000],
  ['Sun Nov 22 07:00:30 2026', 30_000],
  ['Sun, 22 Nov 2026 06:00:00 GMT', 0],
  ['Mon, 22 Nov 2027 07:00:00 GMT', 60_000],
  [undefined, undefined],
  ['', undefined],
  ['soon', undefined],
  ['soon 1', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['Sun, 99 Nov 2026 07:00:30 GMT', undefined],
  ['2026-11-22T07:00:30Z', undefined],
]

for (const [header, waitMs] of waits) {
  test(`Retry-After ${JSON.stringify(header)} is a wait of ${waitMs} ms, of a minute at most`, () => {
    assert.equal(parseRetryAfter(header, { nowMs, maximumMs: 60_000 }), waitMs)
  })
}

test('a date that is compared with an unknown time says nothing', () => {
  const header = 'Sun, 22 Nov 2026 07:00:30 GMT'
  assert.equal(parseRetryAfter(header, { nowMs: Number.NaN, maximumMs: 60_000 }), undefined)
})

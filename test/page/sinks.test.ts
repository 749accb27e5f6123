import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { SinkStatus } from '../../src/model/sink-status.ts'
import { waitUntil } from '../support/wait-until.ts'
import { describePage } from './page-under-test.ts'
import { testContainer } from './samples.ts'

const accepting: SinkStatus = {
  name: 'loki',
  destination: 'https://loki.example/push',
  trouble: undefined,
  requestsInFlight: 1,
  mostRequests: 4,
  oldestSeconds: 0,
  acceptedEntries: 1234,
  deadLetters: {},
  rejected: undefined,
}

describePage('the destinations of the live page', (live) => {
  beforeEach(() => live.open())

  test('tell whether they accept entries, since when not and why, and what was refused', async () => {
    live.agent.sinks = [accepting]
    const says = (what: RegExp) => waitUntil(`${what}`, async () => what.test(await live.text('#sinks')))
    await says(
      /^delivering\s*loki https:\/\/loki\.example\/push\s*no lag · 1 of 4 requests in flight · 1\.2 k entries accepted$/,
    )
    live.agent.containers = [
      testContainer('a', { lagBytes: 3072, lagSeconds: 250 }),
      testContainer('b', { lagBytes: 512, lagSeconds: 2 }),
    ]
    live.agent.sinks = [
      {
        ...accepting,
        trouble: { reason: 'HTTP 503: <b>over</b>loaded\u202e', seconds: 250 },
        mostRequests: 1,
        oldestSeconds: 251,
        deadLetters: { 'HTTP 400': 1200, TOO_LARGE: 3 },
        rejected: { count: 7, reason: 'too old' },
      },
    ]
    await says(/^retrying/)
    const text = await live.text('#sinks')
    assert.match(
      text,
      /since \d\d:\d\d:\d\d \(4 min\): HTTP 503: <b>over<\/b>loaded[^\u202e]*lag 3\.5 KiB, 4 min · 1 of 1 requests in flight/,
    )
    assert.match(
      text,
      /oldest batch 4 min .* dead letters: 1,200 HTTP 400, 3 TOO_LARGE · 7 rejected without saying which$/,
    )
    live.agent.sinks = [accepting]
    await says(/^delivering/)
    assert.deepEqual(live.complaints, [])
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flow } from '../../src/page/flow.ts'
import { bytesText, countText, secondsText } from '../../src/page/quantity.ts'
import { tailStatusText } from '../../src/page/tail-status.ts'

const open = { kind: 'open' } as const

test('a tail says what share it shows', () => {
  const flow = new Flow(0)
  flow.arrived(5000)
  flow.showed(200)
  const sampled = { connection: open, sincePause: undefined, rate: flow.measure(1000, 4800) }
  assert.equal(tailStatusText(sampled), 'Showing 1 of 25: 5 k entries/s match')
  flow.arrived(24)
  flow.showed(24)
  const whole = { ...sampled, rate: flow.measure(3000, 4800) }
  assert.equal(tailStatusText(whole), 'Live: every entry, 12/s')
  assert.equal(tailStatusText({ ...sampled, rate: flow.measure(4000, 4800) }), 'Live: waiting for entries')
})

test('a tail says how its connection stands', () => {
  const rate = { matching: 0, shown: 0, isSampled: false }
  const text = (connection: Parameters<typeof tailStatusText>[0]['connection'], sincePause?: number) =>
    tailStatusText({ connection, sincePause, rate })
  assert.equal(
    text({ kind: 'lost', reason: 'no data from the agent', retryMs: 2000 }, 4),
    'Disconnected, no data from the agent; next try in 2 s',
  )
  assert.equal(text({ kind: 'refused', reason: '' }), 'Stopped: invalid filter')
  assert.equal(text(open, 1), 'Paused: 1 entry since')
  assert.equal(text(open, 12_345), 'Paused: 12,345 entries since')
})

test('quantities have three digits at the most', () => {
  assert.deepEqual([0, 0.44, 12.4, 999.4, 999.6, 5120, 1e6].map(countText), [
    '0',
    '0.4',
    '12',
    '999',
    '1 k',
    '5.1 k',
    '1 M',
  ])
  assert.deepEqual([0, 340, 1023.7, 1_300_000].map(bytesText), ['0 B', '340 B', '1 KiB', '1.2 MiB'])
  assert.deepEqual([0, 3.24, 59, 180, 18_000, 200_000].map(secondsText), [
    '0 s',
    '3.2 s',
    '59 s',
    '3 min',
    '5 h',
    '2 d',
  ])
})

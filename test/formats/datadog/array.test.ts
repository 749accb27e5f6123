import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logArray } from '../../../src/formats/datadog/array.ts'
import type { Group } from '../../../src/model/sink.ts'

const NOW_MS = Date.parse('2026-11-22T08:00:00Z')
const HOUR_MS = 3_600_000

function entry(timestamp: number, message: string): string {
  return `,\n${JSON.stringify({ timestamp, message, time: new Date(timestamp).toISOString() })}`
}

function groupsOf(...pieces: readonly string[]): Group[] {
  return pieces.map((text) => ({ head: new Uint8Array(0), pieces: [Buffer.from(text)] }))
}

function framed(groups: readonly Group[]) {
  const { pieces, undatedCount } = logArray(groups, NOW_MS)
  const text = Buffer.concat(pieces).toString()
  return { text, undatedCount, logs: JSON.parse(text) as Readonly<Record<string, unknown>>[] }
}

test('usual entries are an array as they are, of one container or of several', () => {
  const all = ['a', 'b,\n{"timestamp":1}', '', 'c'].map((message) => entry(NOW_MS, message))
  const { text, logs } = framed(groupsOf(all.slice(0, 3).join(''), all.slice(3).join('')))
  assert.equal(text, `[${all.join('').slice(1)}\n]`)
  assert.equal(logs.length, 4)
})

test('a time that Datadog does not take stands in the attribute only, and is counted', () => {
  const hours = { old: -18, margin: -17.01, fine: -16.9, now: 0, ahead: 1.9, future: 2.1 }
  const all = Object.entries(hours).map(([message, hour]) => entry(NOW_MS + hour * HOUR_MS, message))
  const { logs, undatedCount } = framed(groupsOf(all.join('')))
  assert.equal(undatedCount, 3)
  assert.deepEqual(
    logs.map(({ message, timestamp, 'loggy.undated': mark }) => [message, timestamp === undefined, mark]),
    [
      ['old', true, 'true'],
      ['margin', true, 'true'],
      ['fine', false, undefined],
      ['now', false, undefined],
      ['ahead', false, undefined],
      ['future', true, 'true'],
    ],
  )
  assert.equal(logs[0]?.time, new Date(NOW_MS - 18 * HOUR_MS).toISOString())
  assert.equal(framed(groupsOf(entry(NOW_MS - 18 * HOUR_MS, 'alone'))).logs.length, 1)
})

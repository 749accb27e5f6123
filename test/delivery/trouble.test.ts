import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Trouble } from '../../src/delivery/trouble.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { recordedLog } from '../support/recorded-log.ts'

test('each kind is told once per episode, which ends with a success after a quiet time', () => {
  let nowMs = 0
  const log = recordedLog()
  const trouble = new Trouble({ clock: { ...systemClock, monotonic: () => nowMs }, log, fields: { sink: 'x' } })
  const report = (kind: string) => trouble.report(kind, 'warn', { message: kind, error: kind })
  trouble.end()
  for (const kind of ['a', 'a', 'b', 'a']) report(kind)
  nowMs = 5000
  trouble.end()
  report('a')
  nowMs = 14_000
  trouble.end()
  assert.deepEqual(
    log.lines.map(({ message }) => message),
    ['a', 'b'],
  )
  nowMs = 15_000
  trouble.end()
  trouble.end()
  assert.deepEqual(log.lines.slice(2), [
    { level: 'info', message: 'the destination takes entries again', fields: { sink: 'x', failures: 5 } },
  ])
  report('a')
  assert.equal(log.lines.length, 4)
})

test('the fault is there from the first failed try until one succeeds, and says what the last one met', () => {
  let nowMs = 7000
  const trouble = new Trouble({ clock: { ...systemClock, monotonic: () => nowMs }, log: recordedLog(), fields: {} })
  const report = (kind: string) => trouble.report(kind, 'warn', { message: kind, error: kind })
  assert.equal(trouble.fault, undefined)
  report('HTTP 503')
  nowMs = 9000
  report('ECONNREFUSED')
  assert.deepEqual(trouble.fault, { kind: 'ECONNREFUSED', sinceMs: 7000 })
  trouble.end()
  assert.equal(trouble.fault, undefined)
})

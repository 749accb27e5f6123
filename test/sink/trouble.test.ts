import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { Trouble } from '../../src/sink/trouble.ts'
import { recordedLog } from '../support/recorded-log.ts'

test('each kind is told once per episode, which ends with a success after a quiet time', () => {
  let nowMs = 0
  const log = recordedLog()
  const trouble = new Trouble({ clock: { ...systemClock, monotonic: () => nowMs }, log })
  const report = (kind: string) => trouble.report(kind, 'warn', { message: kind, fields: {} })
  trouble.end({})
  for (const kind of ['a', 'a', 'b', 'a']) report(kind)
  nowMs = 5000
  trouble.end({})
  report('a')
  nowMs = 14_000
  trouble.end({})
  assert.deepEqual(
    log.lines.map(({ message }) => message),
    ['a', 'b'],
  )
  nowMs = 15_000
  trouble.end({ url: 'x' })
  trouble.end({ url: 'x' })
  assert.deepEqual(log.lines.slice(2), [
    { level: 'info', message: 'the destination takes entries again', fields: { url: 'x', failures: 5 } },
  ])
  report('a')
  assert.equal(log.lines.length, 4)
})

test('the fault is there from the first failed try until one succeeds, and says what the last one met', () => {
  let nowMs = 7000
  const trouble = new Trouble({ clock: { ...systemClock, monotonic: () => nowMs }, log: recordedLog() })
  const report = (kind: string) => trouble.report(kind, 'warn', { message: kind, fields: {} })
  assert.equal(trouble.fault, undefined)
  report('HTTP 503')
  nowMs = 9000
  report('ECONNREFUSED')
  assert.deepEqual(trouble.fault, { kind: 'ECONNREFUSED', sinceMs: 7000 })
  trouble.end({})
  assert.equal(trouble.fault, undefined)
  assert.equal(trouble.failureCount, 2)
})

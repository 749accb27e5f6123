import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupOf, LEVEL_GROUPS, LevelCounts } from '../../src/page/level-counts.ts'

test('the group of an entry is that of its level, wherever schema loggy has it', () => {
  const time = '"time":"2026-11-22T07:00:00Z","stream":"stdout"'
  const groups: readonly (readonly [string, string])[] = [
    [`{${time},"level":"fatal","log":"x"}`, 'error'],
    [`{"id":"a-1-2",${time},"level":"warn","log":"x"}`, 'warn'],
    [`{${time},"level":"trace","log":"x"}`, 'debug'],
    ['{"level":"info","log":"x"}', 'info'],
    [`{${time},"log":"x"}`, 'none'],
    // Not what the line or its pod says.
    [`{${time},"log":"\\"level\\":\\"error\\""}`, 'none'],
    [`{${time},"json":{"level":"error"}}`, 'none'],
    [`{${time},"level":"constructor","log":"x"}`, 'none'],
  ]
  for (const [json, group] of groups) assert.equal(groupOf(json), group, json)
})

test('counts the last five minutes in steps of five seconds, and forgets what is older', () => {
  const counts = new LevelCounts(1000)
  counts.add('error', 2)
  counts.add('info', 1)
  assert.equal(counts.advance(4999), false)
  assert.equal(counts.advance(5000), true)
  counts.add('error', 3)
  assert.deepEqual(counts.of('error').slice(-3), [0, 2, 3])
  assert.equal(counts.total('error'), 5)
  counts.advance(5000 + 59 * 5000)
  assert.equal(counts.total('error'), 3)
  counts.advance(5000 + 60 * 5000)
  assert.equal(counts.total('error'), 0)
  counts.add('none', 1)
  // A tab that slept for a day.
  counts.advance(86_400_000)
  assert.equal(counts.total('none'), 0)
  for (const group of LEVEL_GROUPS) assert.equal(counts.of(group).length, 60)
})

test('begins anew when it is cleared', () => {
  const counts = new LevelCounts(0)
  counts.add('warn', 1)
  counts.clear()
  assert.equal(counts.total('warn'), 0)
})

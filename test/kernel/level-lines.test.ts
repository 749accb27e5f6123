import assert from 'node:assert/strict'
import { test } from 'node:test'
import { levelsOf } from './judged.ts'
import { levelLines } from './level-lines.ts'
import { levelTraps } from './level-traps.ts'

const lines = [...levelLines, ...levelTraps]
const levels = levelsOf(lines.map(([, , line]) => line))
const told = lines.map(([program, expected, line], index) => ({ program, expected, found: levels[index], line }))

test('300 lines, half of them traps: no level is wrong', () => {
  assert.ok(lines.length >= 300 && levelTraps.length >= 150, `${levelLines.length} and ${levelTraps.length}`)
  assert.deepEqual(
    told.filter(({ expected, found }) => found !== undefined && found !== expected),
    [],
  )
})

test('at most one in twenty has none that should', () => {
  const missing = told.filter(({ expected, found }) => expected !== undefined && found === undefined)
  assert.ok(
    missing.length * 20 <= told.filter(({ expected }) => expected !== undefined).length,
    JSON.stringify(missing),
  )
})

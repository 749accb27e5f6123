import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const path = new URL('../../src/agent/compile-soon.ts', import.meta.url).href

/** Calls a short function up to 3,000 times, and writes whether V8 has compiled it as well as it can: bits 3 and 5 of its status. */
const script = (before: string) => `
  ${before}
  const once = new Function('n', 'return n + 1')
  let calls = 0
  const turn = () => {
    for (let count = 0; count < 50; count += 1) once(calls)
    calls += 50
    const isBest = (%GetOptimizationStatus(once) & 0b101000) === 0b101000
    if (isBest || calls === 3000) console.log(isBest)
    else setTimeout(turn, 1)
  }
  turn()`

function isCompiledWell(before: string): boolean {
  const flags = ['--allow-natives-syntax', '--input-type=module']
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', script(before)], { encoding: 'utf8' })
  assert.equal(stderr, '', 'V8 knows the option')
  return stdout.trim() === 'true'
}

test('what is called seldom is compiled well after far fewer calls', () => {
  assert.equal(isCompiledWell(''), false)
  assert.equal(isCompiledWell(`(await import('${path}')).compileSoon()`), true)
})

import assert from 'node:assert/strict'
import { watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Pace } from '../../src/lib/pace.ts'
import { handTurnedClock } from '../support/hand-turned-clock.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** The pace of a loop that has just had so many turns with so many bytes, within half a second. */
async function paceAfter(turns: number, bytes = 100): Promise<Pace> {
  const clock = handTurnedClock()
  const pace = new Pace(clock)
  await clock.pass(1000)
  for (let turn = 0; turn < turns; turn += 1) pace.countTurn(bytes)
  await clock.pass(600)
  return pace
}

/** Writes a file now; returns whether an event told of it by the end of `wait`. */
async function isHeard(t: TestContext, wait: () => Promise<void>): Promise<boolean> {
  const directory = temporaryDirectory(t)
  let isTold = false
  const watcher = watch(directory, () => {
    isTold = true
  })
  t.after(() => watcher.close())
  writeFileSync(join(directory, 'file'), 'x')
  await wait()
  return isTold
}

test('small turns are frequent from some hundreds a second on', async () => {
  assert.equal((await paceAfter(100)).isFrequent, false)
  assert.equal((await paceAfter(250)).isFrequent, true)
})

test('turns of a flood do not count, nor those that find nothing', async () => {
  for (const bytes of [100_000, 0]) assert.equal((await paceAfter(250, bytes)).isFrequent, false)
})

test('sleeps a moment, and has then heard of all that happened meanwhile', async (t) => {
  const pace = await paceAfter(250)
  assert.equal(await isHeard(t, () => pace.gather()), true)
})

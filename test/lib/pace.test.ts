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

test('goes on at once while turns are rare', async (t) => {
  const pace = await paceAfter(100)
  assert.equal(await isHeard(t, () => pace.gather()), false)
})

test('goes on at once while frequent turns are those of a flood, or find nothing', async (t) => {
  for (const bytes of [100_000, 0]) {
    const pace = await paceAfter(250, bytes)
    assert.equal(await isHeard(t, () => pace.gather()), false)
  }
})

test('sleeps a moment while turns are frequent, and has then heard of all that happened meanwhile', async (t) => {
  const pace = await paceAfter(250)
  assert.equal(await isHeard(t, () => pace.gather()), true)
})

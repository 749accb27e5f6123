import { test } from 'node:test'
import fc from 'fast-check'
import { scenarios } from './action.ts'
import { play } from './play.ts'

/** Milliseconds; scenarios begin only within it, and shrinking ends with it. */
const BUDGET_MS = 40_000

/** To play a failure again: the seed and the path that it printed. */
const { LOGGY_SEED, LOGGY_PATH } = process.env

test('each line arrives, whole, in order and with its own metadata, whatever happens on the node', async () => {
  await fc.assert(fc.asyncProperty(scenarios(60), play), {
    numRuns: LOGGY_PATH === undefined ? 10 : 1,
    interruptAfterTimeLimit: BUDGET_MS,
    markInterruptAsFailure: false,
    // The same scenarios on each run; the soak plays others each time.
    seed: Number(LOGGY_SEED ?? 2026),
    ...(LOGGY_PATH !== undefined && { path: LOGGY_PATH, endOnFailure: true }),
  })
})

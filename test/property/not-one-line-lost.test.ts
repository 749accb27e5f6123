import { describe, test } from 'node:test'
import fc from 'fast-check'
import { scenarios } from './action.ts'
import { play } from './play.ts'

/** Milliseconds within which a scenario that failed is made shorter: more than any wait within one, so that its own error is what is told. */
const SHRINK_MS = 100_000

/** The same for a whole scenario. Each of its waits has a limit of its own, that ends it when nothing goes on. */
const SCENARIO_TIMEOUT_MS = 600_000

/** To play a failure again: the seed and the path that it printed. */
const { LOGGY_SEED, LOGGY_PATH } = process.env

// Paths of the same scenarios on each run; the soak plays others each time.
const paths = LOGGY_PATH === undefined ? Array.from({ length: 10 }, (_, index) => `${index}`) : [LOGGY_PATH]

// Several at a time: an agent waits for most of a scenario.
describe('each line arrives, whole, in order and with its own metadata, whatever happens on the node', {
  concurrency: 3,
}, () => {
  for (const path of paths)
    test(`scenario ${path}`, { timeout: SCENARIO_TIMEOUT_MS }, () =>
      fc.assert(fc.asyncProperty(scenarios(60), play), {
        numRuns: 1,
        path,
        seed: Number(LOGGY_SEED ?? 2026),
        endOnFailure: LOGGY_PATH !== undefined,
        interruptAfterTimeLimit: SHRINK_MS,
        markInterruptAsFailure: false,
      }),
    )
})

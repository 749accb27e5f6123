import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { scenarios } from './action.ts'
import { play } from './play.ts'

// Plays random scenarios until the time is over or one fails: `npm run soak -- --minutes 30 [--seed N]`.
// A failure prints its seed and path: `--seed N --path P` begins with that scenario.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    path: { type: 'string' },
    actions: { type: 'string', default: '80' },
  },
})
const minutes = Number(values.minutes)
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
let played = 0

async function playAndCount(scenario: Parameters<typeof play>[0]): Promise<void> {
  await play(scenario)
  played += 1
  if (played % 20 === 0) process.stderr.write(`${played} scenarios\n`)
}

process.stderr.write(`seed ${seed}, ${minutes} minutes\n`)
try {
  await fc.assert(fc.asyncProperty(scenarios(Number(values.actions)), playAndCount), {
    seed,
    ...(values.path === undefined ? {} : { path: values.path }),
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: minutes * 60_000,
    markInterruptAsFailure: false,
  })
  process.stdout.write(`${played} scenarios in ${minutes} minutes, seed ${seed}: not one line lost\n`)
} catch (error) {
  process.stdout.write(`${error instanceof Error ? `${error.message}\n${error.cause}` : error}\n`)
  process.exitCode = 1
}

import { runSuite } from './runner/run-suite.ts'

/** `npm run e2e`. The first signal ends the suite and clears away; a second one ends the clearing away too. */
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())

process.exitCode = await runSuite(process.argv.slice(2), {
  env: process.env,
  say: (text) => void process.stderr.write(`${text}\n`),
  signal: stop.signal,
  output: 'inherit',
})

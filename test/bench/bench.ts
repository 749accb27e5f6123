import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchmarksSvg } from './benchmarks-chart.ts'
import { benchmarksMarkdown } from './benchmarks-page.ts'
import { describeMachine } from './machine.ts'
import { regressions } from './regression.ts'
import { joinResults, type Report, type Results, roundedJson, type SinkReport } from './report.ts'
import { resultTables } from './result-tables.ts'
import { scenarios } from './scenarios.ts'
import { textTable } from './table.ts'
import { measureThroughput } from './throughput.ts'

// The bench: the whole agent from the bundle, on logs and an API server that it makes itself. It leaves nothing behind.

const usage = `Usage: npm run bench -- [OPTION…] [SCENARIO…]

Scenarios: ${Object.keys(scenarios).join(' ')}; all of them unless named.

  --megabytes N  size of each corpus (200)
  --full         corpora of 500 or 1000 MB
  --runs N       runs of each throughput and start (5)
  --seconds N    length of each steady load (20)
  --cpus LIST    CPUs for the agent, as taskset takes them; else on all, and on one
  --json FILE    write what was measured
  --write-docs   write it to docs/benchmarks.json, .svg and .md
  --check        only a short run, which fails when the agent has become much slower beside cat
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '200' },
    full: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
    cpus: { type: 'string' },
    json: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

/** What is measured before a failure is not lost. */
async function measureChosen(): Promise<Results> {
  const options = {
    megabytes: values.full ? undefined : Number(values.megabytes),
    runs: Number(values.runs),
    seconds: Number(values.seconds),
    cpus: values.cpus,
  }
  const parts: Partial<Results>[] = []
  for (const [name, measure] of Object.entries(scenarios)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    process.stderr.write(`${name} …\n`)
    try {
      parts.push(await measure(options))
    } catch (error) {
      process.stderr.write(`FAILED: ${name}: ${error instanceof Error ? error.stack : error}\n`)
      process.exitCode = 1
    }
  }
  return joinResults(parts)
}

/** A few seconds. */
async function check(): Promise<Results> {
  const outputs = [{ output: 'null', cpus: undefined }] as const
  const throughput = await measureThroughput('mixed', { megabytes: 100, runs: 5, outputs })
  for (const sentence of throughput.flatMap(regressions)) {
    process.stderr.write(`SLOWER: ${sentence}\n`)
    process.exitCode = 1
  }
  return joinResults([{ throughput }])
}

function keep(results: Results): void {
  const report: Report = { taken: new Date().toISOString().slice(0, 10), machine: describeMachine(), ...results }
  const json = roundedJson(report)
  if (values.json !== undefined) writeFileSync(values.json, json)
  if (!values['write-docs'] || process.exitCode === 1) return
  const docs = join(import.meta.dirname, '../../docs')
  writeFileSync(join(docs, 'benchmarks.json'), json)
  writeFileSync(join(docs, 'benchmarks.md'), benchmarksMarkdown(JSON.parse(json), sinkReport(docs)))
  writeFileSync(join(docs, 'benchmarks.svg'), benchmarksSvg(JSON.parse(json)))
}

/** Which `bench:sinks` has written. */
function sinkReport(docs: string): SinkReport {
  return JSON.parse(readFileSync(join(docs, 'benchmarks-sinks.json'), 'utf8'))
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
const unknown = positionals.filter((name) => !Object.hasOwn(scenarios, name))
if (values.help || unknown.length > 0) {
  process.stdout.write(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const results = await (values.check ? check() : measureChosen())
  for (const table of resultTables(results)) process.stdout.write(`\n${textTable(table)}`)
  keep(results)
}

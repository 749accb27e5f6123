import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { benchmarksMarkdown } from './benchmarks-page.ts'
import { corpora } from './corpora.ts'
import { Corpus } from './corpus.ts'
import { describeMachine } from './machine.ts'
import { roundedJson, type SinkReport } from './report.ts'
import { loggySenders, peerSenders } from './sender.ts'
import { measureSinks } from './sink-cost.ts'
import { sinkTable } from './sink-table.ts'
import { markdownTable } from './table.ts'

// What each sink costs, with the OpenTelemetry Collector and vlagent on the same lines where there is the kit that has them.

const KIT = process.env.LOGGY_E2E_SERVERS ?? resolve(import.meta.dirname, '../../../shared/servers/servers')
const usage = `Usage: npm run bench:sinks -- [OPTION…] [WORD…]

Measures those whose name has one of the words, such as otlp or vlagent; all unless named.

  --megabytes N   size of the corpus (500)
  --runs N        runs of each, in turn (5)
  --program FILE  another bundle than this checkout's
  --write-docs    write it to docs/benchmarks-sinks.json and docs/benchmarks.md
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '500' },
    runs: { type: 'string', default: '5' },
    program: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

async function measure(): Promise<void> {
  const { program } = values
  const senders = [...loggySenders(program && resolve(program)), ...(existsSync(KIT) ? peerSenders(KIT) : [])]
  const isChosen = (name: string) => positionals.length === 0 || positionals.some((word) => name.includes(word))
  const chosen = senders.filter(({ agent, sends }) => isChosen(`${agent}, ${sends}`))
  const corpus = await Corpus.write(corpora.mixed, Number(values.megabytes))
  const say = (text: string) => void process.stderr.write(`${text}\n`)
  const costs = await measureSinks(corpus, chosen, { runs: Number(values.runs), say }).finally(() => corpus.close())
  const taken = new Date().toISOString().slice(0, 10)
  const report: SinkReport = { taken, machine: describeMachine(), megabytes: corpus.byteCount / 1e6, costs }
  const table = sinkTable(report)
  process.stdout.write(`## ${table.title}\n\n${markdownTable(table)}`)
  if (!values['write-docs']) return
  const docs = join(import.meta.dirname, '../../docs')
  const json = roundedJson(report)
  writeFileSync(join(docs, 'benchmarks-sinks.json'), json)
  const others = JSON.parse(readFileSync(join(docs, 'benchmarks.json'), 'utf8'))
  writeFileSync(join(docs, 'benchmarks.md'), benchmarksMarkdown(others, JSON.parse(json)))
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
if (values.help) process.stdout.write(usage)
else await measure()

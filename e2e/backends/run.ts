import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { tryAnswer } from './answers.ts'
import type { Backend } from './backend.ts'
import { clickhouse } from './clickhouse.ts'
import { datadog } from './datadog.ts'
import { elasticsearch } from './elasticsearch.ts'
import { Kit } from './kit.ts'
import { loki } from './loki.ts'
import { otlp } from './otlp.ts'
import { type Outcome, runScenario } from './scenario.ts'
import { splunk } from './splunk.ts'
import { victorialogs } from './victorialogs.ts'

// `npm run e2e:backends`: sinks against real servers, which a kit starts. Exit code 0: nothing is lost and all is as it was written.

const BACKENDS = [otlp, loki, elasticsearch, datadog, splunk, victorialogs, clickhouse]
const KIT = process.env.LOGGY_E2E_SERVERS ?? resolve(import.meta.dirname, '../../../shared/servers/servers')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: 'string', default: '500000' },
    pods: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '60' },
    program: { type: 'string', default: 'dist/loggy.mjs' },
  },
})
const say = (text: string) => void process.stderr.write(`${text}\n`)

if (!existsSync(KIT)) {
  say(`no servers: ${KIT} is not there; LOGGY_E2E_SERVERS names the program that starts them`)
  process.exit(2)
}
const kit = new Kit(KIT)
const hadFaults = await kit.isUp('faults')
const outcomes: Outcome[] = []
const wrong: string[] = []
for (const backend of BACKENDS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const wasUp = await kit.isUp(backend.server)
  // What earlier runs stored takes time to read. Who has started the server may want it.
  if (!wasUp) await kit.reset(backend.server)
  // One that cannot be finished leaves the others their turn.
  await prove(backend).catch((error: Error) => complain(backend, `${error.stack}`))
  if (!wasUp) await kit.down(backend.server)
}
if (!hadFaults) await kit.down('faults')
process.stdout.write(`${tableOf(outcomes)}\n`)
const isRight = outcomes.every(
  (row) => row.lost + row.different + row.twiceWithOtherId + row.deadLetters + row.forbidden === 0,
)
process.exitCode = isRight && wrong.length === 0 ? 0 : 1

async function prove(backend: Backend): Promise<void> {
  const { records, pods, seconds, program } = values
  for (const answer of backend.answers ?? []) {
    const fault = await tryAnswer(backend, answer, { kit, program })
    if (fault === undefined) say(`${backend.name}: ${answer.what}: right`)
    else complain(backend, `${answer.what}: ${fault}`)
  }
  const counts = { records: Number(records), pods: Number(pods), seconds: Number(seconds) }
  const outcome = await runScenario(backend, { kit, say, program, ...counts })
  for (const complaint of outcome.complaints) say(`${backend.name}: ${complaint}`)
  outcomes.push(outcome)
  const env = { ...process.env, ...(await kit.up(backend.server, backend.flags)) }
  for (const complaint of (await backend.prove?.(env, { program, say })) ?? []) complain(backend, complaint)
}

function complain(backend: Backend, complaint: string): void {
  say(`${backend.name}: ${complaint}`)
  wrong.push(complaint)
}

/** In Markdown. */
function tableOf(rows: readonly Outcome[]): string {
  const cells = rows.map((row) => ({
    backend: row.backend,
    written: row.written,
    rotations: row.rotations,
    'server killed': row.faults.serverKills,
    'agent killed': row.faults.agentKills,
    ...row.faults.link,
    refusals: row.faults.refusals,
    retries: row.retries,
    lost: row.lost,
    twice: row.twice,
    'with another id': row.twiceWithOtherId,
    different: row.different,
    'dead letters': row.deadLetters,
    'CPU s': row.cpuSeconds.toFixed(1),
  }))
  const head = `| ${Object.keys(cells[0] ?? {}).join(' | ')} |`
  const lines = cells.map((row) => `| ${Object.values(row).join(' | ')} |`)
  return [head, head.replace(/[^|]+/g, '---'), ...lines].join('\n')
}

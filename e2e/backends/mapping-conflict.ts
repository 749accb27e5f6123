import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { replay } from '../../src/commands/replay.ts'
import { freePort } from '../../src/simulation/free-port.ts'
import { startMeasuredNode } from '../../test/loss/measured-node.ts'
import { AgentUnderTest } from '../../test/support/agent-under-test.ts'
import { TelemetryOf } from '../../test/support/telemetry-of.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import type { Environment, ProofOptions } from './backend.ts'
import { call } from './opensearch.ts'

const DATASET = 'conflict'
const STREAM = `logs-${DATASET}-default`
const LINES = 1000
/** One of so many lines is a number, which the mapping takes. */
const EVERY = 10
const WITHIN_MS = 120_000

/** Lines that the mapping refuses are dead letters, all others are stored; once it is repaired, a replay stores each under its id. Returns what is wrong. */
export async function proveMappingConflict(env: Environment, { program, say }: ProofOptions): Promise<string[]> {
  await map(env, 'long')
  const port = await freePort()
  const sink = { type: 'elasticsearch', url: env.OPENSEARCH, dataStream: { dataset: DATASET } }
  const node = await startMeasuredNode('conflict', { config: { sink, metrics: { port } } })
  const letterPath = join(dirname(node.configPath), 'state', 'dead-letter.ndjson')
  const agent = await AgentUnderTest.start({
    configPath: node.configPath,
    program,
    env: { LOGGY_METRICS_PORT: String(port) },
  })
  try {
    const containers = [{ name: 'app', image: 'shop/web:1' }]
    const container = node.kubelet.startPod({ namespace: 'shop', name: 'web', containers }).container()
    const lines = Array.from({ length: LINES }, (_, number) =>
      number % EVERY === 0 ? String(number) : `line ${number}`,
    )
    for (const line of lines) container.write('stdout', line)
    await allDelivered(port)
    await agent.stop()
    const letters = existsSync(letterPath) ? readFileSync(letterPath, 'utf8').split('\n').slice(0, -1) : []
    const before = await stored(env)
    const reason = JSON.parse(letters[0] ?? '{"deadLetter":{}}').deadLetter.reason
    say(`elasticsearch: a conflicting mapping: ${letters.length} dead letters (${reason}), ${before.length} stored`)
    await map(env, 'keyword')
    const signal = new AbortController().signal
    const io = {
      env: {},
      stdout: { write: (text: string) => say(`loggy replay: ${text.trim()}`) },
      stderr: process.stderr,
    }
    const code = await replay([letterPath, '--config', node.configPath], { ...io, signal })
    const after = await stored(env)
    const wanted = lines.filter((line) => line.startsWith('line')).sort()
    return [
      ...(letters.length === wanted.length ? [] : [`${letters.length} dead letters instead of ${wanted.length}`]),
      ...(before.length === LINES / EVERY ? [] : [`${before.length} stored instead of ${LINES / EVERY}`]),
      ...(code === 0 && after.join('\n') === wanted.join('\n') ? [] : [`after the replay ${after.length} are stored`]),
    ]
  } finally {
    await agent.kill()
    await node.close()
  }
}

/** An empty data stream whose messages are of that type. */
async function map(env: Environment, type: string): Promise<void> {
  await call(env, 'DELETE', `/_data_stream/${STREAM}`)
  const mappings = { properties: { message: { type } } }
  const template = { index_patterns: [STREAM], data_stream: {}, priority: 400, template: { mappings } }
  const { status, text } = await call(env, 'PUT', `/_index_template/${DATASET}`, JSON.stringify(template))
  if (status !== 200) throw new Error(`the template is refused: ${text}`)
}

async function allDelivered(port: number): Promise<void> {
  const telemetry = new TelemetryOf(port)
  const isDone = async () => {
    const scrape = await telemetry.scrape()
    const settled = scrape.value('loggy_entries_delivered_total') + scrape.value('loggy_entries_dead_lettered_total')
    return settled === LINES
  }
  await waitUntil('all is delivered', isDone, WITHIN_MS)
}

/** Messages in order. */
async function stored(env: Environment): Promise<string[]> {
  await call(env, 'POST', `/${STREAM}/_refresh`)
  const { text } = await call(env, 'GET', `/${STREAM}/_search?size=10000`)
  const { hits }: { hits: { hits: { _source: { message: string } }[] } } = JSON.parse(text)
  return hits.hits.map(({ _source }) => _source.message).sort()
}

import { freePort } from '../../src/simulation/free-port.ts'
import { startMeasuredNode } from '../../test/loss/measured-node.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { Agents } from './agents.ts'
import type { AnswerCase, Backend } from './backend.ts'
import { Comparison } from './comparison.ts'
import type { Kit } from './kit.ts'
import { HostileWriter } from './written-lines.ts'

const LINES = 12_000
/** Requests that must have failed, with nothing delivered and nothing refused, before a wait counts as one. */
const REQUESTS = 6
const LABELS = { app: 'web' }

/** Sends lines to where a real server answers so. Returns what is wrong; undefined for nothing. */
export async function tryAnswer(
  backend: Backend,
  { sink, expected, flags, padding = 0 }: AnswerCase,
  { kit, program }: { readonly kit: Kit; readonly program: string },
): Promise<string | undefined> {
  const cluster = `e2e-${process.pid}-${Date.now()}`
  // One that runs already has other flags.
  if (flags !== undefined) await kit.down(backend.server)
  const env = { ...process.env, ...(await kit.up(backend.server, flags)) }
  const port = await freePort()
  const enrich = { recordId: true, cluster, fields: { padding: 'x'.repeat(padding) } }
  const config = { select: { minLevel: 'debug' }, enrich, sink: sink(env), metrics: { port } }
  const node = await startMeasuredNode('answers', { config })
  const agents = new Agents({ configPath: node.configPath, program, port })
  const containers = [{ name: 'app', image: 'shop/web:1' }]
  const pod = node.kubelet.startPod({ namespace: 'shop', name: 'web', labels: LABELS, containers })
  const writer = new HostileWriter(pod.container(), 1)
  writer.write(LINES)
  try {
    await agents.start()
    if (expected.is === 'waits') return await waits(agents, expected.error)
    const deadLetters = await agents.deliver()
    const scrape = await agents.scrape()
    const delivered = scrape.value('loggy_entries_delivered_total')
    const isSplit = scrape.value('loggy_sink_requests_total') > scrape.value('loggy_batches_total')
    if (expected.isSplit && !isSplit) return 'no request was refused'
    if (delivered !== LINES) return `${delivered} of ${LINES} delivered, ${deadLetters} dead letters`
    if (expected.is === 'accepted') return undefined
    const comparison = new Comparison(new Map([['web', writer]]), LABELS)
    for await (const line of kit.dump(backend.server)) {
      const record = backend.read(line)
      if (record?.cluster === cluster) comparison.take(record)
    }
    const { lost, different, differences } = comparison
    return lost + different === 0 ? undefined : `${lost} lost, ${different} different: ${differences.join('; ')}`
  } finally {
    await agents.end()
    await node.close()
    if (flags !== undefined) await kit.down(backend.server)
  }
}

async function waits(agents: Agents, error: RegExp): Promise<string | undefined> {
  await waitUntil('requests fail', async () => (await agents.scrape()).value('loggy_sink_retries_total') >= REQUESTS)
  const scrape = await agents.scrape()
  const counts = ['loggy_entries_delivered_total', 'loggy_entries_dead_lettered_total'].map((name) =>
    scrape.value(name),
  )
  if (counts.some((count) => count !== 0)) return `delivered, dead letters: ${counts.join(', ')}`
  const told = agents.log.flatMap((line) =>
    line.level === 'warn' || line.level === 'error' ? [String(line.error)] : [],
  )
  return told.some((text) => error.test(text)) ? undefined : `the log says: ${told.join('; ')}`
}

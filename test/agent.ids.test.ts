import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { Collector } from './support/collector.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web: PodSpec = { namespace: 'shop', name: 'web', containers: [{ name: 'app', image: 'shop/web:1' }] }

async function setUp(t: TestContext) {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  const config = {
    sink: { type: 'http', url: collector.url },
    enrich: { recordId: true, cluster: 'c1', fields: { team: 'a' } },
  }
  const node = await TestNode.start(t, { config })
  const entries = () => collector.received().map((line) => JSON.parse(line))
  return { collector, node, entries, container: node.kubelet.startPod(web).container() }
}

test('a line has the same id on each try, after SIGKILL, and from a compressed file; no two lines have one', async (t) => {
  const { collector, node, entries, container } = await setUp(t)
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index} é"`)
  for (const [index, line] of lines.entries()) container.write(index % 3 === 0 ? 'stderr' : 'stdout', line)
  container.write('stdout', 'p'.repeat(40_000)) // in partials
  container.log.append(Buffer.from('no known format\n'))
  collector.failRate(1, { seed: 1, reaction: 'cut-answer' }) // taken, and sent again
  await node.startAgent()
  await waitUntil('it is sent twice', () => entries().length >= 604)
  await node.kill()
  for (let time = 0; time < 3; time += 1) {
    container.rotate()
    container.write('stdout', `after rotation ${time}`)
  }
  assert.ok(container.rotatedLogs().some((path) => path.endsWith('.gz')))
  const before = entries().length
  collector.failRate(0, { seed: 1, reaction: 'hang' })
  await node.startAgent()
  await waitUntil('all is there', () => entries().some(({ log }) => log === 'after rotation 2'))
  assert.ok(entries().length - before >= 305)
  const idsOf = Map.groupBy(entries(), ({ log }) => log)
  for (const [log, same] of idsOf) assert.equal(new Set(same.map(({ id }) => id)).size, 1, log)
  assert.equal(new Set(entries().map(({ id }) => id)).size, 305)
  for (const { id, cluster, team } of entries()) {
    assert.match(id, /^[0-9a-f]{16}-[0-9a-f]{12}-[0-9a-f]{8}$/)
    assert.deepEqual([cluster, team], ['c1', 'a'])
  }
  const ofStdout = entries()
    .slice(before)
    .filter(({ stream, log }) => stream === 'stdout' && !log.startsWith('after'))
  const ids = ofStdout.map(({ id }) => id)
  assert.deepEqual(ids, [...ids].sort(), 'they sort as the lines of a file stand')
})

test('ids, the name of the cluster and fixed fields come and go with the configuration, without a restart', async (t) => {
  const { collector, node, entries, container } = await setUp(t)
  await node.startAgent()
  container.write('stdout', 'with')
  await waitUntil('it is there', () => entries().length === 1)
  node.configure({ enrich: { cluster: 'c2' }, sink: { type: 'http', url: collector.url } })
  await waitUntil('it is taken over', () => {
    container.write('stdout', 'again')
    return entries().at(-1)?.cluster === 'c2'
  })
  const { id, team } = entries().at(-1) ?? {}
  assert.deepEqual([id, team], [undefined, undefined])
  assert.deepEqual(node.noise, [])
})

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { KubeClient } from '../../src/kube/client.ts'
import { type LabelRecord, LabelStore, projectLabels } from '../../src/kube/label-store.ts'
import { Reflector } from '../../src/kube/reflector.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { ManualClock, RecordingLog, until } from './support.ts'

const namespace = (name: string, tier = 'gold') => ({
  kind: 'Namespace' as const,
  metadata: { name, labels: { tier } },
})

/** A server with two namespaces, and a reflector that streams them. `deny`: before it starts. */
async function setUp(t: TestContext, options: { readonly streamsLists?: boolean; readonly deny?: 'watch' } = {}) {
  const server = await FakeApiServer.start(options)
  server.upsert(namespace('shop'))
  server.upsert(namespace('bank'))
  if (options.deny !== undefined) server.deny(options.deny, 'namespaces')
  const kubeconfig = join(temporaryDirectory(t), 'kubeconfig')
  writeFileSync(kubeconfig, server.kubeconfig)
  const [clock, log, store, stop] = [new ManualClock(), new RecordingLog(), new LabelStore(), new AbortController()]
  const client = new KubeClient({ kind: 'kubeconfig', files: [kubeconfig] }, { clock, env: {} })
  const which = { resource: 'namespaces', streamsList: true, project: projectLabels } as const
  const reflector = new Reflector<LabelRecord>({ ...which, target: store, client, clock, log, random: () => 0 })
  const running = reflector.run(stop.signal)
  t.after(async () => {
    stop.abort()
    await running
    assert.equal(clock.sleeperCount, 0)
    await server.close()
  })
  const names = () => [...store.records()].map(({ name }) => name)
  const isWatching = () =>
    until(() => reflector.state.kind === 'watching' && server.openWatches('namespaces').length === 1)
  const isWaiting = () => until(() => reflector.state.kind === 'waiting')
  /** Lets its wait pass. */
  const passWait = async () => {
    await isWaiting()
    const { state } = reflector
    clock.advance(state.kind === 'waiting' ? state.milliseconds : 0)
    await until(() => reflector.state !== state)
  }
  const verbs = () => server.requests.map(({ verb }) => verb)
  const texts = () => log.entries.map(({ text }) => text)
  return { server, clock, store, reflector, names, isWatching, isWaiting, passWait, verbs, texts }
}

test('all objects and their changes come in one stream, from the cache of the server', async (t) => {
  const { server, store, reflector, names, isWatching, verbs } = await setUp(t)
  await reflector.listed
  await isWatching()
  assert.deepEqual(names(), ['shop', 'bank'])
  assert.deepEqual(Object.fromEntries(server.requests[0]?.query ?? []), {
    watch: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: '300',
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
    resourceVersion: '0',
  })
  server.upsert(namespace('shop', 'silver'))
  await until(() => store.find('shop')?.labels.tier === 'silver')
  assert.deepEqual(verbs(), ['watch'])
  const { lists, watches, events, bookmarks } = reflector.counters
  assert.deepEqual({ lists, watches, events, bookmarks }, { lists: 1, watches: 1, events: 1, bookmarks: 1 })
})

test('a stream that is cut goes on with what came since; one whose version has expired begins anew', async (t) => {
  const { server, reflector, names, isWatching, isWaiting, passWait } = await setUp(t)
  await isWatching()
  server.cutConnections()
  await isWaiting()
  server.upsert(namespace('harbour'))
  await passWait()
  await until(() => names().length === 3)
  assert.equal(reflector.counters.lists, 1)
  server.cutConnections()
  await isWaiting()
  server.delete(namespace('bank'))
  server.expireHistory()
  await passWait()
  await passWait()
  await until(() => names().length === 2)
  assert.equal(reflector.counters.lists, 2)
})

test('a server that cannot stream lists is asked for lists, at once and from then on, and nothing is said', async (t) => {
  const { server, clock, names, isWatching, isWaiting, passWait, verbs, texts, reflector } = await setUp(t, {
    streamsLists: false,
  })
  await isWatching()
  assert.deepEqual(names(), ['shop', 'bank'])
  clock.advance(2000)
  server.cutConnections()
  await isWaiting()
  server.expireHistory()
  await passWait()
  await passWait()
  await isWatching()
  assert.deepEqual(verbs(), ['watch', 'list', 'watch', 'watch', 'list', 'watch'])
  assert.deepEqual([texts(), reflector.counters.errors], [[], 0])
})

test('without the right to watch it lists, and says which right is missing', async (t) => {
  const { names, isWaiting, verbs, texts } = await setUp(t, { deny: 'watch' })
  await isWaiting()
  assert.deepEqual(names(), ['shop', 'bank'])
  assert.deepEqual(verbs(), ['watch', 'list', 'watch'])
  assert.equal(texts().length, 1)
  assert.match(texts()[0] ?? '', /^error The API server refuses/)
})

test('what has come before a cut of the stream counts only once all has come', async (t) => {
  const { server, names, passWait, isWatching, reflector } = await setUp(t)
  await isWatching()
  const half = { type: 'ADDED', object: { metadata: { name: 'half', uid: 'h', resourceVersion: '9' } } }
  server.failNext(1, { status: 410, verb: 'watch' })
  server.failNext(1, { status: 200, verb: 'watch', body: `${JSON.stringify(half)}\n` })
  server.cutConnections()
  await passWait() // then its version has expired
  await passWait() // then half a list
  await passWait()
  await isWatching()
  assert.deepEqual(names(), ['shop', 'bank'])
  assert.equal(reflector.counters.errors, 1)
})

test('a stream that does not come to the end of its list is given up after a minute, for lists', async (t) => {
  const { server, clock, names, passWait, isWatching, verbs } = await setUp(t)
  await isWatching()
  server.failNext(1, { status: 410, verb: 'watch' })
  server.forgetListEnds()
  server.cutConnections()
  await passWait()
  await passWait()
  await until(() => server.openWatches('namespaces').length === 1)
  server.upsert(namespace('harbour'))
  clock.advance(60_000)
  await passWait()
  await isWatching()
  assert.deepEqual(names(), ['shop', 'bank', 'harbour'])
  assert.deepEqual(verbs().slice(-2), ['list', 'watch'])
})

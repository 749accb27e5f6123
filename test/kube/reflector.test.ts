import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { KubeClient } from '../../src/kube/client.ts'
import { projectPod } from '../../src/kube/pod-record.ts'
import { PodStore } from '../../src/kube/pod-store.ts'
import { Reflector } from '../../src/kube/reflector.ts'
import type { ApiObject } from '../../src/simulation/api-objects.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { ManualClock, RecordingLog, until } from './support.ts'

function pod(name: string, labels: Record<string, string> = {}, nodeName = 'node-1'): ApiObject {
  return {
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels },
    spec: { nodeName, containers: [{ name: 'app', image: 'i' }] },
  }
}

describe('a reflector', () => {
  let directory: string
  let server: FakeApiServer
  let clock: ManualClock
  let log: RecordingLog
  let store: PodStore
  let reflector: Reflector<ReturnType<typeof projectPod>>
  let stop: AbortController
  let running: Promise<void>

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'loggy-reflector-'))
    server = await FakeApiServer.start({ token: 'secret' })
    server.upsert(pod('web', { app: 'web' }))
    clock = new ManualClock()
    log = new RecordingLog()
    stop = new AbortController()
    running = Promise.resolve()
  })
  afterEach(async () => {
    stop.abort()
    await running
    assert.equal(reflector.state.kind, 'stopped')
    await server.close()
    await rm(directory, { recursive: true })
  })

  const file = () => join(directory, 'kubeconfig')

  async function start(random: () => number = () => 0, kubeconfig = server.kubeconfig): Promise<void> {
    await writeFile(file(), kubeconfig)
    const client = new KubeClient({ kind: 'kubeconfig', files: [file()] }, { clock, env: {} })
    store = new PodStore({ gracePeriodMs: 60_000, maximumDeletedPods: 100, maximumDeletedBytes: 100_000, clock })
    const what = {
      resource: 'pods',
      fieldSelector: 'spec.nodeName=node-1',
      project: projectPod,
      target: store,
    } as const
    reflector = new Reflector({ ...what, client, log, clock, random })
    running = reflector.run(stop.signal)
  }

  /** Started, listed, and watching. */
  async function follow(random?: () => number): Promise<void> {
    await start(random)
    await isWatching()
  }

  const isWatching = (watches = 1) =>
    until(() => {
      const { counters, state } = reflector
      const isOpen = server.openWatches('pods').length === 1 && server.count('watch', 'pods') === counters.watches
      return isOpen && state.kind === 'watching' && counters.watches >= watches
    })
  /** The head of its answer has come, and time passes for the watch. */
  const isServed = async (watches = 1) => {
    await isWatching(watches)
    const before = reflector.counters.bookmarks
    server.bookmark()
    await until(() => reflector.counters.bookmarks > before)
  }
  const isWaiting = () => until(() => reflector.state.kind === 'waiting')
  const find = (name: string) =>
    store.find({
      namespace: 'shop',
      pod: name,
      container: 'app',
      uid: undefined,
      restartCount: undefined,
      containerID: undefined,
    })
  const has = (name: string) => until(() => store.size > 0 && find(name) !== undefined)
  const texts = () => log.entries.map(({ text }) => text)
  const queries = () => server.requests.map(({ query }) => Object.fromEntries(query))

  /** Ends the watch properly, after a while. */
  function endWatch(): void {
    clock.advance(2000)
    server.endWatches()
  }

  /** Lets the wait it is in pass; gives its milliseconds. */
  async function passWait(): Promise<number> {
    await isWaiting()
    const { state } = reflector
    const milliseconds = state.kind === 'waiting' ? state.milliseconds : 0
    clock.advance(milliseconds)
    await until(() => reflector.state !== state)
    return milliseconds
  }

  test('lists from the cache once, then watches from there with bookmarks and a random timeout', async () => {
    await follow(() => 0.5)
    const version = `${server.objects.version}`
    assert.deepEqual(queries(), [
      { fieldSelector: 'spec.nodeName=node-1', resourceVersion: '0' },
      {
        fieldSelector: 'spec.nodeName=node-1',
        watch: '1',
        allowWatchBookmarks: 'true',
        timeoutSeconds: '450',
        resourceVersion: version,
      },
    ])
    await reflector.listed
    assert.deepEqual(find('web')?.labels, { app: 'web' })
  })

  test('applies what is added, changed and deleted on its node', async () => {
    await follow()
    server.upsert(pod('db'))
    server.upsert(pod('elsewhere', {}, 'node-2'))
    server.upsert(pod('web', { app: 'web2' }))
    await until(() => find('web')?.labels.app === 'web2')
    assert.equal(find('elsewhere'), undefined)
    server.delete(pod('db'))
    await until(() => store.size === 1)
    assert.equal(reflector.counters.events, 3)
    assert.equal(reflector.counters.lists, 1)
  })

  test('sees a pod that was deleted and made anew under its name as another', async () => {
    await follow()
    const before = find('web')?.uid
    server.delete(pod('web'))
    server.upsert(pod('web'))
    await until(() => find('web')?.uid !== before && store.size === 1)
  })

  test('watches again from the last bookmark when a watch has ended, without a wait or a list', async () => {
    await follow()
    server.upsert(pod('elsewhere', {}, 'node-2'))
    server.bookmark()
    await until(() => reflector.counters.bookmarks === 1)
    server.endWatches()
    await isWatching(2)
    assert.equal(queries().at(-1)?.resourceVersion, `${server.objects.version}`)
    assert.equal(server.count('list', 'pods'), 1)
    assert.deepEqual(texts(), [])
  })

  test('watches again from the last event when the connection was cut, and misses nothing', async () => {
    await follow()
    server.upsert(pod('db'))
    await has('db')
    const seen = `${server.objects.version}`
    server.cutConnections()
    await isWaiting()
    server.upsert(pod('cache'))
    assert.equal(await passWait(), 400)
    await has('cache')
    assert.equal(queries().at(-1)?.resourceVersion, seen)
    assert.equal(server.count('list', 'pods'), 1)
    assert.equal(reflector.counters.errors, 0)
  })

  test('throws away an event that was cut and gets it again', async () => {
    await follow()
    server.upsert(pod('db'))
    await has('db')
    server.openWatches('pods')[0]?.sendRaw('{"type":"DELETED","object":{"kind":"Pod","meta')
    server.endWatches()
    await isWatching(2)
    assert.equal(store.size, 2)
    assert.equal(reflector.counters.parseErrors, 0)
  })

  test('joins characters that were split between chunks', async () => {
    await follow()
    const object = {
      metadata: { uid: 'u', namespace: 'shop', name: 'db', resourceVersion: '9', labels: { note: 'größe 🌍' } },
    }
    const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`)
    for (const byte of bytes) {
      server.openWatches('pods')[0]?.sendRaw(Uint8Array.of(byte))
      if (byte > 127) await sleep(1)
    }
    await has('db')
    assert.equal(find('db')?.labels.note, 'größe 🌍')
  })

  test('reads events of several megabytes', async () => {
    await follow()
    const note = 'ü'.repeat(2 * 1024 * 1024)
    const labels = { app: 'big' }
    server.upsert({ ...pod('big'), metadata: { name: 'big', namespace: 'shop', annotations: { note }, labels } })
    await has('big')
    assert.deepEqual([find('big')?.longAnnotations, find('big')?.labels], [['note'], labels])
  })

  test('lists anew when its version has expired within a watch, at least as new as what it has seen', async () => {
    await follow()
    clock.advance(2000)
    server.cutConnections()
    await isWaiting()
    server.delete(pod('web'))
    server.upsert(pod('db'))
    server.expireHistory()
    const seen = queries().at(-1)?.resourceVersion
    await passWait()
    await until(() => reflector.counters.expired === 1)
    await passWait()
    await until(() => find('db') !== undefined && store.size === 1)
    assert.equal(
      server.requests
        .filter(({ verb }) => verb === 'list')
        .at(-1)
        ?.query.get('resourceVersion'),
      seen,
    )
    assert.deepEqual(texts(), [])
  })

  test('lists anew when a watch is answered 410', async () => {
    await follow()
    server.failNext(1, { status: 410, verb: 'watch' })
    endWatch()
    await passWait()
    await isWatching(3)
    assert.equal(reflector.counters.expired, 1)
    assert.equal(server.count('list', 'pods'), 2)
  })

  test('asks the database when a list is answered 410', async () => {
    await follow()
    server.failNext(1, { status: 410, verb: 'watch' })
    server.failNext(1, { status: 410, verb: 'list' })
    endWatch()
    // The second refusal is no news: it waits for longer.
    assert.deepEqual([await passWait(), await passWait()], [0, 400])
    await isWatching(3)
    const lists = server.requests.filter(({ verb }) => verb === 'list').map(({ query }) => query.get('resourceVersion'))
    assert.deepEqual(lists.slice(0, 1).concat(lists.slice(2)), ['0', null])
    assert.equal(reflector.counters.expired, 2)
  })

  test('notices a server that went back in time, and believes it', async () => {
    await follow()
    const version = server.objects.version
    server.upsert(pod('db'))
    await has('db')
    server.objects.rewind(version)
    server.failNext(1, { status: 410, verb: 'watch' })
    server.cutConnections()
    for (let i = 0; i < 3; i++) await passWait()
    await until(() => store.size === 1)
    await isWatching(3)
    assert.ok(texts().some((text) => text.startsWith('warn The API server went back to an older state')))
    assert.equal(reflector.counters.errors, 1)
    assert.deepEqual(
      server.requests
        .filter(({ verb }) => verb === 'list')
        .at(-1)
        ?.query.get('resourceVersion'),
      null,
    )
  })

  test('asks again after a whole watch without even a bookmark', async () => {
    await follow()
    clock.advance(300_000)
    server.endWatches()
    await isWatching(2)
    assert.equal(server.count('list', 'pods'), 2)
    assert.deepEqual(texts(), [])
  })

  test('gives up a watch that does not end after its time', async () => {
    await follow()
    clock.advance(300_000 + 30_000)
    await isWaiting()
    await until(() => server.openWatches('pods').length === 0)
    assert.equal(reflector.counters.errors, 1)
    await passWait()
    await isWatching(2)
  })

  test('counts nonsense in a watch and goes on from the last good event', async () => {
    await follow()
    server.upsert(pod('db'))
    await has('db')
    const seen = `${server.objects.version}`
    for (const [index, nonsense] of [
      '{"type":"ADDED",\n',
      '{"type":"HELLO","object":{"metadata":{"resourceVersion":"9"}}}\n',
      '[]\n',
      '\xff\n',
    ].entries()) {
      server.openWatches('pods')[0]?.sendRaw(nonsense)
      await isWaiting()
      assert.equal(reflector.counters.parseErrors, index + 1)
      await passWait()
      await isWatching(index + 2)
      assert.equal(queries().at(-1)?.resourceVersion, seen)
    }
    assert.equal(texts().length, 1)
    server.upsert(pod('cache'))
    await has('cache')
    assert.equal(texts().at(-1), 'info Watching the API server again')
  })

  test('counts a list that is no list and asks again', async () => {
    server.failNext(1, { status: 200, body: '{"kind":"PodList","items":[{' })
    server.failNext(1, { status: 200, body: '{"kind":"PodList","items":"none"}' })
    server.failNext(1, { status: 200, body: '{"kind":"PodList","metadata":{},"items":[]}' })
    await start()
    for (let i = 0; i < 3; i++) await passWait()
    await has('web')
    assert.equal(reflector.counters.parseErrors, 3)
  })

  test('counts refusals and watches that end at once as errors, but not as nonsense', async () => {
    server.failNext(1, { status: 500 })
    await start()
    await passWait()
    await isWatching()
    server.failNext(1, { status: 200, verb: 'watch', body: '' })
    server.endWatches()
    await passWait()
    await passWait()
    await isWatching(3)
    assert.deepEqual([reflector.counters.errors, reflector.counters.parseErrors], [3, 0])
  })

  test('leaves out an object that makes no sense, counted, and keeps the others', async () => {
    await follow()
    const nameless = { metadata: { resourceVersion: `${server.objects.version}` } }
    server.openWatches('pods')[0]?.sendRaw(`${JSON.stringify({ type: 'ADDED', object: nameless })}\n`)
    server.upsert(pod('db'))
    await has('db')
    assert.equal(reflector.counters.parseErrors, 1)
    assert.equal(reflector.counters.watches, 1)
  })

  test('is patient with a server that does not have its version yet, then asks the database', async () => {
    const body = JSON.stringify({
      kind: 'Status',
      message: 'Timeout: Too large resource version: 9, current: 1',
      code: 504,
    })
    server.failNext(1, { status: 504, retryAfterSeconds: 1, body })
    await start()
    assert.equal(await passWait(), 1000 + 400)
    await isWatching()
    assert.deepEqual(
      queries()
        .map((query) => query.resourceVersion)
        .slice(0, 2),
      ['0', undefined],
    )
  })

  test('waits as long as Retry-After says, and longer', async () => {
    server.failNext(1, { status: 429, retryAfterSeconds: 7 })
    server.failNext(1, { status: 503, retryAfterSeconds: 2 })
    await start()
    assert.equal(await passWait(), 7000 + 400)
    assert.equal(await passWait(), 2000 + 800)
    await isWatching()
    server.failNext(1, { status: 429, verb: 'watch', retryAfterSeconds: 3 })
    endWatch()
    assert.ok((await passWait()) >= 3000)
    await isWatching(3)
    assert.equal(server.count('list', 'pods'), 3)
  })

  test('backs off up to half a minute, and starts low again after a watch of ten seconds', async () => {
    server.failNext(8, { status: 500 })
    await start()
    const waits: number[] = []
    for (let i = 0; i < 8; i++) waits.push(await passWait())
    assert.deepEqual(waits, [400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000])
    await isServed()
    clock.advance(9999)
    server.failNext(1, { status: 500, verb: 'watch' })
    server.endWatches()
    assert.equal(await passWait(), 15_000)
    await isServed(3)
    clock.advance(10_000)
    server.failNext(1, { status: 500, verb: 'watch' })
    server.endWatches()
    assert.equal(await passWait(), 400)
  })

  test('tries a server that is away every six seconds at most, and lists without another wait when it is back', async () => {
    await follow()
    clock.advance(10_000)
    await server.down()
    const waits: number[] = []
    for (let i = 0; i < 7; i++) waits.push(await passWait())
    assert.deepEqual(waits, [400, 800, 1600, 3000, 3000, 3000, 3000])
    server.upsert(pod('new'))
    server.expireHistory()
    await isWaiting()
    await server.up()
    await passWait()
    await until(() => reflector.counters.expired === 1)
    assert.equal(await passWait(), 0)
    await has('new')
  })

  test('goes on slowly where a server says again and again that its version has expired', async () => {
    await follow()
    server.failNext(4, { status: 410, verb: 'watch' })
    endWatch()
    const waits: number[] = []
    for (let i = 0; i < 4; i++) waits.push(await passWait())
    assert.deepEqual(waits, [0, 400, 800, 1600])
    await isWatching(6)
  })

  test('waits no longer each time when a load balancer cuts each watch that was quiet for a minute', async () => {
    await start()
    for (let watches = 1; watches <= 8; watches += 1) {
      await isServed(watches)
      clock.advance(60_000)
      server.cutConnections()
      assert.equal(await passWait(), 400)
    }
    await isWatching(9)
    assert.equal(reflector.counters.errors, 0)
  })

  test('counts a watch that is cut as soon as it began as one failure', async () => {
    await follow()
    for (const wait of [400, 800, 1600]) {
      await isServed(reflector.counters.watches)
      server.cutConnections()
      assert.equal(await passWait(), wait)
    }
    await isWatching(4)
  })

  test('leaves no timer behind a list, a watch or a failure of one', async () => {
    server.failNext(1, { status: 500 })
    await start()
    await passWait()
    await isServed()
    assert.equal(clock.sleeperCount, 1, 'of the watch alone')
    server.endWatches()
    await passWait()
    await isServed(2)
    assert.equal(clock.sleeperCount, 1, 'of the second watch alone')
    stop.abort()
    await running
    assert.equal(clock.sleeperCount, 0)
  })

  test('spreads its tries by chance', async () => {
    server.failNext(1, { status: 500 })
    await start(() => 0.999)
    assert.equal(Math.round(await passWait()), 1998)
  })

  test('reads its token again after a 401, at once', async () => {
    await start()
    await isWatching()
    server.setToken('renewed')
    await writeFile(file(), server.kubeconfig)
    endWatch()
    await passWait()
    await isWatching(3)
    assert.equal(server.requests.at(-1)?.authorization, 'Bearer renewed')
    assert.deepEqual(
      log.entries.map(({ text }) => text),
      ['warn Cannot watch the API server; retrying'],
    )
  })

  test('says once which right is missing, keeps trying, and says when it is there', async () => {
    server.deny('watch', 'pods')
    await start()
    for (let i = 0; i < 3; i++) await passWait()
    await isWaiting()
    server.upsert(pod('cache'))
    await passWait()
    await has('cache') // lists stand in for the watch
    await isWaiting()
    assert.deepEqual(texts(), [
      'error The API server refuses: the ClusterRole must allow this verb on this resource; retrying',
    ])
    assert.match(JSON.stringify(log.entries[0]?.fields), /"resource":"pods","verb":"watch".*cannot watch resource/)
    server.allow('watch', 'pods')
    await passWait()
    await isWatching()
    server.upsert(pod('db'))
    await has('db')
    assert.deepEqual(texts().slice(1), ['info Watching the API server again'])
    assert.equal(find('web')?.name, 'web')
  })

  test('starts while the server is down and lists when it is up', async () => {
    await server.down()
    await start()
    await passWait()
    await isWaiting()
    assert.equal(reflector.counters.watches, 0)
    await server.up()
    await passWait()
    await has('web')
    assert.deepEqual(texts(), ['warn Cannot watch the API server; retrying', 'info Watching the API server again'])
  })

  test('outlives an outage: what was deleted meanwhile goes, what was added comes', async () => {
    await follow()
    await server.down()
    server.delete(pod('web'))
    server.upsert(pod('db'))
    for (let i = 0; i < 3; i++) await passWait()
    await isWaiting()
    assert.equal(find('web')?.name, 'web')
    await server.up()
    await passWait()
    await has('db')
    assert.equal(store.size, 1)
    assert.equal(server.count('list', 'pods'), 1)
  })

  test('does not hammer a server whose watches end as soon as they begin', async () => {
    await follow()
    server.failNext(3, { status: 200, verb: 'watch', body: '' })
    server.endWatches()
    const waits: number[] = []
    for (let i = 0; i < 4; i++) waits.push(await passWait())
    assert.deepEqual(waits, [400, 800, 1600, 3200])
    await isWatching(5)
  })

  test('gives up a list that is not answered within a minute, and asks again', async (t) => {
    await start(() => 0, await silentKubeconfig(t))
    await until(() => reflector.counters.lists === 1)
    clock.advance(59_999)
    await sleep(20)
    assert.equal(reflector.counters.errors, 0)
    clock.advance(1)
    assert.equal(await passWait(), 400)
    await until(() => reflector.counters.lists === 2)
    assert.deepEqual([reflector.counters.errors, reflector.counters.parseErrors], [1, 0])
  })

  test('ends at once when told to, in a watch, and takes that for no failure', async () => {
    await follow()
    stop.abort()
    await running
    assert.equal(reflector.state.kind, 'stopped')
    assert.deepEqual([reflector.counters.errors, texts()], [0, []])
    await until(() => server.openWatches('pods').length === 0)
  })

  test('ends at once when told to, in a list, and takes that for no failure', async (t) => {
    await start(() => 0, await silentKubeconfig(t))
    await until(() => reflector.counters.lists === 1)
    stop.abort()
    await running
    assert.deepEqual([reflector.counters.errors, texts()], [0, []])
  })

  /** Of a server that takes connections and says nothing. */
  async function silentKubeconfig(t: TestContext): Promise<string> {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const sockets: Socket[] = []
    silent.on('connection', (socket) => sockets.push(socket))
    t.after(() => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })
    return server.kubeconfig.replace(server.url, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`)
  }
})

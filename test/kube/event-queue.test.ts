import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { KubeClient } from '../../src/kube/client.ts'
import { EventQueue } from '../../src/kube/event-queue.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { podWith } from '../support/pod.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { ManualClock, RecordingLog, until } from './support.ts'

const hint = { annotation: 'loggy.io/exclude', value: 'yes', expected: '"true" or "false"' }

/** A queue with a real client on a simulated server, in virtual time. The gap is 500 ms, since nothing is random. */
async function setUp(t: TestContext) {
  const api = await FakeApiServer.start()
  const file = join(temporaryDirectory(t), 'config')
  writeFileSync(file, api.kubeconfig)
  const clock = new ManualClock()
  clock.advance(1_000_000)
  const log = new RecordingLog()
  const client = new KubeClient({ kind: 'kubeconfig', files: [file] }, { clock, env: {} })
  const queue = new EventQueue({ client, node: 'node-1', clock, log, random: () => 0 })
  const stop = new AbortController()
  const running = queue.run(stop.signal)
  t.after(async () => {
    stop.abort()
    await running
    await api.close()
  })
  const tell = (name: string, namespace = 'shop') =>
    queue.report(podWith({}, { name, uid: `u-${name}`, namespace }), hint)
  const settled = () => {
    const { eventsSent, eventsFailed, eventsForbidden } = queue.counters
    return eventsSent + eventsFailed + eventsForbidden
  }
  /** Lets time pass in small steps until that is so, and tells how much has passed. */
  const passUntil = async (condition: () => boolean, stepMs = 100) => {
    const start = clock.now()
    await until(() => {
      if (!condition()) clock.advance(stepMs)
      return condition()
    })
    return clock.now() - start
  }
  /** Lets time pass, with room for requests at each step. */
  const pass = async (ms: number, stepMs = 1000) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(stepMs)
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const posted = () => api.postedEvents.list().map(({ involvedObject }) => involvedObject.name)
  return { api, client, clock, log, queue, stop, running, tell, settled, pass, passUntil, posted }
}

describe('an event queue', () => {
  test('creates an event on the pod', async (t) => {
    const { api, queue, tell, passUntil } = await setUp(t)
    tell('web')
    await passUntil(() => queue.counters.eventsSent === 1)
    const [event] = api.postedEvents.list()
    assert.deepEqual(event?.involvedObject, {
      kind: 'Pod',
      namespace: 'shop',
      name: 'web',
      uid: 'u-web',
      apiVersion: 'v1',
    })
    assert.equal(event?.reason, 'InvalidAnnotation')
    assert.deepEqual([...new Set(api.requests.map(({ url }) => url))], ['/api/v1/namespaces/shop/events'])
  })

  test('that rests is woken by an event, and leaves no timer behind it', async (t) => {
    const { clock, queue, tell, passUntil } = await setUp(t)
    await until(() => clock.sleeperCount === 1)
    for (let sent = 1; sent <= 2; sent += 1) {
      tell(`web-${sent}`)
      assert.ok((await passUntil(() => queue.counters.eventsSent === sent)) < 5000)
      await until(() => clock.sleeperCount === 1)
    }
  })

  test('is content with an event that an earlier run of the agent has made', async (t) => {
    const { api, log, queue, tell, passUntil } = await setUp(t)
    tell('web')
    tell('web')
    await passUntil(() => queue.counters.eventsSent === 2)
    assert.equal(api.count('create', 'events'), 2)
    assert.equal(api.postedEvents.list().length, 1)
    assert.deepEqual([queue.counters.eventsFailed, log.entries], [0, []])
  })

  test('creates two events a second at most, however many there are', async (t) => {
    const { queue, tell, passUntil } = await setUp(t)
    for (let index = 0; index < 50; index += 1) tell(`web-${index}`)
    assert.ok((await passUntil(() => queue.counters.eventsSent === 50)) >= 50 * 500)
  })

  test('keeps the newest 200 of a thousand, and counts the others', async (t) => {
    const { queue, tell, posted, passUntil, settled } = await setUp(t)
    for (let index = 0; index < 1000; index += 1) tell(`web-${index}`)
    await passUntil(() => settled() === 1000, 1000)
    assert.deepEqual(queue.counters, { eventsSent: 200, eventsFailed: 800, eventsForbidden: 0 })
    assert.equal(posted().at(-1), 'web-999')
  })

  test('says once that the right is missing, and what gives it, and asks again ten minutes later', async (t) => {
    const { api, log, queue, tell, pass, passUntil, posted } = await setUp(t)
    api.deny('create', 'events')
    for (let index = 0; index < 20; index += 1) tell(`web-${index}`)
    await passUntil(() => queue.counters.eventsForbidden === 1)
    await pass(590_000, 10_000)
    assert.equal(api.count('create', 'events'), 1)
    await passUntil(() => queue.counters.eventsForbidden === 2, 1000)
    assert.deepEqual(
      log.entries.map(({ text, fields }) => [text, 'hint' in fields && fields.hint]),
      [
        [
          'info no permission to create events: owners of pods are not notified of invalid annotations',
          'kubectl apply -k rbac/events',
        ],
      ],
    )
    api.allow('create', 'events')
    await passUntil(() => queue.counters.eventsSent === 20, 1000)
    assert.equal(new Set(posted()).size, 20)
    assert.equal(queue.counters.eventsFailed, 0)
  })

  test('is not kept from one namespace by another that refuses', async (t) => {
    const { api, queue, tell, passUntil, posted } = await setUp(t)
    api.failNext(1, { status: 403, verb: 'create' })
    tell('web', 'full')
    tell('other', 'full')
    tell('api', 'shop')
    await passUntil(() => queue.counters.eventsSent === 1)
    assert.deepEqual(posted(), ['api'])
    assert.equal(api.count('create', 'events'), 2)
  })

  test('forgets a pod whose namespace is being deleted, without a word', async (t) => {
    const { api, log, queue, tell, passUntil } = await setUp(t)
    api.postedEvents.terminate('gone')
    tell('web', 'gone')
    tell('api')
    await passUntil(() => queue.counters.eventsSent === 1)
    assert.deepEqual(queue.counters, { eventsSent: 1, eventsFailed: 1, eventsForbidden: 0 })
    assert.deepEqual(log.entries, [])
  })

  test('waits for an API server that is away, with few requests, and goes on when it is back', async (t) => {
    const { api, client, log, queue, tell, pass, passUntil, posted } = await setUp(t)
    await api.down()
    for (const name of ['a', 'b', 'c']) tell(name)
    await pass(600_000)
    assert.deepEqual(queue.counters, { eventsSent: 0, eventsFailed: 0, eventsForbidden: 0 })
    assert.ok(client.counters.requests < 60, `${client.counters.requests} requests in ten minutes`)
    await api.up()
    await passUntil(() => queue.counters.eventsSent === 3)
    assert.deepEqual(posted().sort(), ['a', 'b', 'c'])
    assert.deepEqual(log.entries, [])
  })

  test('gives up what is answered twelve times with a failure, says so once, and goes on with others', async (t) => {
    const { api, log, queue, tell, passUntil } = await setUp(t)
    api.failNext(12, { status: 503, verb: 'create' })
    tell('web')
    await passUntil(() => queue.counters.eventsFailed === 1, 1000)
    assert.equal(api.count('create', 'events'), 12)
    api.failNext(1, { status: 422, verb: 'create' })
    tell('odd')
    await passUntil(() => queue.counters.eventsFailed === 2)
    assert.deepEqual(
      log.entries.map(({ text }) => text),
      ['warn cannot create an event on a pod'],
    )
    tell('api')
    await passUntil(() => queue.counters.eventsSent === 1)
  })

  test('waits as long as the server asks', async (t) => {
    const { api, queue, tell, passUntil } = await setUp(t)
    api.failNext(1, { status: 429, verb: 'create', retryAfterSeconds: 30 })
    tell('web')
    assert.ok((await passUntil(() => queue.counters.eventsSent === 1)) > 30_000)
  })

  test('does not wait for an answer longer than 30 seconds, nor when the agent ends', async (t) => {
    const { clock, log } = await setUp(t)
    const starts: number[] = []
    const create = (_path: string, _event: object, signal: AbortSignal) => {
      starts.push(clock.now())
      return new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
    }
    const queue = new EventQueue({ client: { create }, node: 'node-1', clock, log, random: () => 0 })
    const stop = new AbortController()
    const running = queue.run(stop.signal)
    queue.report(podWith({}), hint)
    await until(() => {
      if (starts.length < 2) clock.advance(100)
      return starts.length === 2
    })
    const [first = 0, second = 0] = starts
    assert.ok(second - first >= 30_000)
    stop.abort()
    await running
  })
})

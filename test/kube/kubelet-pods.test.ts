import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connectKubelet } from '../../src/kube/client.ts'
import { projectKubeletPod } from '../../src/kube/kubelet-pod.ts'
import { KubeletPods, type KubeletPodsOptions } from '../../src/kube/kubelet-pods.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import { KubeletServer } from '../../src/simulation/kubelet-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { selfSignedCertificate } from './certificate.ts'
import { ManualClock, RecordingLog, until } from './support.ts'

const tls = selfSignedCertificate({ name: 'node-1' })

async function setUp(t: TestContext, asks: KubeletPodsOptions['asks']) {
  const directory = temporaryDirectory(t)
  const api = await FakeApiServer.start()
  const kubelet = new Kubelet(directory, api)
  const server = await KubeletServer.start({ tls, pods: () => kubelet.pods })
  const [kubeconfig, caFile] = [join(directory, 'kubeconfig'), join(directory, 'ca.crt')]
  writeFileSync(kubeconfig, api.kubeconfig)
  writeFileSync(caFile, tls.cert)
  const [clock, log, stop] = [new ManualClock(), new RecordingLog(), new AbortController()]
  const address = { url: server.url, node: 'node-1', caFile }
  const client = connectKubelet({ kubeconfig, kubelet: address }, { clock, env: {} })
  const known = new Set<string>()
  /** What an answer takes, and what happens before it is over. */
  const answer = { milliseconds: 0, onTaken: () => {} }
  const pods = new KubeletPods({
    client,
    asks,
    project: projectKubeletPod,
    onPods: (records) => {
      clock.advance(answer.milliseconds)
      answer.onTaken()
      for (const { uid } of records) known.add(uid)
    },
    isKnown: (uid) => known.has(uid),
    clock,
    log,
    random: () => 0,
  })
  const running = pods.run(stop.signal)
  t.after(async () => {
    stop.abort()
    await running
    kubelet.close()
    await server.close()
    await api.close()
  })
  const start = (name: string) =>
    kubelet.startPod({ namespace: 'shop', name, containers: [{ name: 'app', image: 'i' }] })
  /** So many questions are over. */
  const asked = (count: number) => until(() => pods.status.counters.lists === count && pods.status.state !== 'listing')
  /** Nothing is asked in that time. */
  const passQuietly = async (milliseconds: number) => {
    const before = pods.status.counters.lists
    clock.advance(milliseconds)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(pods.status.counters.lists, before)
  }
  const texts = () => log.entries.map(({ text }) => text)
  return { kubelet, server, answer, clock, known, pods, start, asked, passQuietly, texts }
}

test('a kubelet that is the only source is asked at once, and every ten seconds', async (t) => {
  const { known, pods, start, asked, clock, passQuietly } = await setUp(t, 'always')
  await pods.listed
  await asked(1)
  const web = start('web')
  await passQuietly(9999)
  clock.advance(1)
  await asked(2)
  assert.ok(known.has(web.uid))
})

test('a log whose pod is not known is a reason to ask at once, once, but not all the time', async (t) => {
  const { known, pods, start, asked, clock, passQuietly } = await setUp(t, 'always')
  await asked(1)
  clock.advance(1000)
  const web = start('web')
  pods.miss(web.uid)
  await asked(2)
  assert.ok(known.has(web.uid))
  pods.miss('left behind')
  await passQuietly(199)
  clock.advance(1)
  await asked(3)
  pods.miss('left behind')
  await passQuietly(9000)
})

test('a kubelet beside an API server that reports each pod in time is not asked', async (t) => {
  const { pods, known, passQuietly } = await setUp(t, 'unknown')
  pods.miss('reported')
  await passQuietly(299)
  known.add('reported')
  await passQuietly(100_000)
  assert.equal(pods.status.hasListed, false)
})

test('a kubelet beside an API server that does not report a pod is asked for it', async (t) => {
  const { pods, known, start, asked, clock, passQuietly } = await setUp(t, 'unknown')
  const web = start('web')
  pods.miss(web.uid)
  await passQuietly(299)
  clock.advance(1)
  await asked(1)
  assert.ok(known.has(web.uid))
  await passQuietly(1_000_000)
})

test('the pod of a log that was left behind is asked for four times, ever more rarely', async (t) => {
  const { pods, asked, clock, passQuietly } = await setUp(t, 'unknown')
  pods.miss('left behind')
  for (const [index, milliseconds] of [300, 1000, 8000, 64_000].entries()) {
    await passQuietly(milliseconds - 1)
    clock.advance(1)
    await asked(index + 1)
  }
  pods.miss('left behind')
  await passQuietly(1_000_000)
})

test('an agent that ends asks often', async (t) => {
  const { pods, asked, clock } = await setUp(t, 'always')
  await asked(1)
  clock.advance(200)
  void pods.hurry()
  await asked(2)
  clock.advance(200)
  await asked(3)
})

test('an agent that ends does not give the kubelet the usual rest, however long an answer takes', async (t) => {
  const { pods, asked, answer, clock } = await setUp(t, 'always')
  await asked(1)
  answer.milliseconds = 600
  clock.advance(10_000)
  await asked(2)
  void pods.hurry()
  clock.advance(200)
  await asked(3)
  clock.advance(600)
  await asked(4)
})

test('an agent that ends does not keep to a rest that has begun, with a pod that is already asked for', async (t) => {
  const { pods, asked, answer, clock, passQuietly } = await setUp(t, 'always')
  await asked(1)
  answer.milliseconds = 600
  clock.advance(10_000)
  await asked(2)
  pods.miss('unknown') // due at once, and asked for after the rest of ten times 600 ms
  await passQuietly(1000)
  void pods.hurry()
  clock.advance(200)
  await asked(3)
})

test('an agent that ends waits for an answer to what it asks from then on, not for one of before', async (t) => {
  const { pods, asked, answer, clock } = await setUp(t, 'always')
  await asked(1)
  let isOver = false
  answer.onTaken = () => {
    answer.onTaken = () => {}
    void pods.hurry().then(() => {
      isOver = true
    })
  }
  clock.advance(10_000)
  await asked(2)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isOver, false)
  clock.advance(200)
  await asked(3)
  await until(() => isOver)
})

test('says once what the kubelet does not allow, asks again, ever more rarely, and says when it answers', async (t) => {
  const { pods, server, asked, clock, texts } = await setUp(t, 'always')
  await asked(1)
  server.allow(false)
  clock.advance(10_000)
  await asked(2)
  for (const [index, milliseconds] of [400, 800, 1600].entries()) {
    assert.equal(pods.status.state, 'waiting')
    pods.miss('impatient') // changes nothing
    clock.advance(milliseconds)
    await asked(index + 3)
  }
  assert.equal(texts().length, 1)
  assert.match(texts()[0] ?? '', /^error The kubelet refuses: .* get on nodes\/pods \(rbac\/kubelet\)/)
  server.allow(true)
  clock.advance(3200)
  await until(() => texts().length === 2)
  assert.equal(texts()[1], 'info The kubelet answers again')
})

test('a kubelet that is away is asked again', async (t) => {
  const { server, asked, clock, texts, pods } = await setUp(t, 'always')
  await asked(1)
  await server.down()
  clock.advance(10_000)
  await asked(2)
  assert.deepEqual(texts(), ['warn Cannot ask the kubelet for its pods; retrying'])
  await server.up()
  clock.advance(400)
  await asked(3)
  assert.equal(pods.status.counters.errors, 1)
})

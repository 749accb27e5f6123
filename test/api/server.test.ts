import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { freePort } from '../../src/simulation/free-port.ts'
import type { PodSpec } from '../../src/simulation/pod-object.ts'
import { TestNode } from '../support/test-node.ts'
import { waitUntil } from '../support/wait-until.ts'

const web: PodSpec = {
  name: 'web-1',
  namespace: 'shop',
  labels: { app: 'web' },
  annotations: { team: 'payments' },
  containers: [{ name: 'app', image: 'shop/web:1' }],
}

/** Of any of the paths. */
interface Answer {
  readonly node: string
  readonly isCollected: boolean
  readonly sentences: readonly string[]
  readonly containers: readonly {
    readonly pod: string
    readonly uid: string
    readonly state: string
    readonly rule: string
    readonly metadata: string
    readonly lagBytes: number
    readonly reading?: { readonly offset: number }
    readonly counters?: { readonly lines: number; readonly delivered: number }
  }[]
}

async function startNode(t: TestContext, config: Readonly<Record<string, object>> = {}) {
  const port = await freePort()
  const node = await TestNode.start(t, { config: { api: { port }, ...config } })
  const url = `http://127.0.0.1:${port}`
  const json = async (path: string) => {
    const response = await fetch(`${url}${path}`)
    return { status: response.status, body: (await response.json()) as Answer }
  }
  const listens = () =>
    fetch(`${url}/api/containers`).then(
      () => true,
      () => false,
    )
  /** Starts the agent, and waits until it answers. */
  const start = async () => {
    await node.startAgent()
    await waitUntil('it listens', listens)
  }
  return { node, port, url, json, start }
}

/** What the agent sends to a follower, as it comes. */
async function follow(t: TestContext, url: string, headers: Record<string, string> = {}) {
  const ending = new AbortController()
  t.after(() => ending.abort())
  const response = await fetch(url, { headers, signal: ending.signal })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  const seen = { text: '' }
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const bytes of response.body ?? []) seen.text += decoder.decode(bytes, { stream: true })
  })()
  reading.catch(() => {}) // ended by the test
  await waitUntil('the first bytes', () => seen.text.startsWith(': loggy\n\n'))
  return { seen, end: () => ending.abort() }
}

test('tells of each container on the node where it stands, and by which rule it is left out', async (t) => {
  const { node, json, start } = await startNode(t, { select: { namespaces: { exclude: ['kube-system'] } } })
  const pod = node.kubelet.startPod(web)
  node.kubelet.startPod({ ...web, name: 'dns-1', namespace: 'kube-system' })
  await start()
  pod.container().write('stdout', 'hello')
  await node.entry('hello')
  await waitUntil('the ack is counted', async () => (await json('/api/containers')).body.containers.some(isDelivered))
  const { body } = await json('/api/containers')
  assert.equal(body.node, 'node-1')
  const byPod = new Map(body.containers.map((container) => [container.pod, container]))
  const about = byPod.get('web-1')
  assert.equal(about?.state, 'read')
  assert.equal(about.metadata, 'known')
  assert.equal(about.lagBytes, 0)
  assert.equal(about.uid, pod.uid)
  assert.equal(about.counters?.lines, 1)
  assert.ok((about.reading?.offset ?? 0) > 0)
  assert.equal(byPod.get('dns-1')?.state, 'exclude')
  assert.equal(byPod.get('dns-1')?.rule, 'select.namespaces.exclude: kube-system')
})

const isDelivered = ({ counters }: Answer['containers'][number]) => counters?.delivered === 1

test('a log that cannot be written on is behind by its bytes and by the age of its oldest line', async (t) => {
  const port = await freePort()
  const node = await TestNode.start(t, { config: { api: { port } }, stdout: 'paused' })
  const pod = node.kubelet.startPod(web)
  await node.startAgent()
  const fill = () => {
    for (let line = 0; line < 200; line += 1) pod.container().write('stdout', 'x'.repeat(10_000))
  }
  const lag = async () => {
    fill()
    const response = await fetch(`http://127.0.0.1:${port}/api/containers`)
    const { containers } = (await response.json()) as { containers: { lagBytes: number; lagSeconds: number }[] }
    return containers[0]
  }
  await waitUntil('it is behind', async () => ((await lag().catch(() => undefined))?.lagBytes ?? 0) > 4_000_000)
  const status = await lag()
  assert.ok(status !== undefined && status.lagSeconds > 0 && status.lagSeconds < 60, JSON.stringify(status))
  const explained = await waitUntilStalled(`http://127.0.0.1:${port}`)
  assert.match(
    explained,
    /Delivery to the destination fails at the moment: it has not acknowledged a batch that was sent \d+ s ago\.$/,
  )
})

async function waitUntilStalled(url: string): Promise<string> {
  let text = ''
  await waitUntil('the destination is blamed', async () => {
    const response = await fetch(`${url}/api/explain?namespace=shop&pod=web-1`)
    text = ((await response.json()) as Answer).sentences.join('\n')
    return text.includes('destination')
  })
  return text
}

test('follows the entries that match from then on, byte for byte as they are sent', async (t) => {
  const { node, url, start } = await startNode(t)
  const [pod, other] = [
    node.kubelet.startPod(web),
    node.kubelet.startPod({ ...web, name: 'api-1', labels: { app: 'api' } }),
  ]
  await start()
  pod.container().write('stdout', 'before')
  await node.entry('before')
  const { seen } = await follow(t, `${url}/api/tail?labels=app%3Dweb&annotations=team%3Dpayments&grep=GET`)
  other.container().write('stdout', 'GET of another pod')
  pod.container().write('stdout', 'POST /')
  pod.container().write('stdout', 'GET /')
  const entry = await node.entry('GET /')
  await waitUntil('the event', () => seen.text.includes('GET /'))
  assert.equal(seen.text, `: loggy\n\ndata: ${JSON.stringify(entry)}\n\n`)
})

test('tells who asks for it that nothing can come, and why, and nothing otherwise', async (t) => {
  const { node, url, start } = await startNode(t)
  node.kubelet.startPod(web).container().write('stdout', 'x')
  const quiet = { ...web, name: 'quiet-1', annotations: { 'loggy.io/exclude': 'true' } }
  node.kubelet.startPod(quiet).container().write('stdout', 'x')
  await start()
  await node.entry('x')
  const asking = { prefer: 'selection' }
  const [all, unasked, excluded, none] = [
    await follow(t, `${url}/api/tail`, asking),
    await follow(t, `${url}/api/tail?pod=quiet-*`),
    await follow(t, `${url}/api/tail?pod=quiet-*`, asking),
    await follow(t, `${url}/api/tail?workload=Deployment%2Fnone`, asking),
  ]
  const said = (excluded: object, containers: number) =>
    `: loggy\n\nevent: selection\ndata: ${JSON.stringify({ containers, excluded })}\n\n`
  await waitUntil('both are told', () => none.seen.text.includes('event') && excluded.seen.text.includes('event'))
  assert.equal(excluded.seen.text, said({ 'loggy.io/exclude: "true"': 1 }, 1))
  assert.equal(none.seen.text, said({}, 0))
  for (const { seen } of [all, unasked]) assert.equal(seen.text, ': loggy\n\n')
})

test('a follower that does not read is no matter to the agent', async (t) => {
  const { node, port, start } = await startNode(t)
  const pod = node.kubelet.startPod(web)
  await start()
  const stuck = request({ port, host: '127.0.0.1', path: '/api/tail' }).end()
  t.after(() => stuck.destroy())
  stuck.on('error', () => {})
  const [response] = await once(stuck, 'response')
  response.pause()
  const text = 'x'.repeat(16_000)
  for (let line = 0; line < 3000; line += 1) pod.container().write('stdout', text)
  pod.container().write('stdout', 'last')
  await node.entry('last')
  assert.equal(node.entries.length, 3001)
})

test('JSON that is nested too deep to be searched does not end the agent', async (t) => {
  const { node, url, start } = await startNode(t, { parse: { json: true } })
  const pod = node.kubelet.startPod(web)
  await start()
  const { seen } = await follow(t, `${url}/api/tail?grep=needle`)
  pod.container().write('stdout', `{"toJSON":1,"needle":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)
  pod.container().write('stdout', 'needle after it')
  await node.entry('needle after it')
  await waitUntil('the events', () => seen.text.includes('needle after it'))
  assert.equal(seen.text.split('data: ').length, 3)
  assert.equal(await node.stopAgent(), 0)
})

test("globs of many asterisks, in a pod's annotation or a query, do not hold the agent", async (t) => {
  const { node, url, start } = await startNode(t)
  const name = 'a'.repeat(63)
  const glob = `${'*a'.repeat(20)}*b`
  const annotations = { 'loggy.io/exclude-containers': glob }
  const pod = node.kubelet.startPod({ ...web, annotations, containers: [{ name, image: 'shop/web:1' }] })
  await start()
  const { seen } = await follow(t, `${url}/api/tail?container=${glob}`)
  pod.container().write('stdout', 'hello')
  await node.entry('hello')
  assert.equal(seen.text, ': loggy\n\n')
})

test('explains in sentences why a pod is collected, left out, or not there', async (t) => {
  const { node, json, start } = await startNode(t)
  const pod = node.kubelet.startPod(web)
  node.kubelet.startPod({ ...web, name: 'quiet-1', annotations: { 'loggy.io/exclude': 'true' } })
  node.kubelet.startPod({ ...web, name: 'odd-1', annotations: { 'loggy.io/exclude': 'yes' } })
  node.kubelet.startPod({ ...web, name: 'dns-1', namespace: 'kube-system' })
  await start()
  pod.container().write('stdout', 'hello')
  await node.entry('hello')
  const explain = async (namespace: string, name: string) => {
    const { body } = await json(`/api/explain?namespace=${namespace}&pod=${name}`)
    return { isCollected: body.isCollected, text: body.sentences.join('\n') }
  }
  await waitUntil('all are decided on', async () => (await explain('shop', 'odd-1')).isCollected)
  const collected = await explain('shop', 'web-1')
  assert.equal(collected.isCollected, true)
  assert.match(
    collected.text,
    /^Container app is collected by the options under `select`\.\nIt is read at byte \d+ of .*0\.log, fully read\.\nIts entries have its pod's metadata\.\nSince the agent found it: lines read 1, entries delivered \d\.\nStack traces and .* by parse\.multiline: auto: none so far\.$/,
  )
  const quiet = await explain('shop', 'quiet-1')
  assert.deepEqual(quiet, {
    isCollected: false,
    text: 'Container app is excluded by loggy.io/exclude: "true".\nTo collect it, remove that annotation from the pod.',
  })
  assert.match(
    (await explain('shop', 'odd-1')).text,
    /Loggy ignores the annotation loggy\.io\/exclude: "yes"; expected "true" or "false"\./,
  )
  assert.deepEqual(await explain('kube-system', 'dns-1'), {
    isCollected: false,
    text: 'Container app is excluded by select.namespaces.exclude: kube-system.\nTo collect it, change select.namespaces.exclude in Loggy\'s configuration, or annotate the pod: loggy.io/include="true".',
  })
  assert.deepEqual(await explain('shop', 'absent'), {
    isCollected: false,
    text: 'Node node-1 has no log of a pod shop/absent, and the API server has not reported such a pod on the node.',
  })
})

test('a pod that was made anew is explained, and its predecessor, whose log is still there, told apart', async (t) => {
  const { node, json, start } = await startNode(t)
  const predecessor = node.kubelet.startPod(web)
  await start()
  predecessor.container().write('stdout', 'old')
  await node.entry('old')
  predecessor.withdraw()
  node.kubelet.startPod({ ...web, annotations: { 'loggy.io/exclude': 'true' } })
  const explain = async () => (await json('/api/explain?namespace=shop&pod=web-1')).body
  const isTold = ({ sentences }: Answer) => sentences.some((sentence) => sentence.includes('is excluded by'))
  await waitUntil('the new one is decided on', async () => isTold(await explain()))
  const { isCollected, sentences } = await explain()
  assert.equal(isCollected, false)
  assert.ok(sentences.includes('Container app is excluded by loggy.io/exclude: "true".'), sentences.join('\n'))
  assert.ok(sentences.some((sentence) => sentence.startsWith('Container app of another pod of this name is collected')))
})

test('shows the page, under a policy that lets nothing but itself run', async (t) => {
  const { url, start } = await startNode(t)
  await start()
  const response = await fetch(`${url}/?labels=app%3Dweb`)
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'none'; script-src 'sha256-/)
  assert.match(await response.text(), /^<!doctype html>/i)
})

test('says what is wrong with a request', async (t) => {
  const { node, json, url, port, start } = await startNode(t)
  await start()
  assert.equal((await json('/api/explain?namespace=shop')).status, 400)
  assert.equal((await json('/api/tail?labels=%3D%3D')).status, 400)
  assert.equal((await json('/elsewhere')).status, 404)
  assert.equal((await fetch(`${url}/api/containers`, { method: 'POST' })).status, 405)
  const foreign = request({ port, host: '127.0.0.1', path: '/api/containers', headers: { host: 'evil.example' } }).end()
  const [response] = await once(foreign, 'response')
  response.resume()
  assert.equal(response.statusCode, 403)
  const odd = request({ port, host: '127.0.0.1', path: '//' }).end()
  const [answer] = await once(odd, 'response')
  answer.resume()
  assert.equal(answer.statusCode, 400)
  assert.deepEqual(node.noise, [])
  assert.deepEqual(
    node.agentLog.filter(({ level }) => level !== 'info'),
    [],
  )
})

test('a port in use is told, and the lines go on', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.after(() => taken.close())
  const address = taken.address()
  assert.ok(address !== null && typeof address === 'object')
  const node = await TestNode.start(t, { config: { api: { port: address.port } } })
  const pod = node.kubelet.startPod(web)
  await node.startAgent()
  pod.container().write('stdout', 'hello')
  await node.entry('hello')
  await waitUntil('told', () => node.agentLog.some(({ message }) => message.startsWith('the local API cannot listen')))
  assert.equal(await node.stopAgent(), 0)
})

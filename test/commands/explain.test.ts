import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { explain } from '../../src/commands/explain.ts'
import { FakeAgent } from '../support/fake-agent.ts'
import { Laptop } from '../support/laptop.ts'
import type { ForwardTarget } from '../support/port-forward.ts'
import { waitUntil } from '../support/wait-until.ts'

test("says what the agent on the pod's node says, and exits with 0 for a pod that is collected", async (t) => {
  const { laptop, agent, ask } = await setUp(t)
  laptop.addAgent('loggy-2', 'n2', { to: { refused: true } })
  assert.deepEqual(await ask('shop/web-1'), { code: 0, shown: 'Container app is collected.\n', told: '' })
  assert.deepEqual(await ask('-n', 'shop', 'web-1'), await ask('shop/web-1'))
  assert.equal(agent.asked[0], '/api/explain?namespace=shop&pod=web-1')
  await ask('shop/web-1', '--lines', '20')
  assert.equal(agent.asked.at(-1), '/api/explain?namespace=shop&pod=web-1&lines=20')
  assert.deepEqual(laptop.forwards.asked[0], { namespace: 'loggy', pod: 'loggy-1', port: 9181 })
})

test('exits with 1 for a pod that is not collected; control characters of its answer do no harm', async (t) => {
  const { agent, ask } = await setUp(t)
  agent.answer = { isCollected: false, sentences: ['left out by \x1b[2Jselect', 'To collect it, change that.'] }
  const shown = 'left out by \\x1b[2Jselect\nTo collect it, change that.\n'
  assert.deepEqual(await ask('shop/web-1'), { code: 1, shown, told: '' })
})

test('passes the answer unchanged as json', async (t) => {
  const { agent, ask } = await setUp(t)
  const { code, shown } = await ask('shop/web-1', '-o', 'json')
  assert.deepEqual([code, shown], [0, `${JSON.stringify(agent.answer)}\n`])
})

test('asks the port, namespace and labels that it is told to', async (t) => {
  const { laptop, ask } = await setUp(t)
  const argv = ['--port', '9000', '--agent-namespace', 'logs', '--agent-selector', 'app=loggy']
  const { told } = await ask('shop/web-1', ...argv)
  assert.match(told, /^loggy explain: There is no agent in namespace logs: no pod there has the labels app=loggy\.\n/)
  assert.equal((await ask('shop/web-1', '--port', '9000')).code, 0)
  assert.equal(laptop.forwards.asked.at(-1)?.port, 9000)
})

/** Why there is no telling, what is changed for that, and what is told. */
const unknownResults: readonly (readonly [string, (laptop: Laptop, agent: FakeAgent) => unknown, RegExp])[] = [
  ['the pod is not scheduled', (laptop) => laptop.addPod('web-1', undefined), /not scheduled to any node yet/],
  ['the node has no agent', (laptop) => laptop.addPod('web-1', 'n9'), /None of the 1 agents runs on node n9/],
  [
    'the agent does not run',
    (laptop) => laptop.addAgent('loggy-1', 'n1', { to: { refused: true }, phase: 'Pending' }),
    /agent loggy\/loggy-1 on node n1 does not run: it is Pending\.\n.*describe pod loggy-1 shows why/,
  ],
  [
    'nothing listens there',
    (laptop) => laptop.addAgent('loggy-1', 'n1', { to: { refused: true } }),
    /The agent does not listen on that port\.\n.*api\.port .*--port/,
  ],
  [
    'the agent is too old',
    (_, agent) => fail(agent, 404, 'there is no /api/explain'),
    /answered 404: there is no.*\n.*too old/,
  ],
  ['the agent has a fault', (_, agent) => fail(agent, 500, 'oops'), /The agent answered 500: oops\./],
  ['the agent sends nonsense', (_, agent) => Object.assign(agent, { answer: {} }), /invalid answer/],
]

/** What the API server refuses, what is changed for that, and what kubectl would say. */
const refusals: readonly (readonly [string, (laptop: Laptop) => unknown, RegExp])[] = [
  [
    'there is no such pod',
    ({ server }) => server.delete(webPod),
    /^Error from server \(NotFound\): pods "web-1" not found\n$/,
  ],
  [
    'the pod may not be read',
    ({ server }) => server.deny('get', 'pods'),
    /^Error from server \(Forbidden\): pods is forbidden: .*cannot get .*\nAsk an administrator for the rights in Loggy's rbac\/reader/,
  ],
  [
    'the agents may not be listed',
    ({ server }) => server.deny('list', 'pods'),
    /^Error from server \(Forbidden\): .*cannot list .*\n.*rbac\/reader/,
  ],
  [
    'the agent may not be reached',
    (laptop) => laptop.addAgent('loggy-1', 'n1', { to: forbidden }),
    /^Error from server \(Forbidden\): pods "loggy-1" is forbidden\n.*rbac\/reader/,
  ],
  ['the API server is away', ({ server }) => server.down(), /^Unable to connect to the server: .*ECONNREFUSED/],
]

const webPod = { kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop' } } as const
const forbidden: ForwardTarget = {
  status: 403,
  body: '{"kind":"Status","message":"pods \\"loggy-1\\" is forbidden","reason":"Forbidden","code":403}',
}
const fail = (agent: FakeAgent, status: number, error: string) => Object.assign(agent, { failure: { status, error } })

for (const [why, change, told] of unknownResults) {
  test(`exits with 3 and says what to do when ${why}`, async (t) => {
    const { laptop, agent, ask } = await setUp(t)
    await change(laptop, agent)
    const result = await ask('shop/web-1')
    assert.deepEqual([result.code, result.shown], [3, ''])
    assert.match(result.told, told)
  })
}

for (const [why, change, told] of refusals) {
  test(`exits with 1 and says what kubectl would when ${why}`, async (t) => {
    const { laptop, ask } = await setUp(t)
    await change(laptop)
    const result = await ask('shop/web-1')
    assert.deepEqual([result.code, result.shown], [1, ''])
    assert.match(result.told, told)
  })
}

test('exits with 1 without a way to the cluster', async (t) => {
  const { ask } = await setUp(t)
  const missing = await ask('shop/web-1', '--kubeconfig', '/no/such/file')
  assert.equal(missing.code, 1)
  assert.match(missing.told, /^error: .*in \/no\/such\/file: ENOENT/)
  const other = await ask('shop/web-1', '--context', 'other')
  assert.equal(other.code, 1)
  assert.match(other.told, /it has no context 'other'; its contexts: simulation/)
  assert.equal((await ask('shop/web-1', '--context', 'simulation')).code, 0)
})

test('names every fault of its arguments as kubectl does and exits with 1; explains itself when asked to', async (t) => {
  const { laptop, ask } = await setUp(t)
  const { code, told } = await ask('a/b/c', '--port', '0', '-o', 'wide')
  assert.equal(code, 1)
  assert.equal(told.split('\n').length, 5, told)
  for (const line of told.split('\n').slice(0, 3)) assert.match(line, /^error: /)
  assert.match(told, /\nSee 'loggy explain --help' for usage\.\n$/)
  assert.match((await ask('--help')).shown, /^Usage: loggy explain/)
  const asPlugin: typeof explain = (argv, io) => explain(argv, { ...io, program: 'kubectl loggy' })
  assert.match((await laptop.start(asPlugin, ['--help']).result()).shown, /^Usage: kubectl loggy explain POD/)
  assert.match((await laptop.start(asPlugin, []).result()).told, /See 'kubectl loggy explain --help' for usage\.\n$/)
})

test('looks for a pod in the namespace of the kubeconfig, or in the one that is named', async (t) => {
  const { laptop, agent, ask } = await setUp(t)
  const elsewhere = await ask('web-1')
  assert.deepEqual([elsewhere.code, elsewhere.told], [1, 'Error from server (NotFound): pods "web-1" not found\n'])
  laptop.useNamespace('shop')
  assert.equal((await ask('web-1')).code, 0)
  assert.equal((await ask('pod/web-1')).code, 0)
  assert.equal((await ask('pods/web-1', '-n', 'bank')).code, 1)
  assert.equal(agent.asked.length, 2)
})

test('asks for all pods of a workload, found by their owners', async (t) => {
  const { laptop, agent, ask } = await setUp(t)
  laptop.useNamespace('shop')
  const owned = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] })
  const labels = { 'pod-template-hash': '7c5d9f' }
  laptop.addPod('web-7c5d9f-a', 'n1', { ...owned('ReplicaSet', 'web-7c5d9f'), labels })
  laptop.addPod('web-7c5d9f-b', 'n1', { ...owned('ReplicaSet', 'web-7c5d9f'), labels })
  laptop.addPod('other', 'n1', owned('StatefulSet', 'web'))
  const expected = [
    'shop/web-7c5d9f-a\n  Container app is collected.\n',
    'shop/web-7c5d9f-b\n  Container app is collected.\n',
  ].join('')
  for (const name of ['deployment/web', 'deploy/web', 'deployments.apps/web', 'rs/web-7c5d9f'])
    assert.deepEqual(await ask(name), { code: 0, shown: expected, told: '' }, name)
  const json = JSON.parse((await ask('deploy/web', '-o', 'json')).shown)
  assert.deepEqual(json.items[0], { namespace: 'shop', pod: 'web-7c5d9f-a', ...agent.answer })
  const none = await ask('daemonset/web')
  assert.deepEqual([none.code, none.told], [1, 'error: no pods of DaemonSet/web in namespace shop\n'])
})

test('asks for all pods that a selector matches, in one namespace or in all', async (t) => {
  const { laptop, agent, ask } = await setUp(t)
  laptop.addPod('a', 'n1', { namespace: 'shop', labels: { app: 'web' } })
  laptop.addPod('b', 'n1', { namespace: 'bank', labels: { app: 'web' } })
  const podsOf = async (...argv: string[]) =>
    JSON.parse((await ask(...argv, '-o', 'json')).shown).items.map((item: { pod: string }) => item.pod)
  assert.deepEqual(await podsOf('-l', 'app=web', '-n', 'shop'), ['a'])
  assert.deepEqual((await podsOf('-l', 'app=web', '--all-namespaces')).sort(), ['a', 'b'])
  laptop.addPod('c', 'n9', { namespace: 'bank', labels: { app: 'web' } })
  const some = await ask('-l', 'app=web', '-n', 'bank')
  assert.deepEqual([some.code, some.shown], [3, 'bank/b\n  Container app is collected.\n'])
  assert.match(some.told, /^loggy explain: bank\/c: None of the 1 agents runs on node n9/)
  const none = await ask('--selector', 'app=web')
  assert.deepEqual([none.code, none.told], [1, 'error: no matching resources found\n'])
  agent.answer = { isCollected: false, sentences: ['Left out.'] }
  assert.equal((await ask('-l', 'app=web', '-n', 'shop')).code, 1)
})

test('shows the answer as YAML', async (t) => {
  const { ask } = await setUp(t)
  const { shown } = await ask('shop/web-1', '-o', 'yaml')
  assert.equal(shown, 'node: n1\nisCollected: true\nsentences:\n  - Container app is collected.\ncontainers: []\n')
})

test('exits with 3 and says what may have happened when the agent ends while it is asked', async (t) => {
  const { laptop, agent } = await setUp(t)
  agent.isSilent = true
  const run = laptop.start(explain, ['shop/web-1'])
  await waitUntil('the agent is asked', () => agent.asked.length > 0)
  agent.cut()
  const { code, shown, told } = await run.result()
  assert.deepEqual([code, shown], [3, ''])
  assert.match(told, /^loggy explain: The connection broke .*the agent may have ended.*Try again\.\n$/)
})

test('is interrupted while it waits for an agent', async (t) => {
  const { laptop, agent } = await setUp(t)
  agent.isSilent = true
  const run = laptop.start(explain, ['shop/web-1'])
  await waitUntil('the agent is asked', () => agent.asked.length > 0)
  run.interrupt()
  assert.deepEqual(await run.result(), { code: 130, shown: '', told: '' })
})

async function setUp(t: TestContext) {
  const [laptop, agent] = [await Laptop.create(t), await FakeAgent.start(t)]
  laptop.addPod('web-1', 'n1')
  laptop.addAgent('loggy-1', 'n1', { to: agent })
  const ask = async (...argv: string[]) => await laptop.start(explain, argv).result()
  return { laptop, agent, ask }
}

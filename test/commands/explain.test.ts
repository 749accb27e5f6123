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
  [
    'there is no such pod',
    ({ server }) => server.delete(webPod),
    /There is no pod shop\/web-1\.\n.*kubectl -n shop get pods/,
  ],
  ['the pod is not scheduled', (laptop) => laptop.addPod('web-1', undefined), /not scheduled to any node yet/],
  ['the node has no agent', (laptop) => laptop.addPod('web-1', 'n9'), /None of the 1 agents runs on node n9/],
  [
    'the agent does not run',
    (laptop) => laptop.addAgent('loggy-1', 'n1', { to: { refused: true }, phase: 'Pending' }),
    /agent loggy\/loggy-1 on node n1 does not run: it is Pending\.\n.*describe pod loggy-1 shows why/,
  ],
  [
    'the pod may not be read',
    ({ server }) => server.deny('get', 'pods'),
    /answered 403: pods is forbidden: .*cannot get .*\n.*Ask an administrator for the rights in Loggy's rbac\/reader/,
  ],
  ['the agents may not be listed', ({ server }) => server.deny('list', 'pods'), /cannot list .*\n.*rbac\/reader/],
  [
    'the agent may not be reached',
    (laptop) => laptop.addAgent('loggy-1', 'n1', { to: forbidden }),
    /answered 403: pods "loggy-1" is forbidden\.\n.*rbac\/reader/,
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
  ['the API server is away', ({ server }) => server.down(), /No answer from the API server: .*ECONNREFUSED/],
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

test('exits with 3 without a way to the cluster', async (t) => {
  const { ask } = await setUp(t)
  const missing = await ask('shop/web-1', '--kubeconfig', '/no/such/file')
  assert.equal(missing.code, 3)
  assert.match(missing.told, /in \/no\/such\/file: ENOENT/)
  const other = await ask('shop/web-1', '--context', 'other')
  assert.equal(other.code, 3)
  assert.match(other.told, /it has no context 'other'; its contexts: simulation/)
  assert.equal((await ask('shop/web-1', '--context', 'simulation')).code, 0)
})

test('names every fault of its arguments and exits with 2; explains itself when asked to', async (t) => {
  const { ask } = await setUp(t)
  const { code, told } = await ask('web-1', '--port', '0', '-o', 'wide')
  assert.equal(code, 2)
  assert.equal(told.split('\n').length, 5, told)
  assert.match(told, /Try 'loggy explain --help'\.\n$/)
  assert.match((await ask('--help')).shown, /^Usage: loggy explain/)
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

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { tail } from '../../src/commands/tail.ts'
import { entry, FakeAgent } from '../support/fake-agent.ts'
import { Laptop } from '../support/laptop.ts'
import { waitUntil } from '../support/wait-until.ts'

const at = (second: number) => ({ time: `2026-11-22T07:00:0${second}Z` })

test('shows the entries of all nodes in the order of their times until it is interrupted', async (t) => {
  const { start, agents } = await setUp(t, 2)
  const run = start('--utc')
  await agents[0].say(entry('third', { ...at(3), pod: 'a' }))
  await agents[1].say(entry('first', { ...at(1), pod: 'b' }))
  await agents[0].say(entry('fourth', { ...at(4), pod: 'a' }))
  await agents[1].say(entry('second', { ...at(2), pod: 'b' }))
  await run.until('all are shown', ({ shown }) => shown.split('\n').length === 5)
  run.interrupt()
  assert.deepEqual(await run.result(), {
    code: 130,
    shown: [
      '07:00:01.000Z b/app | first\n',
      '07:00:02.000Z b/app | second\n',
      '07:00:03.000Z a/app | third\n',
      '07:00:04.000Z a/app | fourth\n',
    ].join(''),
    told: '',
  })
  await waitUntil('nobody follows any more', () => agents.every(({ readerCount }) => readerCount === 0))
})

test('asks the agents to filter', async (t) => {
  const { start, agents } = await setUp(t, 1)
  const argv = [
    '-l',
    'app=web',
    '-A',
    'team=payments',
    '-n',
    'shop',
    '--pod',
    'web-*',
    '--container',
    'app',
    '--grep',
    'a b&c',
  ]
  const run = start(...argv)
  await agents[0].say(entry('x'))
  await run.until('it is shown', ({ shown }) => shown.endsWith('| x\n'))
  const { pathname, searchParams } = new URL(agents[0].asked[0] ?? '', 'http://localhost')
  assert.equal(pathname, '/api/tail')
  assert.deepEqual(Object.fromEntries(searchParams), {
    labels: 'app=web',
    annotations: 'team=payments',
    namespace: 'shop',
    pod: 'web-*',
    container: 'app',
    grep: 'a b&c',
  })
})

test('passes the bytes of entries unchanged as json, colours text when told to, and makes it harmless', async (t) => {
  const { start, agents } = await setUp(t, 1)
  const odd =
    ' {"log":"\\u00e9 日本 \\u001b[2J", "kubernetes": {"pod":"p","namespace":"n","container":"c"},  "extra":1e3}'
  const [json, colored] = [start('-o', 'json'), start('--color', 'always')]
  await waitUntil('both follow', () => agents[0].readerCount === 2)
  await agents[0].say(odd)
  const { shown } = await json.until('it is passed on', (seen) => seen.shown.endsWith('\n'))
  assert.equal(shown, `${odd}\n`)
  await colored.until('it is coloured', (seen) => seen.shown.includes('mp/c\x1b[39m | é 日本 \\x1b[2J\n'))
})

test('says how many entries an agent left out', async (t) => {
  const { start, agents } = await setUp(t, 1)
  const run = start()
  await waitUntil('it follows', () => agents[0].readerCount === 1)
  agents[0].drop(17)
  await run.until('it is told', ({ told }) => told.startsWith('loggy tail: node n1 (loggy-1): 17 entries were dropped'))
})

test('follows an agent again whose stream broke off, and says so', async (t) => {
  const { start, agents } = await setUp(t, 1)
  const run = start()
  await agents[0].say(entry('before'))
  await run.until('it is shown', ({ shown }) => shown.endsWith('| before\n'))
  agents[0].cut()
  await agents[0].say(entry('after'))
  const { told } = await run.until('it is followed again', ({ shown }) => shown.endsWith('| after\n'))
  assert.match(told, /^loggy tail: node n1 \(loggy-1\): not connected, retrying: .*\nloggy tail: .*: connected\n$/)
})

test('follows agents that come, lets go those that end, and goes on meanwhile', async (t) => {
  const { laptop, start, agents } = await setUp(t, 1)
  const run = start()
  await waitUntil('it follows', () => agents[0].readerCount === 1)
  const late = await FakeAgent.start(t)
  const pod = laptop.addAgent('loggy-late', 'n7', { to: late })
  await late.say(entry('from the new one'))
  await run.until('it is shown', ({ shown }) => shown.endsWith('| from the new one\n'))
  laptop.server.delete(pod)
  late.cut()
  const { told } = await run.until('it is told', (seen) => seen.told.includes('ended'))
  assert.equal(
    told,
    'loggy tail: node n7 (loggy-late): connected\nloggy tail: node n7 (loggy-late): the agent has ended\n',
  )
  await agents[0].say(entry('from the old one'))
  await run.until('the other is followed', ({ shown }) => shown.endsWith('| from the old one\n'))
})

test('says which agents cannot be reached, once, and shows those that can', async (t) => {
  const { laptop, start, agents } = await setUp(t, 1)
  laptop.addAgent('loggy-2', 'n2', { to: { refused: true } })
  const run = start()
  await waitUntil('it has tried again', () => laptop.forwards.asked.filter(({ pod }) => pod === 'loggy-2').length > 1)
  await agents[0].say(entry('x'))
  const { told } = await run.until('the other is followed', ({ shown }) => shown.endsWith('| x\n'))
  assert.match(
    told,
    /^loggy tail: node n2 \(loggy-2\): not connected, retrying: The agent does not listen on that port[^\n]*\n$/,
  )
})

test('waits for an agent where none runs', async (t) => {
  const { laptop, start } = await setUp(t, 0)
  const run = start()
  const where = 'in namespace loggy with the labels app.kubernetes.io/name=loggy (--agent-namespace, --agent-selector)'
  await run.until('it is told', ({ told }) => told === `loggy tail: no agent runs ${where}; waiting for one\n`)
  const late = await FakeAgent.start(t)
  laptop.addAgent('loggy-1', 'n1', { to: late })
  await late.say(entry('x'))
  await run.until('it is shown', ({ shown }) => shown.endsWith('| x\n'))
})

test('ends with 0 when the reader of its output has seen enough', async (t) => {
  const { start, agents } = await setUp(t, 1)
  const run = start()
  await waitUntil('it follows', () => agents[0].readerCount === 1)
  run.stdout.destroy()
  await agents[0].say(entry('x'))
  assert.equal(await run.code, 0)
  await waitUntil('nobody follows any more', () => agents[0].readerCount === 0)
})

test('ends with 1 and says which rights are missing', async (t) => {
  const { laptop, start } = await setUp(t, 1)
  laptop.addAgent('loggy-1', 'n1', {
    to: { status: 403, body: '{"kind":"Status","message":"no","reason":"Forbidden","code":403}' },
  })
  const unreachable = await start().result()
  laptop.server.deny('list', 'pods')
  const unlisted = await start().result()
  for (const { code, told } of [unreachable, unlisted]) {
    assert.equal(code, 1)
    assert.match(told, /^Error from server \(Forbidden\): .*\n.*rbac\/reader.*pods\/portforward/)
  }
})

test('ends with 1 when there is no way to the cluster', async (t) => {
  const { laptop, start } = await setUp(t, 1)
  assert.match((await start('--context', 'x').result()).told, /no context 'x'/)
  await laptop.server.down()
  const { code, told } = await start().result()
  assert.equal(code, 1)
  assert.match(told, /^Unable to connect to the server: .*ECONNREFUSED/)
})

test('ends with 1, as kubectl, for faults of its arguments, those that only the agents know among them', async (t) => {
  const { start, agents } = await setUp(t, 1)
  const { code, told } = await start('-l', '=', '-n', 'a,b', '--port', '0').result()
  assert.equal(code, 1)
  assert.equal(told.split('\n').length, 5, told)
  for (const line of told.split('\n').slice(0, 3)) assert.match(line, /^error: --/)
  assert.match(told, /\nSee 'loggy tail --help' for usage\.\n$/)
  agents[0].failure = { status: 400, error: "parameter 'pod' is longer than 2000 characters" }
  const refused = await start('--pod', '*a*a*a*a*').result()
  assert.equal(refused.code, 1)
  assert.match(refused.told, /^error: the agent answered 400: parameter /)
  assert.match((await start('--help').result()).shown, /^Usage: loggy tail/)
})

test('asks for a named pod in the namespace of the kubeconfig, and for the pods of a workload', async (t) => {
  const { laptop, start, agents } = await setUp(t, 1)
  laptop.useNamespace('shop')
  const queryOf = async (...argv: string[]) => {
    const before = agents[0].asked.length
    const run = start(...argv)
    await waitUntil('the agent is asked', () => agents[0].asked.length > before)
    run.interrupt()
    await run.result()
    return Object.fromEntries(new URL(agents[0].asked[before] ?? '', 'http://localhost').searchParams)
  }
  assert.deepEqual(await queryOf('counter'), { namespace: 'shop', pod: 'counter' })
  assert.deepEqual(await queryOf('pod/counter', '-n', 'bank'), { namespace: 'bank', pod: 'counter' })
  assert.deepEqual(await queryOf('deploy/web', '-c', 'app'), {
    namespace: 'shop',
    workload: 'Deployment/web',
    container: 'app',
  })
  assert.deepEqual(await queryOf('--selector', 'app=web', '--all-namespaces'), { labels: 'app=web' })
})

test('shows each entry as a YAML document', async (t) => {
  const { start, agents } = await setUp(t, 1)
  const run = start('-o', 'yaml')
  await agents[0].say(entry('one'))
  const { shown } = await run.until('it is shown', (seen) => seen.shown.includes('container: app\n'))
  assert.match(
    shown,
    /^---\ntime: 2026-11-22T07:00:00\.5Z\nstream: stdout\nkubernetes:\n {2}namespace: shop\n[\s\S]*log: one\n$/,
  )
})

/** What each of two agents does with what is asked for, and what a person is told of it. */
const selections: readonly (readonly [string, readonly [object, object], string])[] = [
  [
    'all is left out by one rule',
    [
      { containers: 2, excluded: { 'select.labels: app=web': 2 } },
      { containers: 1, excluded: { 'select.labels: app=web': 1 } },
    ],
    'nothing to show: all 3 containers that match are left out by select.labels: app=web; loggy explain says what to change',
  ],
  [
    'the only one is left out',
    [
      { containers: 1, excluded: { 'loggy.io/exclude: "true"': 1 } },
      { containers: 0, excluded: {} },
    ],
    'nothing to show: the only container that matches is left out by loggy.io/exclude: "true"; loggy explain says what to change',
  ],
  [
    'nothing matches',
    [
      { containers: 0, excluded: {} },
      { containers: 0, excluded: {} },
    ],
    'no container matches now; entries are shown when there is one',
  ],
]

for (const [what, reports, told] of selections)
  test(`says that nothing will come when ${what}, once all agents have told`, async (t) => {
    const { start, agents } = await setUp(t, 2)
    const run = start()
    await waitUntil('both are followed', () => agents.every(({ readerCount }) => readerCount === 1))
    agents[0].select(reports[0])
    await agents[0].say(entry('x'))
    const before = await run.until('the entry is shown', ({ shown }) => shown.endsWith('| x\n'))
    assert.equal(before.told, '')
    agents[1].select(reports[1])
    await run.until('it is told', (seen) => seen.told === `loggy tail: ${told}\n`)
  })

test('says nothing of what one agent leaves out while another has something to show', async (t) => {
  const { start, agents } = await setUp(t, 2)
  const run = start()
  await waitUntil('both are followed', () => agents.every(({ readerCount }) => readerCount === 1))
  agents[1].select({ containers: 1, excluded: { 'select.labels: app=web': 1 } })
  await agents[0].say(entry('x'))
  const { told } = await run.until('the entry is shown', ({ shown }) => shown.endsWith('| x\n'))
  assert.equal(told, '')
})

async function setUp(t: TestContext, count: 0 | 1 | 2) {
  const laptop = await Laptop.create(t)
  const [one, two] = [await FakeAgent.start(t), await FakeAgent.start(t)] as const
  for (const [index, agent] of [one, two].slice(0, count).entries())
    laptop.addAgent(`loggy-${index + 1}`, `n${index + 1}`, { to: agent })
  return { laptop, agents: [one, two] as const, start: (...argv: string[]) => laptop.start(tail, argv) }
}

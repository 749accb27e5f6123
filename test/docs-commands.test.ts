import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { check } from '../src/commands/check.ts'
import { completion } from '../src/commands/completion.ts'
import { demo } from '../src/commands/demo.ts'
import { doctor } from '../src/commands/doctor.ts'
import { explain } from '../src/commands/explain.ts'
import { replay } from '../src/commands/replay.ts'
import { run } from '../src/commands/run.ts'
import { tail } from '../src/commands/tail.ts'
import { view } from '../src/commands/view.ts'
import { writeDeadLetter } from '../src/delivery/dead-letter.ts'
import { freePort } from '../src/simulation/free-port.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { Collector } from './support/collector.ts'
import { Laptop } from './support/laptop.ts'
import { pageCommands } from './support/page-commands.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

type Command = (argv: readonly string[], io: never) => Promise<number>

const commands: Readonly<Record<string, Command>> = {
  check,
  completion,
  demo,
  doctor,
  explain,
  replay,
  run,
  tail,
  view,
}

/** Once each: what stands behind `loggy`, whoever calls it. */
const given = Map.groupBy(
  pageCommands.flatMap(({ words, page }) => {
    const before = words[0] === 'kubectl' ? '--' : 'npx'
    const at = words.findIndex(
      (word, index) => /^loggy(-agent)?$/.test(word) && (index === 0 || words[index - 1] === before),
    )
    const argv = at < 0 ? [] : words.slice(at + 1)
    // `loggy …` stands for any command.
    return argv.length === 0 || argv[0] === '…' ? [] : [{ page, argv }]
  }),
  ({ argv }) => argv.join(' '),
)
const all = Array.from(given.values(), ([first]) => first ?? assert.fail())
const OWN = /^(\/etc\/loggy\/loggy\.yaml|FILE)$/
const DEAD_LETTERS = '/var/lib/loggy/dead-letter.ndjson'

const podOf = (name: string, { kind, owner, container }: Record<'kind' | 'owner' | 'container', string>): PodSpec => ({
  name,
  namespace: 'shop',
  labels: { app: 'web', 'pod-template-hash': '7c5d' },
  annotations: { team: 'payments' },
  owner: { apiVersion: 'apps/v1', kind, name: owner, uid: owner, controller: true, blockOwnerDeletion: true },
  containers: [{ name: container, image: 'shop/web:1' }],
})

/** The pods that pages name, on a node with the real agent and its destination, and a laptop that reaches that agent. */
async function setUp(t: TestContext) {
  const [collector, port] = [new Collector(), await freePort()]
  await collector.start()
  t.after(() => collector.stop())
  const sink = { type: 'http', url: collector.url }
  const node = await TestNode.start(t, { config: { api: { port }, sink } })
  const laptop = await Laptop.create(t)
  laptop.useNamespace('shop')
  const specs = [
    podOf('web-7c5d-x2x9z', { kind: 'ReplicaSet', owner: 'web-7c5d', container: 'app' }),
    podOf('db-0', { kind: 'StatefulSet', owner: 'db', container: 'postgres' }),
  ]
  const pods = specs.map((spec) => node.kubelet.startPod(spec))
  for (const { name, labels, owner } of specs) laptop.addPod(name, 'node-1', { labels, ownerReferences: [owner] })
  for (const namespace of ['loggy', 'logging'])
    laptop.addAgent(`agent-${namespace}`, 'node-1', { to: { port }, namespace })
  const write = () => {
    for (const pod of pods) pod.container().write('stdout', 'GET /cart timeout')
  }
  write()
  await node.startAgent()
  await waitUntil('both lines have come', () => collector.received().length === pods.length)
  return { node, collector, laptop, write }
}

type Scene = Awaited<ReturnType<typeof setUp>>

/** Runs a command of a page where the agent runs; resolves with its output. */
async function runThere(argv: readonly string[], { node }: Scene, stdin = ''): Promise<string> {
  const [name = '', ...words] = argv
  const here = words.map((word) => (OWN.test(word) ? node.configPath : word.replace(DEAD_LETTERS, node.deadLetterPath)))
  // A sentence may leave out which configuration is meant.
  const config = /^(check|doctor|replay)$/.test(name) && !here.includes('--config') ? ['--config', node.configPath] : []
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const seen = { stdout: '', stderr: '' }
  stdout.on('data', (text) => (seen.stdout += text))
  stderr.on('data', (text) => (seen.stderr += text))
  const stream = Readable.from([Buffer.from(stdin)])
  const io = { stdin: stream, stdout, stderr, env: {}, signal: new AbortController().signal }
  const code = await (commands[name] ?? assert.fail(name))([...here, ...config], io as never)
  assert.equal(code, 0, `loggy ${argv.join(' ')}: ${JSON.stringify(seen)}`)
  return seen.stdout
}

/** What `kubectl logs` of an agent with the sink `stdout` shows: entries, and the agent's own log. */
function agentOutput({ node, collector }: Scene): string {
  return [...node.agentLog.map((record) => JSON.stringify(record)), ...collector.received(), ''].join('\n')
}

test('each command of Loggy in a page has a name and options that there are', async () => {
  assert.ok(all.length > 20)
  for (const { page, argv } of all) {
    const [name = '', ...options] = argv
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const io = { stdout, stderr, env: {}, signal: new AbortController().signal }
    const command = commands[name] ?? assert.fail(`${page}: loggy ${argv.join(' ')}`)
    // With --help a command reads its options, refuses unknown ones, and does nothing.
    assert.equal(await command([...options, '--help'], io as never), 0, `${page}: ${stderr.read()}`)
  }
})

/** How each command is run as a page has it, and what has to come of it. */
const looks: Readonly<Record<string, (scene: Scene, argv: readonly string[]) => Promise<void>>> = {
  async explain({ laptop }, argv) {
    const words = argv.slice(1).map((word) => word.replace('NAMESPACE', 'shop').replace('POD', 'web-7c5d-x2x9z'))
    const { code, shown, told } = await laptop.start(explain, words).result()
    assert.deepEqual([code, told], [0, ''], argv.join(' '))
    assert.match(shown, /^(shop\/\S+: |\S+\n *)?Container \w+ is collected by the options under `select`\./m)
  },
  async tail({ laptop, write }, argv) {
    const following = laptop.start(tail, argv.slice(1))
    await waitUntil(`lines come: ${argv.join(' ')}`, () => {
      write()
      return following.shown() !== ''
    })
    following.interrupt()
    const { code, shown, told } = await following.result()
    assert.deepEqual([code, told], [130, ''], argv.join(' '))
    const [line = ''] = shown.split('\n')
    if (argv.includes('json')) assert.equal(JSON.parse(line).log, 'GET /cart timeout')
    else assert.match(line, /^\d\d:\d\d:\d\d\.\d+ (web|db)-\S+ \| GET \/cart timeout$/)
  },
  async view(scene, argv) {
    const shown = await runThere(argv, scene, agentOutput(scene))
    assert.match(shown, /^\d\d:\d\d:\d\d\.\d+ web-7c5d-x2x9z\/app \| GET \/cart timeout$/m)
  },
  async check(scene, argv) {
    const shown = await runThere(argv, scene)
    if (argv.includes('--probe')) assert.match(shown, /^sink http, http:\S+: accepted \(\d+ ms\)\n$/)
    else assert.equal(parse(shown).sink.url, scene.collector.url)
  },
  async doctor(scene, argv) {
    const lines = (await runThere(argv, scene)).trimEnd().split('\n')
    for (const line of lines) assert.match(line, /^(ok {4}|warn {2})\w+ /)
  },
  async replay(scene, argv) {
    const { node, collector } = scene
    const [entry = ''] = collector.received()
    const why = { sink: 'http', status: 400, reason: 'no', at: '2026-11-22T07:00:00Z', tenant: '' }
    writeFileSync(node.deadLetterPath, writeDeadLetter(Buffer.from(entry.replace('GET', 'PUT')), why))
    await runThere(argv, scene)
    assert.ok(collector.received().some((line) => line.includes('PUT /cart')))
    assert.deepEqual(node.deadLetters(), [])
  },
  async completion(scene, [, shells = '']) {
    for (const shell of shells.split('|')) assert.match(await runThere(['completion', shell], scene), /loggy/)
  },
  async run({ node }, argv) {
    assert.deepEqual(argv, ['run', '--config', 'FILE'], 'the agent of this test was started so')
    assert.ok(node.agentLog.some(({ message }) => message === 'started'))
  },
}

test('each command of Loggy in a page does what the page says, with the real agent', async (t) => {
  const scene = await setUp(t)
  const whole = all.filter(({ argv }) => argv.length > 1)
  assert.ok(whole.length > 15)
  await Promise.all(
    whole.map(({ argv: [name = '', ...words], page }) => {
      const look = looks[name] ?? assert.fail(`${page}: who runs loggy ${name}?`)
      return look(scene, [name, ...words])
    }),
  )
})

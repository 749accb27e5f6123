import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { explain } from '../../src/commands/explain.ts'
import { tail } from '../../src/commands/tail.ts'
import { freePort } from '../../src/simulation/free-port.ts'
import type { PodSpec } from '../../src/simulation/pod-object.ts'
import { Laptop } from '../support/laptop.ts'
import { TestNode } from '../support/test-node.ts'
import { waitUntil } from '../support/wait-until.ts'

const web: PodSpec = {
  name: 'web-1',
  namespace: 'shop',
  labels: { app: 'web' },
  annotations: { team: 'payments' },
  containers: [{ name: 'app', image: 'shop/web:1' }],
}

test('explain says of a pod what its agent does with it', async (t) => {
  const { laptop, node, ask } = await setUp(t)
  node.kubelet.startPod(web).container().write('stdout', 'hello')
  node.kubelet.startPod({ ...web, name: 'quiet', annotations: { 'loggy.io/exclude': 'true' } })
  laptop.addPod('quiet', 'node-1')
  laptop.addPod('elsewhere', 'node-1')
  await node.entry('hello')
  await waitUntil('the ack is counted', async () => /entries delivered 1/.test((await ask('shop/web-1')).shown))
  const read = await ask('shop/web-1')
  assert.deepEqual([read.code, read.told], [0, ''])
  assert.match(read.shown, /^Container app is collected by the options under `select`\.\nIt is read at byte \d+ of /)
  assert.deepEqual(await ask('shop/quiet'), {
    code: 1,
    shown:
      'Container app is excluded by loggy.io/exclude: "true".\nTo collect it, remove that annotation from the pod.\n',
    told: '',
  })
  const unknown = await ask('shop/elsewhere')
  assert.equal(unknown.code, 1)
  assert.match(unknown.shown, /^Node node-1 has no log of a pod shop\/elsewhere/)
  const { shown } = await ask('shop/web-1', '-o', 'json')
  assert.equal(JSON.parse(shown).containers[0].counters.lines, 1)
})

test('explain says of the last lines why they are joined, with what is redacted of them left out', async (t) => {
  const { node, ask } = await setUp(t, { redact: { presets: ['tokens'] } })
  const container = node.kubelet.startPod(web).container()
  const write = (text: string) => container.write('stdout', text)
  for (const text of ['ready', 'ERROR password=hunter2secret', '\tat a.B.c(B.java:1)', 'next']) write(text)
  await node.entry('next')
  const { code, shown } = await ask('shop/web-1', '--lines', '3')
  assert.equal(code, 0)
  const [title, ...lines] = shown.trimEnd().split('\n').slice(-4)
  assert.match(title ?? '', /^The last lines of container app in .*\/0\.log:$/)
  assert.match(
    lines[0] ?? '',
    /^stdout begins a record of 2 lines, as it is a warning or worse.*: ERROR password=.*REDACTED/,
  )
  assert.deepEqual(lines.slice(1), [
    'stdout joined, as it is a stack frame: \tat a.B.c(B.java:1)',
    'stdout alone, as it is a line without a known form: next',
  ])
  assert.doesNotMatch((await ask('shop/web-1')).shown, /stdout/)
})

test('tail shows the entries of pods whose labels and annotations match, byte for byte, and is let go of', async (t) => {
  const { laptop, node } = await setUp(t)
  const [both, other] = [node.kubelet.startPod(web), node.kubelet.startPod({ ...web, name: 'web-2', annotations: {} })]
  const write = (text: string) => {
    for (const pod of [both, other]) pod.container().write('stdout', text)
  }
  write('before')
  await waitUntil('both are read', () => node.logs().length === 2)
  const run = laptop.start(tail, ['-l', 'app=web', '-A', 'team=payments', '-o', 'json', '--grep', 'é "wanted"'])
  await waitUntil('the agent is asked', () => laptop.forwards.sockets.size > 0)
  // The agent shows what comes once it has the question, which is a moment after the way to it is open.
  let count = 0
  await waitUntil('it follows', () => {
    write(`é "wanted" ${count++}`)
    write('unwanted')
    return run.shown() !== ''
  })
  run.interrupt()
  const { code, shown, told } = await run.result()
  assert.deepEqual([code, told], [130, ''])
  const seen = shown.split('\n').slice(0, -1)
  const delivered = node.entries.filter(({ log, kubernetes }) => kubernetes.pod === 'web-1' && log.includes('wanted"'))
  const first = delivered.findIndex(({ log }) => log === JSON.parse(seen[0] ?? '').log)
  assert.deepEqual(
    seen,
    delivered.slice(first, first + seen.length).map((entry) => JSON.stringify(entry)),
  )
  await waitUntil('the way to the agent is closed', () => laptop.forwards.sockets.size === 0)
})

test('tail of a workload shows its pods only, and says so when the selection leaves all of them out', async (t) => {
  const { laptop, node } = await setUp(t)
  laptop.useNamespace('shop')
  const ownedBy = (kind: string, name: string) => ({
    labels: { 'pod-template-hash': '7c5d9f' },
    owner: { apiVersion: 'apps/v1', kind, name, uid: name, controller: true, blockOwnerDeletion: true } as const,
  })
  const owned = { ...web, ...ownedBy('ReplicaSet', 'web-7c5d9f') }
  const [mine, other] = [node.kubelet.startPod(owned), node.kubelet.startPod({ ...web, name: 'web-2' })]
  node.kubelet
    .startPod({
      ...web,
      ...ownedBy('StatefulSet', 'quiet'),
      name: 'quiet-0',
      annotations: { 'loggy.io/exclude': 'true' },
    })
    .container()
    .write('stdout', 'never')
  const run = laptop.start(tail, ['deployment/web', '-o', 'json'])
  let count = 0
  await waitUntil('it follows', () => {
    other.container().write('stdout', 'of another')
    mine.container().write('stdout', `mine ${count++}`)
    return run.shown() !== ''
  })
  run.interrupt()
  const { shown } = await run.result()
  for (const line of shown.trimEnd().split('\n')) assert.match(JSON.parse(line).log, /^mine /)
  const quiet = laptop.start(tail, ['sts/quiet'])
  await quiet.until('it is told', ({ told }) =>
    told.includes('nothing to show: the only container that matches is left out by loggy.io/exclude: "true"'),
  )
})

test('tail ends with 1 when a real agent finds fault with the question', async (t) => {
  const { laptop } = await setUp(t)
  const { code, told } = await laptop.start(tail, ['--grep', 'x'.repeat(3000)]).result()
  assert.equal(code, 1)
  assert.match(told, /answered 400: .*longer than 2000 characters/)
})

/** A simulated node with the real agent, which a laptop reaches as `loggy-1` on `node-1`. */
async function setUp(t: TestContext, config: Readonly<Record<string, object>> = {}) {
  const port = await freePort()
  const node = await TestNode.start(t, { config: { api: { port }, ...config } })
  await node.startAgent()
  await waitUntil('it listens', () =>
    fetch(`http://127.0.0.1:${port}/api/containers`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  const laptop = await Laptop.create(t)
  laptop.addPod('web-1', 'node-1')
  laptop.addAgent('loggy-1', 'node-1', { to: { port } })
  const ask = async (...argv: string[]) => await laptop.start(explain, argv).result()
  return { laptop, node, ask }
}

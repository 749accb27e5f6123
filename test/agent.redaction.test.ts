import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../src/simulation/free-port.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { privateKey } from './redact/positives.ts'
import { Collector } from './support/collector.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web = (annotations: PodSpec['annotations'] = {}): PodSpec => ({
  namespace: 'shop',
  name: 'web',
  annotations,
  containers: [{ name: 'app', image: 'shop/web:1' }],
})
const SECRET = 'hunter2-s3cr3t'

/** All bytes of the files in a folder. */
function contentOf(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n')
}

test('a secret is in no exit: destination, dead letter, follower, explanation, state, own log', async (t) => {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  const ports = { api: { port: await freePort() }, metrics: { port: await freePort() } }
  const node = await TestNode.start(t, {
    config: { sink: { type: 'http', url: collector.url, schema: 'ecs' }, redact: { presets: ['tokens'] }, ...ports },
  })
  collector.refuseIf((lines) => (lines.includes('refused') ? { status: 422, body: 'no' } : undefined))
  const container = node.kubelet.startPod(web({ 'loggy.io/redact': 'emails' })).container()
  await node.startAgent()
  const api = `http://127.0.0.1:${ports.api.port}`
  const ending = new AbortController()
  t.after(() => ending.abort())
  let tail: Response | undefined
  await waitUntil('it listens', async () => {
    tail = await fetch(`${api}/api/tail`, { signal: ending.signal }).catch(() => undefined)
    return tail?.ok === true
  })
  let seen = ''
  const reading = (async () => {
    for await (const bytes of tail?.body ?? []) seen += Buffer.from(bytes).toString()
  })()
  reading.catch(() => {}) // ended by the test

  container.write('stdout', `password=${SECRET}, of jo@example.com`)
  container.write('stderr', `{"level":"error","refused":true,"token":"${SECRET}"}`)
  container.write('stdout', 'last')
  await waitUntil('the last is there', () => collector.received().some((line) => line.includes('"last"')))
  await waitUntil('there is a dead letter', () => node.deadLetters().length === 1)
  await waitUntil('the follower has three', () => seen.split('data: ').length > 3)
  const [first] = collector.received().map((line) => JSON.parse(line))
  assert.equal(first.message, 'password=[REDACTED:tokens], of [REDACTED:emails]')
  assert.deepEqual(first.loggy.redacted, ['emails', 'tokens'])
  const [letter] = node.deadLetters()
  assert.deepEqual([letter.level, letter.redacted], ['error', ['tokens']])
  const explanation = await (await fetch(`${api}/api/explain?namespace=shop&pod=web`)).text()
  assert.match(explanation, /Redacted in its lines: emails, tokens, by redact.presets and loggy.io\/redact/)
  const metrics = await (await fetch(`http://127.0.0.1:${ports.metrics.port}/metrics`)).text()
  assert.match(metrics, /loggy_redacted_total\{rule="emails"\} 1\n/)
  assert.match(metrics, /loggy_redacted_total\{rule="tokens"\} 2\n/)
  await node.stopAgent()
  const exits = [
    collector.received().join('\n'),
    seen,
    explanation,
    metrics,
    contentOf(join(node.root, 'state')),
    JSON.stringify(node.agentLog),
    node.noise.join('\n'),
  ]
  for (const exit of exits) assert.ok(!exit.includes(SECRET) && !exit.includes('jo@example.com'), exit)
})

test('a private key in whose middle the agent is killed, and the log rotated, goes whole', async (t) => {
  const config = { redact: { presets: ['tokens'] }, parse: { multiline: 'off' } }
  const node = await TestNode.start(t, { config })
  const container = node.kubelet.startPod(web()).container()
  await node.startAgent()
  container.write('stderr', 'begins')
  for (const line of privateKey.slice(0, 4)) container.write('stdout', line)
  await node.entry('begins')
  await node.kill()
  container.rotate()
  for (const line of privateKey.slice(4)) container.write('stdout', line)
  container.write('stdout', 'behind')
  await node.startAgent()
  await node.entry('behind')
  const texts = node.logs().join('\n')
  for (const line of privateKey.slice(1, -2)) assert.ok(!texts.includes(line), texts)
})

test('marks have a hash that is the same after a restart; without its key the agent does not start', async (t) => {
  const node = await TestNode.start(t, {})
  const keyFile = join(node.root, 'key')
  const config = { redact: { presets: ['emails'], mode: 'hash', keyFile } }
  writeFileSync(keyFile, '0123456789abcdef0123456789abcdef\n')
  const container = node.kubelet.startPod(web()).container()
  for (const run of ['one', 'two']) {
    await node.startAgent({}, config)
    container.write('stdout', `${run}: jo@example.com`)
    await waitUntil('the entry is there', () => node.logs().some((log) => log.startsWith(run)))
    await node.stopAgent()
  }
  const marks = node.logs().map((log) => /\[REDACTED:emails:[0-9a-f]{16}\]$/.exec(log)?.[0])
  assert.equal(new Set(marks).size, 1)
  assert.notEqual(marks[0], undefined)
  writeFileSync(keyFile, 'short\n')
  await node.startAgent({}, config)
  await waitUntil('it has ended', () => node.hasEnded)
  await waitUntil('it has said why', () => /redact\.keyFile: .* has 5 bytes/.test(node.noise.join('\n')))
})

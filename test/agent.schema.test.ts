import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { freePort } from '../src/simulation/free-port.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { Collector } from './support/collector.ts'
import { program } from './support/program.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web: PodSpec = {
  namespace: 'shop',
  name: 'web',
  labels: { 'app.kubernetes.io/name': 'web' },
  containers: [{ name: 'app', image: 'shop/web:1' }],
}

test("the destination gets its schema, whoever looks Loggy's own, and so does the dead letter file, from which it is sent again", async (t) => {
  const collector = new Collector()
  await collector.start()
  t.after(() => collector.stop())
  const port = await freePort()
  const config = { sink: { type: 'http', url: collector.url, schema: 'ecs' }, api: { port }, parse: { json: true } }
  const node = await TestNode.start(t, { config })
  const container = node.kubelet.startPod(web).container()
  const received = () => collector.received().map((line) => JSON.parse(line))
  collector.refuseIf((lines) => (lines.includes('refused') ? { status: 422, body: 'no' } : undefined))
  await node.startAgent()
  const ending = new AbortController()
  t.after(() => ending.abort())
  const tailUrl = `http://127.0.0.1:${port}/api/tail?minLevel=warn&labels=app.kubernetes.io/name%3Dweb`
  let tail: Response | undefined
  await waitUntil('it listens', async () => {
    tail = await fetch(tailUrl, { signal: ending.signal }).catch(() => undefined)
    return tail?.ok === true
  })
  let seen = ''
  const reading = (async () => {
    for await (const bytes of tail?.body ?? []) seen += Buffer.from(bytes).toString()
  })()
  reading.catch(() => {}) // ended by the test

  container.write('stdout', '{"level":"info","n":1}')
  container.write('stdout', '{"level":"error","refused":12345678901234567890}')
  container.write('stdout', '{"level":"warn","n":2}')
  await waitUntil('two are there', () => received().length === 2)
  assert.deepEqual(
    received()
      .map(({ json, kubernetes }) => [json.n, kubernetes.labels])
      .sort(),
    [1, 2].map((n) => [n, { 'app_kubernetes_io/name': 'web' }]),
  )
  await waitUntil('the follower has two', () => seen.split('data: ').length === 3)
  const shown = [...seen.matchAll(/^data: (.*)$/gm)].map(([, line = '']) => JSON.parse(line))
  assert.deepEqual(
    shown.map(({ json }) => json.level),
    ['error', 'warn'],
  )
  assert.equal(shown[0].kubernetes.labels['app.kubernetes.io/name'], 'web')

  const letters = node.deadLetterPath
  await waitUntil('there is a dead letter', () => existsSync(letters) && readFileSync(letters).length > 0)
  const [line = ''] = readFileSync(letters, 'utf8').split('\n')
  assert.match(line, /"json":\{"level":"error","refused":12345678901234567890\},"kubernetes":\{"namespace":"shop",/)
  collector.refuseIf(() => undefined)
  const argv = [program, 'replay', letters, '--config', node.configPath]
  const { stdout } = await promisify(execFile)(process.execPath, argv, { env: { PATH: process.env.PATH } })
  assert.equal(stdout, '1 sent, 0 refused again, 0 kept unsent\n')
  const last = collector.received().at(-1) ?? ''
  assert.match(last, /"json":\{"level":"error","refused":12345678901234567890\}/)
  assert.equal(JSON.parse(last).kubernetes.pod.name, 'web')
})

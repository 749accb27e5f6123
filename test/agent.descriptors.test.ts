import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { freePort } from '../src/simulation/free-port.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntilNoneMissing } from './support/wait-until.ts'

const LIMIT = 80
const PODS = 120
const DELETED = 70

test('an agent that may open fewer files than there are logs reads all of them, and recovers by itself', async (t) => {
  const port = await freePort()
  const node = await TestNode.start(t, { descriptorLimit: LIMIT, config: { metrics: { port } } })
  const pods = Array.from({ length: PODS }, (_, index) =>
    node.kubelet.startPod({
      namespace: 'shop',
      name: `web-${index}`,
      containers: [{ name: 'app', image: 'shop/web:1' }],
    }),
  )
  const write = (text: string) => {
    for (const [index, pod] of pods.entries()) pod.container().write('stdout', `${index} ${text}`)
  }
  write('first')
  await node.startAgent()
  const arrived = (count: number) =>
    waitUntilNoneMissing('', () => count - node.entries.length, 60_000).catch(() => {
      const last = JSON.stringify(node.agentLog.slice(-5))
      throw new Error(`${node.entries.length} of ${count} lines: ${last} ${node.noise.join('\n')}`)
    })
  await arrived(PODS)
  write('second')
  await arrived(2 * PODS)
  const gone = pods.splice(0, DELETED)
  for (const pod of gone) node.kubelet.deletePod(pod)
  write('third')
  await arrived(2 * PODS + pods.length)
  const late = node.kubelet.startPod({
    namespace: 'shop',
    name: 'late',
    containers: [{ name: 'app', image: 'shop/web:1' }],
  })
  late.container().write('stdout', 'found')
  assert.equal((await node.entry('found')).kubernetes.metadata, undefined, 'its pod is known: the watch goes on')
  assert.ok(readdirSync(`/proc/${node.pid}/fd`).length < LIMIT)
  const told = node.entries.map(({ log }) => log)
  assert.equal(new Set(told).size, told.length, 'nothing comes twice')
  const unexpected = told.filter((log) => !/^\d+ (first|second|third)$|^found$/.test(log))
  assert.deepEqual(unexpected, [])
  assert.equal(told.length, 2 * PODS + pods.length + 1)
  const { status } = await fetch(`http://127.0.0.1:${port}/readyz`)
  assert.equal(status, 200)
  const messages = node.agentLog
    .filter(({ level }) => level === 'error' || level === 'warn')
    .map(({ message }) => message)
  assert.deepEqual(
    messages.map((message) => message.slice(0, 30)),
    ['the file descriptor limit is t'],
  )
  assert.deepEqual(node.noise, [])
})

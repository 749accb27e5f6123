import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntilNoneMissing } from './support/wait-until.ts'

const web = (name = 'web'): PodSpec => ({
  namespace: 'shop',
  name,
  containers: [{ name: 'app', image: 'shop/web:1' }],
})
const HEAD = ['java.lang.IllegalStateException: gone', '\tat a.B.c(B.java:1)']
const REST = ['\tat a.B.d(B.java:2)', 'Caused by: a.b.C: x', '\tat a.B.e(B.java:3)']
const TRACE = [...HEAD, ...REST].join('\n')
/** Milliseconds: an ack is on disk 200 ms later, on a machine that is not loaded; nothing shows that it is. */
const STORED_MS = 1000

test('a stack trace is one entry, and nobody waits for the line behind it', async (t) => {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web()).container()
  await node.startAgent()
  for (const line of TRACE.split('\n')) container.write('stderr', line)
  const { lines, level } = await node.entry(TRACE)
  assert.deepEqual([lines, level], [5, 'error'])
  container.write('stderr', 'ERROR a line that a trace may follow')
  await node.entry('ERROR a line that a trace may follow')
})

test('a stack trace in whose middle the agent is killed, and the log rotated, is one entry', async (t) => {
  const node = await TestNode.start(t)
  for (let attempt = 0; ; attempt += 1) {
    assert.ok(attempt < 10, 'within a second each time the agent was not killed')
    const container = node.kubelet.startPod(web(`web-${attempt}`)).container()
    await node.startAgent()
    for (const line of HEAD) container.write('stdout', line)
    container.write('stderr', `other ${attempt}`)
    await node.entry(`other ${attempt}`)
    if (attempt > 0) await sleep(STORED_MS / 4) // that of the other stream is stored
    await node.kill()
    container.rotate()
    for (const line of REST) container.write('stdout', line)
    container.write('stdout', `next ${attempt}`)
    await node.startAgent()
    await node.entry(`next ${attempt}`)
    const logs = node.logs(`web-${attempt}`)
    await node.stopAgent()
    if (logs.includes(HEAD.join('\n'))) continue // the machine was too slow
    assert.deepEqual(new Set(logs), new Set([`other ${attempt}`, TRACE, `next ${attempt}`]))
    if (attempt > 0) return
  }
})

test('with parse.multiline off each line is an entry', async (t) => {
  const node = await TestNode.start(t, { config: { parse: { multiline: 'off' } } })
  const container = node.kubelet.startPod(web()).container()
  await node.startAgent()
  for (const line of HEAD) container.write('stdout', line)
  await node.entry(HEAD[1] ?? '')
  assert.deepEqual(node.logs(), HEAD)
})

test('while nothing is taken, no trace ends for lack of a line that is there', async (t) => {
  const node = await TestNode.start(t, { stdout: 'paused' })
  const container = node.kubelet.startPod(web()).container()
  await node.startAgent()
  // More than all batches and the pipe take, so that the agent is held back within the traces.
  const filler = 'x'.repeat(3000)
  const count = 30_000
  const lines = Array.from({ length: count }, (_, index) => [`Error: ${index}`, '    at f (/x.js:1:2)', filler]).flat()
  // Most pieces end within a trace.
  for (let at = 0; at < lines.length; at += 1000) container.log.writeAll('stdout', lines.slice(at, at + 1000))
  await sleep(3000) // longer than a line waits
  node.readOn()
  container.write('stdout', 'last words')
  await waitUntilNoneMissing('all entries', () => 2 * count + 1 - node.entries.length, 60_000)
  await node.entry('last words')
  const traces = node.entries.filter(({ lines }) => lines !== undefined)
  assert.equal(traces.length, count)
  assert.equal(node.entries.length, 2 * count + 1)
})

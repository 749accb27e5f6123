import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import type { LogWriter } from '../src/simulation/log-writer.ts'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { letPass } from './support/let-pass.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web: PodSpec = { namespace: 'shop', name: 'web', containers: [{ name: 'app', image: 'shop/web:1' }] }

/** Milliseconds after an ack within which it is on disk. */
const STORED_MS = 200

test('a restart goes on where it stopped', async (t) => {
  const node = await TestNode.start(t)
  const { container } = { container: node.kubelet.startPod(web).container() }
  await node.startAgent()
  for (let line = 0; line < 500; line += 1) container.write(line % 2 === 0 ? 'stdout' : 'stderr', `a ${line}`)
  await node.entry('a 499')
  assert.equal(await node.stopAgent(), 0)
  for (let line = 0; line < 500; line += 1) container.write('stdout', `b ${line}`)
  await node.startAgent()
  await node.entry('b 499')
  assert.equal(node.entries.length, 1000)
})

test('after SIGKILL nothing is missing, and nothing stored comes twice', async (t) => {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  container.write('stdout', 'stored')
  await node.entry('stored')
  await letPass(node, STORED_MS)
  for (let line = 0; line < 2000; line += 1) container.write('stdout', `line ${line}`)
  await node.kill()
  await node.startAgent()
  await node.entry('line 1999')
  assert.equal(node.logs().filter((log) => log === 'stored').length, 1)
  const lines = new Set(node.logs())
  for (let line = 0; line < 2000; line += 1) assert.ok(lines.has(`line ${line}`), `line ${line}`)
})

test('a line of no known format behind what is not whole yet comes once, before and after a restart', async (t) => {
  for (const begin of [
    (log: LogWriter) => log.write('stdout', 'java.lang.Error: x'),
    (log: LogWriter) => log.writeUnfinished('stdout', 'begun, '),
  ]) {
    const node = await TestNode.start(t)
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    begin(container.log)
    container.log.append(Buffer.from('torn by a full disk\n'))
    await node.entry('torn by a full disk')
    await node.stopAgent()
    await node.startAgent()
    container.write('stdout', 'and ended')
    container.write('stderr', 'last')
    await node.entry('last')
    assert.equal(node.logs().filter((log) => log.startsWith('torn')).length, 1)
    await node.stopAgent()
  }
})

test('a line whose beginning was read before the restart is whole after it', async (t) => {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  container.log.writeUnfinished('stdout', 'begun, ')
  for (let line = 0; line < 10; line += 1) container.write('stderr', `other ${line}`)
  await node.entry('other 9')
  await letPass(node, STORED_MS)
  await node.stopAgent()
  container.write('stderr', 'while away')
  container.write('stdout', 'and ended')
  await node.startAgent()
  await node.entry('begun, and ended')
  await node.entry('while away')
  assert.equal(node.entries.length, 12)
  assert.ok(node.entries.every(({ partial }) => partial === undefined))
})

test('a line that two files shared and that was delivered makes no part of the next one after a restart', async (t) => {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  container.log.writeUnfinished('stderr', 'begun, ') // keeps the first file from being done
  container.log.writeUnfinished('stdout', 'one half, ')
  container.rotate()
  container.write('stdout', 'the other')
  await node.entry('one half, the other')
  await letPass(node, STORED_MS)
  await node.stopAgent()
  container.write('stdout', 'next')
  container.write('stderr', 'and ended')
  await node.startAgent()
  await node.entry('begun, and ended')
  assert.deepEqual(node.logs(), ['one half, the other', 'next', 'begun, and ended'])
  assert.ok(node.entries.every(({ partial }) => partial === undefined))
})

describe('what was rotated while the agent was away', () => {
  test('is read first, in order, plain and compressed, from where it stopped', async (t) => {
    const node = await TestNode.start(t)
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    for (let line = 0; line < 100; line += 1) container.write('stdout', `0 ${line}`)
    await node.entry('0 99')
    await letPass(node, STORED_MS)
    await node.kill()
    const expected = node.logs()
    for (let round = 0; round < 4; round += 1) {
      for (let line = 100; line < 1000; line += 1) {
        expected.push(`${round} ${line}`)
        container.write('stdout', `${round} ${line}`)
      }
      if (round < 3) container.rotate()
    }
    assert.ok(readdirSync(dirname(container.logPath)).some((name) => name.endsWith('.gz')))
    await node.startAgent()
    await node.entry('3 999')
    assert.deepEqual(node.logs(), expected)
  })

  test('is told as lost when the kubelet has deleted it', async (t) => {
    const node = await TestNode.start(t, { kubelet: { maxLogFiles: 2 } })
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    container.write('stdout', 'first')
    await node.entry('first')
    await letPass(node, STORED_MS)
    await node.stopAgent()
    for (let round = 0; round < 4; round += 1) {
      container.write('stdout', `round ${round}`)
      container.rotate()
    }
    await node.startAgent()
    await waitUntil('the marker', () => node.entries.some(({ lost }) => lost !== undefined))
    assert.equal(node.entries.findLast(({ lost }) => lost !== undefined)?.kubernetes.pod, 'web')
    assert.ok(node.agentLog.some(({ level, message }) => level === 'warn' && message === 'bytes of a log may be lost'))
  })

  test('is not read twice when it had been read to its end', async (t) => {
    const node = await TestNode.start(t)
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    container.write('stdout', 'one')
    container.rotate()
    container.write('stdout', 'two')
    container.rotate()
    container.write('stdout', 'three')
    await node.entry('three')
    await letPass(node, STORED_MS)
    await node.kill()
    await node.startAgent()
    container.write('stdout', 'four')
    await node.entry('four')
    assert.deepEqual(node.logs(), ['one', 'two', 'three', 'four'])
  })
})

test('a state file that is damaged is set aside, and all is read from the beginning', async (t) => {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  container.write('stdout', 'one')
  await node.entry('one')
  await node.stopAgent()
  const path = join(node.root, 'state', 'positions.db')
  writeFileSync(path, readFileSync(path).fill(0x58, 20, 4000))
  await node.startAgent()
  await waitUntil('it again', () => node.logs().filter((log) => log === 'one').length === 2)
  assert.ok(node.agentLog.some(({ level }) => level === 'error'))
  assert.ok(readdirSync(join(node.root, 'state')).some((name) => name.includes('damaged')))
})

test('a file that is copied and truncated loses nothing', async (t) => {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  container.write('stdout', 'one')
  await node.entry('one')
  node.pause()
  container.write('stdout', 'two')
  copyFileSync(container.logPath, `${container.logPath}.20260101-000000`)
  truncateSync(container.logPath)
  node.resume()
  container.write('stdout', 'three')
  await node.entry('three')
  assert.deepEqual(node.logs(), ['one', 'two', 'three'])
})

test('a destination that takes nothing stops the reading, and files are held until it does', async (t) => {
  const node = await TestNode.start(t, { kubelet: { maxLogFiles: 2 }, stdout: 'paused' })
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  const expected: string[] = []
  for (let round = 0; round < 8; round += 1) {
    for (let line = 0; line < 3000; line += 1) {
      expected.push(`${round} ${line} ${'x'.repeat(200)}`)
      container.write('stdout', String(expected.at(-1)))
    }
    // The kubelet waits 10 s; the agent looks once a second while it may not write.
    await waitUntil('the agent has opened it', () => node.hasOpen(container.logPath))
    container.rotate()
  }
  node.readOn()
  await node.entry(String(expected.at(-1)))
  assert.deepEqual(node.logs(), expected)
})

test('what exceeds the budget for held files is given up, counted, and told in its place', async (t) => {
  const config = { source: { held: { maxBytes: '1Mi' } } }
  const node = await TestNode.start(t, { kubelet: { maxLogFiles: 2 }, stdout: 'paused', config })
  const noisy = node.kubelet.startPod(web).container()
  const quiet = node.kubelet.startPod({ ...web, name: 'quiet' }).container()
  await node.startAgent()
  quiet.write('stdout', 'quiet')
  for (let round = 0; round < 4; round += 1) {
    const lines = Array.from({ length: 4000 }, (_, line) => `${round} ${line} ${'x'.repeat(300)}`)
    noisy.log.writeAll('stdout', lines)
    await waitUntil('the agent has opened both', () => [noisy, quiet].every(({ logPath }) => node.hasOpen(logPath)))
    noisy.rotate()
    if (round === 0) quiet.rotate()
  }
  node.readOn()
  noisy.write('stdout', 'the end')
  await node.entry('the end')
  await node.entry('quiet')
  const lost = node.entries.flatMap((entry) =>
    entry.lost === undefined ? [] : [entry.lost as { bytes: number; reason: string }],
  )
  assert.ok(lost.length > 0)
  assert.ok(lost.every(({ bytes, reason }) => bytes > 0 && reason.includes('source.held.maxBytes')))
  assert.equal(node.agentLog.filter(({ message }) => message === 'bytes of a log are lost').length, lost.length)
})

test('the state directory may vanish', async (t) => {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web).container()
  await node.startAgent()
  container.write('stdout', 'one')
  await node.entry('one')
  rmSync(join(node.root, 'state'), { recursive: true })
  container.write('stdout', 'two')
  await node.entry('two')
  assert.equal(await node.stopAgent(), 0)
})

import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { usageOf } from './support/process-usage.ts'
import { type TestEntry, TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web: PodSpec = { namespace: 'shop', name: 'web', containers: [{ name: 'app', image: 'shop/web:1' }] }
const MEBIBYTE = 1024 * 1024

let nanoseconds = 100_000_000

function cri(body: string): string {
  nanoseconds += 1
  return `2026-11-22T07:00:00.${nanoseconds}Z stdout F ${body}\n`
}

function inShort({ log, lost, partial, malformed }: TestEntry): string {
  assert.deepEqual({ partial, malformed }, { partial: undefined, malformed: undefined })
  return lost === undefined ? log : `lost ${(lost as { bytes: number }).bytes}`
}

describe('NULs that a power cut left', { concurrency: 2 }, () => {
  for (const hole of [5000, 3 * MEBIBYTE]) {
    test(`at the beginning of a file and within it, ${hole} of them, are told, and after a restart nothing comes again`, async (t) => {
      const node = await TestNode.start(t)
      const { logPath } = node.kubelet.startPod(web).container()
      truncateSync(logPath, hole)
      appendFileSync(logPath, cri('one') + '\0'.repeat(hole) + cri('two'))
      await node.startAgent()
      await node.entry('two')
      const [begun, rest] = [cri('three').slice(0, 30), cri('three').slice(30)]
      appendFileSync(logPath, '\0'.repeat(hole) + begun)
      await waitUntil('all NULs are told', () => node.entries.length === 5)
      assert.equal(await node.stopAgent(), 0)
      appendFileSync(logPath, rest)
      await node.startAgent()
      await node.entry('three')
      const lost = `lost ${hole}`
      assert.deepEqual(node.entries.map(inShort), [lost, 'one', lost, 'two', lost, 'three'])
    })
  }

  test('before the first lines of several files do not make one of them, plain, compressed or found later', async (t) => {
    const node = await TestNode.start(t)
    const { logPath } = node.kubelet.startPod(web).container()
    const hole = '\0'.repeat(2000)
    writeFileSync(`${logPath}.20260101-000000.gz`, gzipSync(hole + cri('one')))
    writeFileSync(`${logPath}.20260101-000010`, hole + cri('two'))
    writeFileSync(logPath, hole + cri('three'))
    await node.startAgent()
    await node.entry('three')
    renameSync(logPath, `${logPath}.20260101-000020`)
    writeFileSync(logPath, hole + cri('four'))
    await node.entry('four')
    assert.equal(readdirSync(dirname(logPath)).length, 4)
    assert.equal(await node.stopAgent(), 0)
    appendFileSync(logPath, cri('five'))
    await node.startAgent()
    await node.entry('five')
    const numbers = ['one', 'two', 'three', 'four']
    assert.deepEqual(node.entries.map(inShort), [...numbers.flatMap((number) => ['lost 2000', number]), 'five'])
  })

  test('are passed over by the gigabyte without memory for them', async (t) => {
    const node = await TestNode.start(t)
    const container = node.kubelet.startPod(web).container()
    await node.startAgent()
    container.write('stdout', 'before')
    await node.entry('before')
    const before = usageOf(node.pid)?.rssMiB ?? Number.NaN
    const gigabyte = 1024 * MEBIBYTE
    appendFileSync(container.logPath, '')
    truncateSync(container.logPath, gigabyte)
    container.write('stdout', 'after')
    await node.entry('after')
    const grown = (usageOf(node.pid)?.peakRssMiB ?? Number.NaN) - before
    assert.ok(grown < 40, `${grown} MiB`)
    const [, lost] = node.entries.map(inShort)
    assert.match(lost ?? '', /^lost 1073741\d{3}$/)
  })

  test('at the end of a file are told when it is rotated, and read on when it is not', async (t) => {
    const node = await TestNode.start(t)
    const container = node.kubelet.startPod(web).container()
    container.write('stdout', 'one')
    container.log.append(Buffer.alloc(5000))
    await node.startAgent()
    await node.entry('one')
    container.log.append(Buffer.alloc(20))
    container.rotate()
    container.write('stdout', 'two')
    await node.entry('two')
    assert.deepEqual(node.entries.map(inShort), ['one', 'lost 5020', 'two'])
  })
})

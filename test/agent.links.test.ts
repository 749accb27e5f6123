import assert from 'node:assert/strict'
import { lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const web: PodSpec = { namespace: 'shop', name: 'web', containers: [{ name: 'app', image: 'shop/web:1' }] }
const oldID = 'd'.repeat(64)
const linkOf = (node: TestNode, id: string) => join(node.kubelet.logDirectory, `web_shop_app-${id}.log`)

/** A pod whose log has two links: the one of the container that is dead, and its own.  */
async function setUp(t: Parameters<typeof TestNode.start>[0]) {
  const node = await TestNode.start(t)
  const container = node.kubelet.startPod(web).container()
  const own = linkOf(node, container.id)
  const target = readlinkSync(own)
  return { node, container, own, target }
}

/** As `setUp`, with the old link alone, and the line `one` read by it. */
async function startWithOldLink(t: Parameters<typeof TestNode.start>[0]) {
  const scene = await setUp(t)
  const { node, container, own } = scene
  const old = linkOf(node, oldID)
  renameSync(own, old)
  container.write('stdout', 'one')
  await node.startAgent()
  await node.entry('one')
  return { ...scene, old }
}

const said = (node: TestNode) =>
  node.agentLog.filter(({ message }) => message.startsWith('two links lead to one log')).length

describe('two links to one file', { concurrency: 3 }, () => {
  test('that are there at the start: each line comes once, under the newest, and that is said once', async (t) => {
    const { node, container, own, target } = await setUp(t)
    rmSync(own)
    const old = linkOf(node, oldID)
    symlinkSync(target, old)
    await waitUntil('the link is newer', () => {
      rmSync(own, { force: true })
      symlinkSync(target, own)
      return lstatSync(own).ctimeMs > lstatSync(old).ctimeMs
    })
    container.write('stdout', 'one')
    await node.startAgent()
    await node.entry('one')
    container.write('stdout', 'two')
    await node.entry('two')
    container.rotate()
    container.write('stdout', 'three')
    await node.entry('three')
    await waitUntil('it is said', () => said(node) === 1)
    assert.deepEqual(node.logs(), ['one', 'two', 'three'])
    assert.deepEqual(new Set(node.entries.map(({ kubernetes }) => kubernetes.containerID)), new Set([container.id]))
  })

  test('the newest of which comes later: it goes on where the other was left, also after a restart', async (t) => {
    const { node, container, own, target, old } = await startWithOldLink(t)
    symlinkSync(target, own)
    await waitUntil('it is said', () => said(node) === 1)
    container.write('stdout', 'two')
    const two = await node.entry('two')
    assert.equal(two.kubernetes.containerID, container.id)
    assert.equal(await node.stopAgent(), 0)
    await node.startAgent()
    container.write('stdout', 'three')
    await node.entry('three')
    rmSync(old)
    container.write('stdout', 'four')
    await node.entry('four')
    assert.deepEqual(node.logs(), ['one', 'two', 'three', 'four'])
  })

  test('of which the newest comes while a line has no end yet: it comes whole, and soon', async (t) => {
    const { node, container, own, target } = await startWithOldLink(t)
    container.log.writeUnfinished('stdout', 'two ')
    container.write('stderr', 'beside')
    await node.entry('beside')
    symlinkSync(target, own)
    await waitUntil('it is said', () => said(node) === 1)
    container.rotate()
    container.write('stdout', 'parts')
    const { kubernetes } = await node.entry('two parts')
    assert.equal(kubernetes.containerID, container.id)
    assert.deepEqual(node.logs().toSorted(), ['beside', 'one', 'two parts'])
  })

  test('of which the old one goes as the newest comes', async (t) => {
    const { node, container, own, target, old } = await startWithOldLink(t)
    renameSync(old, own)
    rmSync(own)
    symlinkSync(target, own)
    await waitUntil('it is said', () => said(node) === 1)
    container.write('stdout', 'two')
    assert.equal((await node.entry('two')).kubernetes.containerID, container.id)
    container.write('stdout', 'three')
    await node.entry('three')
    assert.deepEqual(node.logs(), ['one', 'two', 'three'])
  })

  test('of which the newest came while no agent ran: it goes on where the other was left', async (t) => {
    const { node, container, own, target } = await startWithOldLink(t)
    assert.equal(await node.stopAgent(), 0)
    symlinkSync(target, own)
    container.write('stdout', 'two')
    await node.startAgent()
    assert.equal((await node.entry('two')).kubernetes.containerID, container.id)
    container.write('stdout', 'three')
    await node.entry('three')
    assert.deepEqual(node.logs(), ['one', 'two', 'three'])
  })
})

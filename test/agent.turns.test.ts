import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '../src/simulation/pod-object.ts'
import { TestNode } from './support/test-node.ts'
import { waitUntil } from './support/wait-until.ts'

const podOf = (name: string): PodSpec => ({ namespace: 'shop', name, containers: [{ name: 'app', image: 'app:1' }] })

test('short lines under much metadata fill a few batches, and then another container has its turn', async (t) => {
  const node = await TestNode.start(t)
  // 40 KB, so that 25 entries fill a batch, while thousands of lines are read at once.
  const notes = Array.from({ length: 20 }, (_, index) => [`note-${index}`, 'x'.repeat(2000)])
  const busy = node.kubelet.startPod({ ...podOf('busy'), annotations: Object.fromEntries(notes) }).container()
  const quiet = node.kubelet.startPod(podOf('quiet')).container()
  quiet.write('stdout', 'here')
  for (let number = 0; number < 3000; number += 1) busy.write('stdout', `${number}`)
  await node.startAgent()
  await waitUntil('the busy one is read', () => node.logs('busy').length > 0 && node.logs('quiet').length > 0)
  const before = node.logs('busy').length
  quiet.write('stdout', 'hello')
  await node.entry('hello')
  const meanwhile = node.entries.findIndex(({ log }) => log === 'hello') - before
  assert.ok(meanwhile < 400, `${meanwhile} lines of the busy container came first`)
})

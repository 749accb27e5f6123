import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NodeState } from '../../src/model/node-state.ts'
import type { PodRecord } from '../../src/model/pod-record.ts'
import { isEnding, nodeEndOf } from '../../src/select/node-end.ts'
import { podWith } from '../support/pod.ts'

const nowMs = Date.parse('2026-11-29T03:00:00Z')
const at = (minutesAgo: number) => new Date(nowMs - minutesAgo * 60_000).toISOString()

const stays = podWith({}, { owner: { kind: 'Deployment', name: 'web' } })
const ends: PodRecord = { ...stays, endingSince: at(0) }
const daemon = podWith({}, { owner: { kind: 'DaemonSet', name: 'proxy' } })
const endingDaemon: PodRecord = { ...daemon, endingSince: at(0) }
const fixed = podWith({}, { configHash: 'a'.repeat(32) })
const completed: PodRecord = { ...stays, hasEnded: true }
const endedWithNode: PodRecord = { ...completed, endingSince: at(1) }
const endedLongAgo: PodRecord = { ...completed, endingSince: at(60) }

for (const [what, others, nodeState, expected] of [
  ['nothing is known', [], undefined, 0],
  ['no pod ends', [stays, stays, daemon], undefined, 0],
  ['one of three ends, as in a rollout', [ends, stays, stays], undefined, 1],
  ['half of them end', [ends, stays], undefined, 1],
  ['most end', [ends, ends, stays], undefined, 'node'],
  [
    'all end, but DaemonSets and static pods, which a drain leaves',
    [ends, daemon, daemon, fixed, fixed],
    undefined,
    'node',
  ],
  ['a DaemonSet is rolled beside running workloads', [stays, endingDaemon], undefined, 1],
  ['there are DaemonSets only, and most end', [endingDaemon, endingDaemon, daemon, fixed], undefined, 'node'],
  ['there are DaemonSets only, and one of two ends', [endingDaemon, daemon], undefined, 1],
  ['completed pods are none that could end', [completed, completed, ends], undefined, 'node'],
  ['the kubelet has just ended most with their node', [endedWithNode, endedWithNode, stays], undefined, 'node'],
  ['pods of an earlier shutdown are left on a node that is back', [endedLongAgo, endedLongAgo, stays], undefined, 0],
  ['the node is cordoned, and nothing ends', [stays, stays], 'cordoned', 0],
  ['the node is cordoned, and one pod ends', [ends, stays, stays], 'cordoned', 'node'],
  ['the node says that it goes', [stays, stays], 'going', 'node'],
] as const satisfies readonly (readonly [string, readonly PodRecord[], NodeState | undefined, 'node' | number])[]) {
  test(`${expected === 'node' ? 'the node goes away' : 'the node stays'} where ${what}`, () => {
    const { isNode, ending } = nodeEndOf(others, { nodeState, nowMs })
    assert.equal(isNode ? 'node' : ending, expected)
  })
}

test('a pod ends from its deletion on; one that ended with its node is news for ten minutes', () => {
  assert.ok(isEnding({ ...stays, endingSince: at(600) }, nowMs))
  assert.ok(isEnding({ ...completed, endingSince: at(9) }, nowMs))
  assert.ok(!isEnding({ ...completed, endingSince: at(11) }, nowMs))
  assert.ok(!isEnding(completed, nowMs))
})

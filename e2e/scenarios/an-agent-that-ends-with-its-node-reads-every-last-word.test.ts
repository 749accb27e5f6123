import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { busyboxPod } from '../support/busybox-pod.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'

const skip = await unlessMet()

const PODS = Array.from({ length: 20 }, (_, number) => `leaving-${number}`)
/** Lines that a pod writes after it was told to end, two a second. */
const LAST_WORDS = 10
/** Seconds, as pods have by default. */
const POD_GRACE_S = 30
/** Milliseconds. An agent that took an update for the end of its node would stay for `shutdown.grace`. */
const GRACE_MS = 45_000

const SCRIPT = `trap 'i=0; while [ $i -lt ${LAST_WORDS} ]; do i=$((i + 1)); echo "last $i"; sleep 0.5; done; exit 0' TERM
echo begun; while true; do sleep 1; done`

describe('an agent', { skip, timeout: 600_000 }, () => {
  const scene = sceneOf({ by: 'http' })

  before(async () => {
    const { installation, node, entries } = scene()
    for (const name of PODS) {
      const { spec, ...pod } = busyboxPod(name, node, { labels: { app: 'leaving' }, containers: { app: SCRIPT } })
      await installation.apply({ ...pod, spec: { ...spec, terminationGracePeriodSeconds: POD_GRACE_S } } as typeof pod)
    }
    const hasBegun = (name: string) => entries.ofPod(name).some(({ log }) => log === 'begun')
    await entries.until('all pods have begun', () => PODS.every(hasBegun), 180_000)
  })

  test('that is updated ends as quickly as ever', async (t) => {
    const startMs = performance.now()
    await scene().agent.roll(undefined)
    const ms = performance.now() - startMs
    t.diagnostic(`the next agent ran ${(ms / 1000).toFixed(1)} s after the update began`)
    assert.ok(ms < GRACE_MS, `${ms} ms`)
    t.diagnostic(await assertAsKubelet(scene()))
  })

  test('that is ended together with the pods of its node, and before them, delivers the last words of each', async (t) => {
    const { installation, agent, entries } = scene()
    const { pod } = await agent.running()
    // There is to be no next agent, as on a node that is gone.
    await installation.kubectl('delete', 'daemonset', installation.daemonSet, '--cascade=orphan')
    const startMs = performance.now()
    await installation.kubectl('delete', 'pods', pod, ...PODS, '--wait=false')
    const wordsOf = (name: string) => new Set(entries.ofPod(name).map(({ log }) => log))
    const missing = () =>
      PODS.flatMap((name) => {
        const words = wordsOf(name)
        return Array.from({ length: LAST_WORDS }, (_, index) => `last ${index + 1}`)
          .filter((word) => !words.has(word))
          .map((word) => `${name}: ${word}`)
      })
    await installation.kubectl('wait', '--for=delete', `pod/${pod}`, '--timeout=120s')
    t.diagnostic(`the agent was gone ${((performance.now() - startMs) / 1000).toFixed(1)} s after its deletion`)
    assert.deepEqual(missing(), [])
    for (const name of PODS)
      for (const { kubernetes } of entries.ofPod(name)) assert.deepEqual(kubernetes.labels, { app: 'leaving' })
  })
})

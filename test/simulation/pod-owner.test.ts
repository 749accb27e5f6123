import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cronJob, deployment, statefulSet } from '../../src/simulation/pod-owner.ts'
import { Random } from '../../src/simulation/random.ts'

test('replicas of a Deployment share the ReplicaSet that is named after the hash in their labels', () => {
  const nextPod = deployment(new Random(1), 'web')
  const [first, second] = [nextPod(), nextPod()]
  const hash = first.labels['pod-template-hash']
  assert.equal(first.owner.kind, 'ReplicaSet')
  assert.equal(first.owner.name, `web-${hash}`)
  assert.match(first.name, new RegExp(`^web-${hash}-[a-z0-9]{5}$`))
  assert.deepEqual(second.owner, first.owner)
  assert.notEqual(second.name, first.name)
})

test('a pod of a StatefulSet keeps its name', () => {
  const podAt = statefulSet(new Random(1), 'db')
  assert.equal(podAt(0).name, 'db-0')
  assert.deepEqual(podAt(0), podAt(0))
})

test('a Job of a CronJob is named after its minute', () => {
  const pod = cronJob(new Random(1), 'report')(29_900_000)
  assert.deepEqual([pod.owner.kind, pod.owner.name], ['Job', 'report-29900000'])
  assert.match(pod.name, /^report-29900000-[a-z0-9]{5}$/)
})

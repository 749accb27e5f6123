import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOwnedBy } from '../../src/select/workload.ts'

const deployed = { owner: { kind: 'Deployment', name: 'web' }, labels: { 'pod-template-hash': '7c5d9f' } }
const ofCronJob = { owner: { kind: 'CronJob', name: 'report' }, labels: { 'job-name': 'report-29123940' } }

test('a pod belongs to its Deployment and to its ReplicaSet, and to no other', () => {
  const workloads = [
    'Deployment/web',
    'ReplicaSet/web-7c5d9f',
    'ReplicaSet/web-other',
    'StatefulSet/web',
    'Deployment/we',
  ]
  assert.deepEqual(
    workloads.map((workload) => isOwnedBy(workload, deployed)),
    [true, true, false, false, false],
  )
})

test('a pod belongs to its CronJob and to its Job, by either label', () => {
  assert.ok(isOwnedBy('CronJob/report', ofCronJob))
  assert.ok(isOwnedBy('Job/report-29123940', ofCronJob))
  assert.ok(isOwnedBy('Job/x', { ...ofCronJob, labels: { 'batch.kubernetes.io/job-name': 'x' } }))
  assert.ok(!isOwnedBy('Job/report', ofCronJob))
})

test('a pod without an owner, or of one without these labels, belongs to nothing else', () => {
  assert.ok(!isOwnedBy('Deployment/web', { owner: undefined, labels: {} }))
  assert.ok(!isOwnedBy('ReplicaSet/web-undefined', { ...deployed, labels: { app: 'web' } }))
})

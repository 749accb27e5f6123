import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTarget, targetQuery } from '../../src/ask/target.ts'

function read(text: string, namespace?: string) {
  const faults: string[] = []
  const parsed = <T>(_option: string, value: string | undefined, parse: (text: string) => T) =>
    value === undefined ? undefined : parse(value)
  return { target: readTarget(text, namespace, { parsed, faults }), faults }
}

test('takes the words for kinds that kubectl takes, with their group too', () => {
  const words: readonly (readonly [string, string])[] = [
    ['deployment', 'Deployment'],
    ['deployments', 'Deployment'],
    ['deploy', 'Deployment'],
    ['Deployment', 'Deployment'],
    ['deployment.apps', 'Deployment'],
    ['deployments.v1.apps', 'Deployment'],
    ['rs', 'ReplicaSet'],
    ['sts', 'StatefulSet'],
    ['ds', 'DaemonSet'],
    ['job', 'Job'],
    ['cronjobs', 'CronJob'],
    ['cj', 'CronJob'],
    ['rc', 'ReplicationController'],
  ]
  for (const [word, kind] of words) {
    const { target } = read(`${word}/web`, 'shop')
    assert.deepEqual(target, { kind: 'workload', namespace: 'shop', workload: { kind, name: 'web' } }, word)
  }
  for (const word of ['pod', 'pods', 'po'])
    assert.deepEqual(read(`${word}/web`).target, { kind: 'pod', namespace: undefined, name: 'web' })
})

test('another word before the slash is a namespace', () => {
  assert.deepEqual(read('shop/web-1').target, { kind: 'pod', namespace: 'shop', name: 'web-1' })
  assert.deepEqual(read('shop/web-1', 'shop').target, { kind: 'pod', namespace: 'shop', name: 'web-1' })
  assert.equal(read('shop/web-1', 'bank').faults.length, 1)
})

test('asks agents in the usual namespace where none is named', () => {
  assert.deepEqual(targetQuery({ kind: 'pod', namespace: undefined, name: 'a' }, 'usual'), {
    namespace: 'usual',
    pod: 'a',
  })
  const workload = { kind: 'Job', name: 'j' }
  assert.deepEqual(targetQuery({ kind: 'workload', namespace: 'n', workload }, 'usual'), {
    namespace: 'n',
    workload: 'Job/j',
  })
})

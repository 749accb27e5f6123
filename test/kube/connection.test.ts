import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { findConnection } from '../../src/kube/connection.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const inCluster = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }

test('a connection is found in KUBECONFIG, else in the service account, else at home', (t) => {
  const directory = temporaryDirectory(t)
  const [serviceAccountDirectory, home, named] = [
    join(directory, 'sa'),
    join(directory, 'home'),
    join(directory, 'named'),
  ]
  const find = (environment: Record<string, string>) => findConnection(environment, { serviceAccountDirectory })
  assert.throws(() => find({}), { code: 'KUBE_CONFIG_MISSING' })
  assert.throws(() => find({ ...inCluster, HOME: home }), {
    code: 'KUBE_CONFIG_MISSING',
    message: /no service account in .*sa, KUBECONFIG is not set, and .*config does not exist/,
  })

  mkdirSync(join(home, '.kube'), { recursive: true })
  writeFileSync(join(home, '.kube', 'config'), '')
  assert.deepEqual(find({ HOME: home }), { kind: 'kubeconfig', files: [join(home, '.kube', 'config')] })

  mkdirSync(serviceAccountDirectory)
  writeFileSync(join(serviceAccountDirectory, 'token'), 'x')
  assert.deepEqual(find({ ...inCluster, HOME: home }), {
    kind: 'service-account',
    server: 'https://10.96.0.1:443',
    directory: serviceAccountDirectory,
  })
  assert.equal(find({ HOME: home }).kind, 'kubeconfig')

  assert.throws(() => find({ ...inCluster, KUBECONFIG: named }), {
    code: 'KUBE_CONFIG_MISSING',
    message: /KUBECONFIG names .*named/,
  })
  writeFileSync(named, '')
  assert.deepEqual(find({ ...inCluster, KUBECONFIG: `${named}-missing::${named}` }), {
    kind: 'kubeconfig',
    files: [named],
  })
})

test('a service address of version 6 is put in brackets', (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'token'), 'x')
  const source = findConnection({ KUBERNETES_SERVICE_HOST: 'fd00::1' }, { serviceAccountDirectory: directory })
  assert.deepEqual(source, { kind: 'service-account', server: 'https://[fd00::1]:443', directory })
})

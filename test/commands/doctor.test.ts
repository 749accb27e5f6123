import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { checkMemory } from '../../src/commands/doctor/check-process.ts'
import { doctor } from '../../src/commands/doctor.ts'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import { KubeletServer } from '../../src/simulation/kubelet-server.ts'
import { selfSignedCertificate } from '../kube/certificate.ts'
import { Collector } from '../support/collector.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A node in order: a pod with a log, an API server, a kubelet, a collector, a folder for positions. */
async function setUp(t: TestContext) {
  const root = temporaryDirectory(t)
  const api = await FakeApiServer.start()
  const kubelet = new Kubelet(root, api)
  kubelet.startPod({ namespace: 'shop', name: 'web', containers: [{ name: 'app', image: 'i' }] })
  const tls = selfSignedCertificate({ name: 'node-1' })
  const server = await KubeletServer.start({ tls, pods: () => kubelet.pods })
  const collector = new Collector({})
  await collector.start()
  t.after(async () => {
    kubelet.close()
    await Promise.all([api.close(), server.close(), collector.stop()])
  })
  const [kubeconfig, caFile, state] = [join(root, 'kubeconfig'), join(root, 'kubelet.crt'), join(root, 'state')]
  writeFileSync(kubeconfig, api.kubeconfig)
  writeFileSync(caFile, tls.cert)
  mkdirSync(state)
  const env = {
    NODE_NAME: 'node-1',
    LOGGY_SOURCE_DIRECTORY: kubelet.logDirectory,
    LOGGY_STATE_DIRECTORY: state,
    LOGGY_KUBERNETES_KUBECONFIG: kubeconfig,
    LOGGY_KUBERNETES_KUBELET_URL: server.url,
    LOGGY_KUBERNETES_KUBELET_CA_FILE: caFile,
    LOGGY_SINK_TYPE: 'http',
    LOGGY_SINK_URL: collector.url,
  }
  return { root, api, kubelet, server, collector, env }
}

async function run(env: Readonly<Record<string, string>>) {
  let text = ''
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() })
  const stdout = { write: (line: string) => (text += line) }
  const code = await doctor([], { env, stdout, stderr, signal: new AbortController().signal })
  const lines = text.trimEnd().split('\n')
  const of = (about: string) => lines.filter((line) => line.slice(6).startsWith(`${about} `)).join('\n')
  return { code, lines, of }
}

test('a node in order is one line of ok for each check', async (t) => {
  const { env, collector } = await setUp(t)
  const { code, lines } = await run({
    ...env,
    LOGGY_ENRICH_FROM: 'auto',
    LOGGY_ENRICH_NODE_LABELS: 'true',
    LOGGY_ENRICH_NAMESPACE_LABELS: 'true',
  })
  assert.equal(code, 0)
  const about = 'directory links descriptors memory state pods pods clock namespaces nodes kubelet sink'
  assert.deepEqual(
    lines.map((line) => line.slice(6, 17).trim()),
    about.split(' '),
  )
  assert.deepEqual(
    [...new Set(lines.filter((line) => !line.includes('(tmpfs)')).map((line) => line.slice(0, 4)))],
    ['ok  '],
  )
  assert.equal(collector.received().length, 1)
})

test('each fault is said, with what to do, and is a failure', async (t) => {
  const { root, env, api, server, kubelet } = await setUp(t)
  symlinkSync(
    join(root, 'elsewhere/shop_db_u2/app/0.log'),
    join(kubelet.logDirectory, `db_shop_app-${'b'.repeat(64)}.log`),
  )
  symlinkSync(
    join(root, 'pods/shop_old_u3/app/0.log'),
    join(kubelet.logDirectory, `old_shop_app-${'c'.repeat(64)}.log`),
  )
  api.deny('watch', 'pods')
  server.allow(false)
  const { code, of } = await run({
    ...env,
    NODE_NAME: 'node-1',
    LOGGY_ENRICH_FROM: 'auto',
    LOGGY_ENRICH_NODE_LABELS: 'true',
    LOGGY_STATE_DIRECTORY: '/dev/null/state',
    LOGGY_SINK_URL: 'http://127.0.0.1:1/',
  })
  assert.equal(code, 1)
  assert.match(of('links'), /^fail .*1 log cannot be read: .*\/elsewhere does not exist .* Mount that folder/m)
  assert.match(of('links'), /^warn .*1 of 3 lead to no file/m)
  assert.match(of('pods'), /^fail .*does not let pods be watched: .* 403.*: kubectl apply -k rbac\.$/m)
  assert.match(of('nodes'), /^ok /)
  assert.match(of('kubelet'), /^fail .*nodes\/pods \(rbac\/kubelet\)/)
  assert.match(of('state'), /^fail .*\/dev\/null\/state/)
  assert.match(of('sink'), /^fail .*ECONNREFUSED/)
})

test('a node name that no pod has, and a directory that is not there, are failures', async (t) => {
  const { env } = await setUp(t)
  const { code, of } = await run({ ...env, NODE_NAME: 'other', LOGGY_SOURCE_DIRECTORY: '/none' })
  assert.equal(code, 1)
  assert.match(of('pods'), /fail .*no pod on a node other: set NODE_NAME/)
  assert.match(of('directory'), /fail .*\/none does not exist: mount \/var\/log/)
})

test('an API server and a kubelet that are away are told, and the rest is checked', async (t) => {
  const { env, api, server } = await setUp(t)
  await Promise.all([api.down(), server.down()])
  const { code, of } = await run({ ...env, LOGGY_ENRICH_FROM: 'kubelet', LOGGY_ENRICH_NODE_LABELS: 'true' })
  assert.equal(code, 1)
  assert.equal(of('pods'), '', "they are the kubelet's to tell")
  assert.match(of('nodes'), /fail .*no answer from the API server: .*ECONNREFUSED/)
  assert.match(of('kubelet'), /fail .*no answer from the kubelet: .*ECONNREFUSED/)
  assert.match(of('sink'), /^ok /)
})

test('memory is told without the page cache of files, for both versions of cgroups', (t) => {
  const root = temporaryDirectory(t)
  const write = (name: string, text: string) => writeFileSync(join(root, name), text)
  write('memory.max', '268435456\n')
  write('memory.current', '260046848\n')
  write('memory.stat', 'anon 1000\nfile 157286400\n')
  assert.deepEqual(
    checkMemory(root).text,
    'cgroup v2: 248 MiB of 256 MiB in use; 150 MiB of that are the page cache of files, which the kernel gives back.',
  )
  write('memory.stat', 'anon 1000\nfile 1048576\n')
  assert.equal(checkMemory(root).state, 'warn')
  write('memory.max', 'max\n')
  assert.match(checkMemory(root).text, /^cgroup v2: 248 MiB without a limit/)
  const old = join(root, 'v1')
  mkdirSync(join(old, 'memory'), { recursive: true })
  writeFileSync(join(old, 'memory/memory.limit_in_bytes'), '9223372036854771712\n')
  writeFileSync(join(old, 'memory/memory.usage_in_bytes'), '1048576\n')
  writeFileSync(join(old, 'memory/memory.stat'), 'cache 524288\n')
  assert.match(checkMemory(old).text, /^cgroup v1: 1 MiB without a limit/)
})

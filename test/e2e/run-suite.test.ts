import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { StubTools } from './stub-tools.ts'

const checkout = join(import.meta.dirname, '../..')
const ALL = ['docker', 'kind', 'kubectl']

/** Those before the cluster is there. */
const IMAGES = [
  `docker build --tag loggy:e2e --build-arg VERSION=e2e ${checkout}`,
  `docker build --tag loggy:e2e-next --build-arg VERSION=e2e-next ${checkout}`,
  'docker pull busybox:1',
]
const LOAD = 'kind load docker-image loggy:e2e loggy:e2e-next busybox:1 --name loggy-e2e'

test('on kind the images are built, the cluster is made, loaded, tested and deleted', async (t) => {
  const tools = await StubTools.create(t, ALL)
  assert.equal(await tools.run(['--node-image', 'node:1', await tools.scenario({ passes: true })]), 0)
  const { KUBECONFIG: kubeconfig = '', ...environment } = await tools.suiteEnvironment()
  const config = join(checkout, 'e2e/kind.yaml')
  assert.deepEqual(await tools.calls(), [
    ...IMAGES,
    `kind create cluster --name loggy-e2e --config ${config} --kubeconfig ${kubeconfig} --wait 180s --image node:1`,
    LOAD,
    'suite',
    `kind delete cluster --name loggy-e2e --kubeconfig ${kubeconfig}`,
  ])
  const { LOGGY_E2E_API_STOP: stop, LOGGY_E2E_API_START: start, LOGGY_E2E_ARTIFACTS: _, ...others } = environment
  assert.match(stop ?? '', /^docker exec loggy-e2e-control-plane .*kube-apiserver/)
  assert.match(start ?? '', /^docker exec loggy-e2e-control-plane .*kube-apiserver/)
  assert.deepEqual(others, {
    LOGGY_E2E_IMAGE: 'loggy:e2e',
    LOGGY_E2E_NEXT_IMAGE: 'loggy:e2e-next',
    LOGGY_E2E_BUSYBOX: 'busybox:1',
    LOGGY_E2E_STATIC_PODS: '/etc/kubernetes/manifests',
  })
})

test('when a scenario fails on kind, the logs of its nodes are kept, and the cluster is deleted all the same', async (t) => {
  const tools = await StubTools.create(t, ALL)
  assert.equal(await tools.run([await tools.scenario({ passes: false })]), 1)
  const [suite, logs, deletion] = (await tools.calls()).slice(-3)
  assert.equal(suite, 'suite')
  assert.equal(logs, `kind export logs ${join(tools.folder, 'artifacts/kind')} --name loggy-e2e`)
  assert.match(deletion ?? '', /^kind delete cluster --name loggy-e2e /)
})

test('a cluster that is to be kept stays, and how to use it is said', async (t) => {
  const tools = await StubTools.create(t, ALL)
  assert.equal(await tools.run(['--keep', await tools.scenario({ passes: true })]), 0)
  assert.deepEqual((await tools.calls()).slice(-2), [LOAD, 'suite'])
  const [, kubeconfig = ''] =
    /export KUBECONFIG=([^;]+); kind delete cluster --name loggy-e2e/.exec(tools.said.at(-1) ?? '') ?? []
  assert.match(kubeconfig, /loggy-e2e-kind-/)
  rmSync(dirname(kubeconfig), { recursive: true })
})

test('an image that cannot be built makes no cluster', async (t) => {
  const tools = await StubTools.create(t, ALL)
  await tools.write('docker', 'exit 3')
  assert.equal(await tools.run([await tools.scenario({ passes: true })]), 2)
  assert.deepEqual(await tools.calls(), IMAGES.slice(0, 1))
  assert.match(tools.said.at(-1) ?? '', /failed with 3: docker build/)
})

test('a cluster that is not ready in time is deleted', async (t) => {
  const tools = await StubTools.create(t, ALL)
  await tools.write('kind', '[ "$1" != create ]')
  assert.equal(await tools.run([await tools.scenario({ passes: true })]), 2)
  assert.deepEqual(
    (await tools.calls()).slice(IMAGES.length).map((call) => call.split(' ').slice(0, 3).join(' ')),
    ['kind create cluster', 'kind delete cluster'],
  )
})

test('tools that are missing are named, with what they are for and where they are to be had', async (t) => {
  const tools = await StubTools.create(t, [])
  assert.equal(await tools.run([], { PATH: join(tools.folder, 'bin') }), 2)
  assert.deepEqual(
    tools.said.map((line) => line.replace(/ is missing\. .*https:.*/, '')),
    ALL,
  )
})

test('a given cluster needs kubectl alone, which KUBECTL may name', async (t) => {
  const tools = await StubTools.create(t, ['my-kubectl'])
  const bare = { PATH: join(tools.folder, 'bin'), KUBECONFIG: '/kubeconfig' }
  assert.equal(await tools.run(['--image', 'a:1'], bare), 2)
  assert.match(tools.said.join(), /^kubectl is missing/)
  const env = { KUBECONFIG: '/kubeconfig', KUBECTL: 'my-kubectl --insecure' }
  assert.equal(await tools.run(['--image', 'a:1', await tools.scenario({ passes: true })], env), 0)
  const list = 'my-kubectl --insecure get namespaces,clusterroles,clusterrolebindings --output name'
  assert.deepEqual(await tools.calls(), ['my-kubectl --insecure get nodes', 'suite', list])
})

test('on a given cluster the images are built by the command that is given', async (t) => {
  const tools = await StubTools.create(t, ['kubectl', 'make-image'])
  const files = [await tools.scenario({ passes: true })]
  assert.equal(await tools.run(['--build', 'make-image "$1" "$2"', ...files], { KUBECONFIG: '/kubeconfig' }), 0)
  assert.deepEqual((await tools.calls()).slice(0, 4), [
    'kubectl get nodes',
    'make-image loggy:e2e e2e',
    'make-image loggy:e2e-next e2e-next',
    'suite',
  ])
  const { KUBECONFIG: kubeconfig, LOGGY_E2E_IMAGE: image } = await tools.suiteEnvironment()
  assert.deepEqual([kubeconfig, image], ['/kubeconfig', 'loggy:e2e'])
})

for (const { was, ends } of [
  { was: 'down', ends: ['cluster down'] },
  { was: 'healthy', ends: [] },
])
  test(`a shared cluster that was ${was} is started, gets the images, and is ${ends.length > 0 ? 'ended' : 'left as it was'}`, async (t) => {
    const tools = await StubTools.create(t, [])
    const commands = `status) echo "apiserver   ${was}";; up) echo "export KUBECONFIG=/state/admin.kubeconfig";;`
    await tools.write('cluster', `case "$1" in ${commands} esac`)
    const program = join(tools.folder, 'bin/cluster')
    const files = [await tools.scenario({ passes: true })]
    assert.equal(await tools.run(['--shared', '1.20', ...files], { LOGGY_E2E_CLUSTER: program }), 0)
    const calls = await tools.calls()
    assert.deepEqual(calls.slice(0, 7), [
      'cluster status',
      'cluster up',
      'cluster node ctr -n k8s.io images tag --force docker.io/local/busybox:1 docker.io/library/busybox:1',
      'cluster kubectl get nodes',
      'cluster build . loggy:e2e --build-arg VERSION=e2e',
      'cluster build . loggy:e2e-next --build-arg VERSION=e2e-next',
      'suite',
    ])
    assert.deepEqual(
      calls.filter((call) => call === 'cluster down'),
      ends,
    )
    const { KUBECONFIG: kubeconfig, LOGGY_E2E_STATIC_PODS: folder } = await tools.suiteEnvironment()
    assert.deepEqual([kubeconfig, folder], ['/state/admin.kubeconfig', '/state/manifests'])
  })

test('a given cluster that does not answer is said to, and nothing is built for it', async (t) => {
  const tools = await StubTools.create(t, ['kubectl', 'make-image'])
  await tools.write('kubectl', 'exit 1')
  assert.equal(await tools.run(['--build', 'make-image'], { KUBECONFIG: '/kubeconfig' }), 2)
  assert.deepEqual(await tools.calls(), ['kubectl get nodes'])
  assert.equal(tools.said.at(-1), 'failed with 1: kubectl get nodes')
})

test('what scenarios leave on a given cluster is deleted, named, and a failure', async (t) => {
  const tools = await StubTools.create(t, [])
  const list = 'run=$(sed \'s/.*LOGGY_E2E_RUN":"\\([^"]*\\).*/\\1/\' "$CALLS.env"); echo "namespace/loggy-e2e-$run-1"'
  await tools.write(
    'kubectl',
    `[ "$2" != namespaces,clusterroles,clusterrolebindings ] || { ${list}; echo namespace/default; echo namespace/loggy-e2e-0-1; }`,
  )
  const files = [await tools.scenario({ passes: true })]
  assert.equal(await tools.run(['--image', 'a:1', ...files], { KUBECONFIG: '/kubeconfig' }), 1)
  const { LOGGY_E2E_RUN: run } = await tools.suiteEnvironment()
  const name = `namespace/loggy-e2e-${run}-1`
  assert.equal((await tools.calls()).at(-1), `kubectl delete ${name} --timeout=180s`)
  assert.ok(tools.said.at(-1)?.endsWith(`: ${name}`))
})

test('arguments that make no sense are told with how it is used, and nothing is run', async (t) => {
  const tools = await StubTools.create(t, ALL)
  assert.equal(await tools.run(['--build', 'x']), 2)
  assert.match(tools.said.join('\n'), /KUBECONFIG, which is not set\n\nUsage: npm run e2e/)
  assert.deepEqual(await tools.calls(), [])
})

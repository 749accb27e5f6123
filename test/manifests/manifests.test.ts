import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { parseTailArguments } from '../../src/ask/tail-options.ts'
import { resolveConfig } from '../../src/config/load.ts'
import { options } from '../../src/config/options.ts'
import type { DaemonSet, KubernetesObject, Kustomization, PodSpec, Probe } from './objects.ts'

/** Milliseconds for the last acks after `shutdown.grace`. */
const LAST_ACKS_MS = 10_000

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const objectsIn = (path: string): KubernetesObject[] => parseAllDocuments(read(path)).map((document) => document.toJS())
const objectIn = (path: string, kind: string): KubernetesObject => {
  const found = objectsIn(path).find((object) => object.kind === kind)
  return found ?? assert.fail(`no ${kind} in ${path}`)
}

const kustomizations = [
  'rbac/kustomization.yaml',
  'rbac/events/kustomization.yaml',
  'rbac/kubelet/kustomization.yaml',
  'rbac/own-account/kustomization.yaml',
  'rbac/namespace-labels/kustomization.yaml',
  'rbac/node-labels/kustomization.yaml',
  'rbac/reader/kustomization.yaml',
  'manifests/kustomization.yaml',
  'manifests/cleanup/kustomization.yaml',
  'manifests/examples/counter/kustomization.yaml',
  'examples/overlay/kustomization.yaml',
  'examples/non-root/kustomization.yaml',
]
const daemonSet: DaemonSet = parse(read('manifests/daemonset.yaml'))
const pod = daemonSet.spec.template.spec
const [agent = assert.fail('no container'), ...otherContainers] = pod.containers

test('kustomizations name files and folders that exist', () => {
  for (const path of kustomizations) {
    const { bases = [], resources = [], configMapGenerator = [], ...rest }: Kustomization = parse(read(path))
    const patches = rest.patchesStrategicMerge ?? []
    const named = [...bases, ...resources, ...patches, ...configMapGenerator.flatMap(({ files }) => files)]
    for (const name of named) assert.ok(existsSync(join(root, dirname(path), name)), `${path}: ${name}`)
  }
})

test('the rights are get, list and watch of pods, and nothing else', () => {
  assert.deepEqual(objectIn('rbac/rbac.yaml', 'ClusterRole').rules, [readerOf('pods')])
  assert.deepEqual(
    objectsIn('rbac/rbac.yaml').map(({ kind }) => kind),
    ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'],
  )
})

test('the labels of namespaces and of nodes have a right of their own', () => {
  assert.deepEqual(objectIn('rbac/namespace-labels/rbac.yaml', 'ClusterRole').rules, [readerOf('namespaces')])
  assert.deepEqual(objectIn('rbac/node-labels/rbac.yaml', 'ClusterRole').rules, [readerOf('nodes')])
})

test('a person may find the agents and reach them, and of other pods learn where they run', () => {
  const path = 'rbac/reader/rbac.yaml'
  const forward = { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] }
  assert.deepEqual(objectIn(path, 'ClusterRole').rules, [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
  ])
  assert.deepEqual(objectIn(path, 'Role').rules, [
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    forward,
  ])
  for (const [role, binding] of [
    ['ClusterRole', 'ClusterRoleBinding'],
    ['Role', 'RoleBinding'],
  ] as const) {
    assert.equal(objectIn(path, binding).roleRef?.name, objectIn(path, role).metadata.name)
    assert.deepEqual(objectIn(path, binding).subjects, [
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'loggy-readers' },
    ])
  }
  const { namespace } = objectIn('rbac/rbac.yaml', 'ServiceAccount').metadata
  for (const kind of ['Role', 'RoleBinding']) assert.equal(objectIn(path, kind).metadata.namespace, namespace)
})

test('the rights of people are not part of what is applied by default', () => {
  for (const path of ['rbac/kustomization.yaml', 'manifests/kustomization.yaml'])
    assert.doesNotMatch(read(path), /reader/)
})

test('the commands ask for what the manifests say', () => {
  const request = parseTailArguments([])
  assert.equal(request.kind, 'options')
  const { agentNamespace, agentSelector, port } = request.options.access
  assert.equal(agentNamespace, parse(read('manifests/kustomization.yaml')).namespace)
  const labels = Object.entries(daemonSet.spec.template.metadata.labels ?? {})
  assert.equal(agentSelector, labels.map(([key, value]) => `${key}=${value}`).join(','))
  assert.equal(port, options.find(({ key }) => key === 'api.port')?.default)
})

test('events have a right of their own, to create them, and it is not applied by default', () => {
  const rules = [{ apiGroups: [''], resources: ['events'], verbs: ['create'] }]
  assert.deepEqual(objectIn('rbac/events/rbac.yaml', 'ClusterRole').rules, rules)
  for (const path of ['rbac/kustomization.yaml', 'manifests/kustomization.yaml'])
    assert.ok(!read(path).includes('events'))
})

test("the right to the kubelet's pods is no other one of the kubelet's, and it is not applied by default", () => {
  const rules = [{ apiGroups: [''], resources: ['nodes/pods'], verbs: ['get'] }]
  assert.deepEqual(objectIn('rbac/kubelet/rbac.yaml', 'ClusterRole').rules, rules)
  for (const path of ['rbac/kustomization.yaml', 'manifests/kustomization.yaml'])
    assert.ok(!read(path).includes('kubelet'))
})

test('every right is bound to the account of the DaemonSet', () => {
  const account = objectIn('rbac/rbac.yaml', 'ServiceAccount').metadata
  assert.equal(pod.serviceAccountName, account.name)
  const optional = ['events', 'kubelet', 'namespace-labels', 'node-labels'].map((folder) => `rbac/${folder}/rbac.yaml`)
  for (const path of ['rbac/rbac.yaml', ...optional]) {
    const { roleRef, subjects } = objectIn(path, 'ClusterRoleBinding')
    assert.equal(roleRef?.name, objectIn(path, 'ClusterRole').metadata.name)
    assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }])
  }
})

test('nobody but the DaemonSet may use its account, where these policies are applied', () => {
  const policies = objectsIn('rbac/own-account/policies.yaml')
  const namesOf = (kind: string) =>
    policies.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name)
  const names = ['loggy-pods', 'loggy-tokens', 'loggy-secrets']
  assert.deepEqual(namesOf('ValidatingAdmissionPolicy'), names)
  assert.deepEqual(namesOf('ValidatingAdmissionPolicyBinding'), names)
  const { name, namespace } = objectIn('rbac/rbac.yaml', 'ServiceAccount').metadata
  for (const { kind, metadata, spec } of policies) {
    const text = JSON.stringify(spec)
    if (kind === 'ValidatingAdmissionPolicyBinding') {
      assert.deepEqual(spec, { policyName: metadata.name, validationActions: ['Deny'] })
      continue
    }
    assert.ok(text.includes(`"kubernetes.io/metadata.name":"${namespace}"`), metadata.name)
    assert.ok(text.includes(`'${name}'`), metadata.name)
    assert.ok(text.includes('"failurePolicy":"Fail"'), metadata.name)
  }
  for (const path of ['rbac/kustomization.yaml', 'manifests/kustomization.yaml'])
    assert.ok(!read(path).includes('own-account'))
})

test('the seccomp profile refuses what it does not name, and names nothing that changes the system', () => {
  const profile = JSON.parse(read('manifests/seccomp/loggy.json'))
  assert.equal(profile.defaultAction, 'SCMP_ACT_ERRNO')
  const names = new Set(profile.syscalls.flatMap(({ names }: { names: string[] }) => names))
  for (const name of ['openat', 'execve', 'futex', 'epoll_pwait']) assert.ok(names.has(name), name)
  for (const name of ['ptrace', 'mount', 'bpf', 'io_uring_setup', 'unshare', 'setns', 'keyctl', 'setuid', 'chroot'])
    assert.ok(!names.has(name), name)
  const said = /allows (\d+) system calls: (\d+) that/.exec(read('manifests/README.md'))
  assert.deepEqual([Number(said?.[1]), Number(said?.[2])], [names.size, profile.syscalls[0].names.length])
})

test('only the pod that needs the token gets it', () => {
  assert.equal(objectIn('rbac/rbac.yaml', 'ServiceAccount').automountServiceAccountToken, false)
  assert.equal(pod.automountServiceAccountToken, true)
})

test('the namespace admits a pod with host paths', () => {
  const { name, labels } = objectIn('rbac/namespace.yaml', 'Namespace').metadata
  assert.equal(name, parse(read('manifests/kustomization.yaml')).namespace)
  assert.equal(labels?.['pod-security.kubernetes.io/enforce'], 'privileged')
})

test('the agent has no capability, gains no privilege and cannot write to its root file system', () => {
  assert.deepEqual(otherContainers, [])
  assert.equal(pod.initContainers, undefined)
  assert.deepEqual(agent.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  assert.deepEqual(pod.securityContext, {
    runAsUser: 0,
    runAsGroup: 0,
    seccompProfile: { type: 'RuntimeDefault' },
  })
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers']) assert.ok(!(key in pod), key)
})

test('the host shows its logs read-only and takes state in one folder', () => {
  const mounts = new Map(agent.volumeMounts.map((mount) => [mount.name, mount]))
  const hostPaths = pod.volumes.flatMap(({ name, hostPath }) =>
    hostPath ? [{ ...hostPath, ...mounts.get(name) }] : [],
  )
  assert.deepEqual(
    hostPaths.map(({ path, mountPath, readOnly = false }) => ({ path, mountPath, readOnly })),
    [
      // Links are absolute: they only lead somewhere where the paths are those of the host.
      { path: '/var/log', mountPath: '/var/log', readOnly: true },
      { path: '/var/lib/docker/containers', mountPath: '/var/lib/docker/containers', readOnly: true },
      { path: '/var/lib/loggy', mountPath: '/var/lib/loggy', readOnly: false },
    ],
  )
  assert.deepEqual(
    hostPaths.map(({ type }) => type),
    ['Directory', '', 'DirectoryOrCreate'],
  )
})

test('the agent runs on every Linux node, and an update leaves most of them running', () => {
  assert.deepEqual(pod.nodeSelector, { 'kubernetes.io/os': 'linux' })
  assert.deepEqual(pod.tolerations, [{ operator: 'Exists' }])
  assert.deepEqual(daemonSet.spec.updateStrategy, {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: '10%' },
  })
  assert.deepEqual(daemonSet.spec.selector.matchLabels, daemonSet.spec.template.metadata.labels)
})

test('memory is limited, processor time is not', () => {
  assert.deepEqual(Object.keys(agent.resources.requests), ['cpu', 'memory'])
  assert.deepEqual(Object.keys(agent.resources.limits), ['memory'])
})

test('the agent is told its node and its own name', () => {
  const paths = agent.env.map(({ name, valueFrom }) => [name, valueFrom.fieldRef.fieldPath])
  assert.deepEqual(Object.fromEntries(paths), {
    NODE_NAME: 'spec.nodeName',
    NODE_IP: 'status.hostIP',
    POD_NAME: 'metadata.name',
    POD_NAMESPACE: 'metadata.namespace',
  })
})

test('the options of the ConfigMap are the defaults, all of them, whether commented out or not', async (t) => {
  const path = join(root, 'manifests/loggy.yaml')
  const uncommented = await temporaryFile(t, read('manifests/loggy.yaml').replace(/^#(?=\S| {2})/gm, ''))
  const asShipped = await resolveConfig({ file: path, env: {}, flags: {} })
  const allSet = await resolveConfig({ file: uncommented, env: {}, flags: {} })
  assert.deepEqual(allSet.config, asShipped.config)
  assert.ok(asShipped.effective.every(({ from }) => from === 'default'))
  const set = allSet.effective.filter(({ from }) => from === 'file').map(({ option }) => option.key)
  // The connection is the service account's, and the node's name comes from the environment.
  // What belongs to another sink than the default one cannot be set beside it.
  const expected = options.filter(
    ({ key, default: value, onlyWith }) =>
      value !== undefined && onlyWith?.variants.has('stdout') !== false && !key.startsWith('kubernetes.'),
  )
  assert.deepEqual(
    set,
    expected.map(({ key }) => key),
  )
})

test('the paths and times of the options fit the DaemonSet', async () => {
  const { config } = await resolveConfig({ file: join(root, 'manifests/loggy.yaml'), env: {}, flags: {} })
  const paths = agent.volumeMounts.map(({ mountPath }) => mountPath)
  assert.ok(paths.includes(config.state.directory))
  assert.ok(paths.some((path) => config.source.directory.startsWith(`${path}/`)))
  assert.ok(config.shutdown.timeout < pod.terminationGracePeriodSeconds * 1000)
  assert.ok(config.shutdown.grace + LAST_ACKS_MS < pod.terminationGracePeriodSeconds * 1000)
})

test('probes and scrapes go to the port that the options open', async () => {
  const { config } = await resolveConfig({ file: join(root, 'manifests/loggy.yaml'), env: {}, flags: {} })
  assert.deepEqual(agent.ports, [{ name: 'metrics', containerPort: config.metrics.port }])
  const probes = [agent.livenessProbe, agent.readinessProbe]
  assert.deepEqual(
    probes.map(({ httpGet }) => httpGet),
    ['/healthz', '/readyz'].map((path) => ({ path, port: 'metrics' })),
  )
  assert.deepEqual(daemonSet.spec.template.metadata.annotations, {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': `${config.metrics.port}`,
    'prometheus.io/path': '/metrics',
  })
})

test('an agent has a minute to answer before it is restarted, longer than before it counts as not ready', () => {
  const patience = ({ periodSeconds, failureThreshold }: Probe) => periodSeconds * failureThreshold
  assert.ok(patience(agent.livenessProbe) >= 60)
  assert.ok(patience(agent.readinessProbe) < patience(agent.livenessProbe))
})

test('the image reads the file of the ConfigMap, without a shell', () => {
  const [generator = assert.fail('no ConfigMap')] = parse(read('manifests/kustomization.yaml')).configMapGenerator
  const mount = agent.volumeMounts.find(({ name }) => name === 'config')
  const dockerfile = read('Dockerfile')
  const wordsOf = (instruction: string): string[] =>
    JSON.parse(dockerfile.match(new RegExp(`^${instruction} (\\[.*\\])$`, 'm'))?.[1] ?? '[]')
  assert.deepEqual(wordsOf('CMD'), ['run', '--config', `${mount?.mountPath}/${generator.files[0]}`])
  assert.equal(wordsOf('ENTRYPOINT')[0], 'node')
})

test('the cleanup removes the folder of the state, on each node where an agent was, and nothing else', async () => {
  const { config } = await resolveConfig({ file: join(root, 'manifests/loggy.yaml'), env: {}, flags: {} })
  const cleanup = objectIn('manifests/cleanup/cleanup.yaml', 'DaemonSet') as DaemonSet
  const { initContainers = [], containers, volumes, ...spec } = cleanup.spec.template.spec
  assert.deepEqual(
    initContainers.map(({ command }) => command),
    [['rm', '-rf', '/parent/loggy']],
  )
  assert.deepEqual(
    volumes.map(({ hostPath }) => hostPath?.path),
    [dirname(config.state.directory)],
  )
  assert.equal(basename(config.state.directory), 'loggy')
  assert.deepEqual([spec.nodeSelector, spec.tolerations], [pod.nodeSelector, pod.tolerations])
  for (const { securityContext } of [...initContainers, ...containers])
    assert.deepEqual(securityContext, agent.securityContext)
  const agents = daemonSet.spec.template.metadata.labels ?? {}
  assert.notEqual(cleanup.spec.template.metadata.labels?.['app.kubernetes.io/name'], agents['app.kubernetes.io/name'])
})

test('the counter has labels, annotations and no rights', () => {
  const counter = objectIn('manifests/examples/counter/counter.yaml', 'Pod')
  assert.deepEqual(counter.metadata.labels, { app: 'counter', tier: 'demo' })
  assert.deepEqual(counter.metadata.annotations, { team: 'payments' })
  const [container] = (counter.spec as PodSpec).containers
  assert.equal(container?.securityContext.allowPrivilegeEscalation, false)
  assert.deepEqual(container?.securityContext.capabilities, { drop: ['ALL'] })
})

function readerOf(resource: string) {
  return { apiGroups: [''], resources: [resource], verbs: ['get', 'list', 'watch'] }
}

async function temporaryFile(t: TestContext, content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'loggy-'))
  t.after(() => rm(directory, { recursive: true }))
  const path = join(directory, 'loggy.yaml')
  await writeFile(path, content)
  return path
}

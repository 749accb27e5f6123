import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { parse, parseAllDocuments } from 'yaml'
import { CHART, chartCases, chartDigest, RENDERED } from '../../scripts/rendered-chart.ts'
import type { Config } from '../../src/config/schema.ts'
import { liveDifference } from '../../src/config/watch-config.ts'
import { resolveYaml } from '../support/resolve-yaml.ts'
import type { DaemonSet, KubernetesObject, PodSpec } from './objects.ts'
import { renderedAgent, renderedObject, renderedObjects, renderedPod } from './rendered-chart.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const objectsIn = (path: string): KubernetesObject[] => parseAllDocuments(read(path)).map((document) => document.toJS())
/** What Helm adds to labels and annotations. */
const HELM_KEYS = /^(app\.kubernetes\.io\/(instance|version|managed-by)|helm\.sh\/chart|checksum\/config|cost-center)$/

test('what Helm made of the chart is of the chart as it is now: run npm run chart', () => {
  assert.equal(readFileSync(join(RENDERED, 'digest.txt'), 'utf8').trim(), chartDigest())
  const rendered = globSync('*.yaml', { cwd: RENDERED }).map((file) => file.replace('.yaml', ''))
  assert.deepEqual(rendered.sort(), chartCases().sort())
})

test('without values the chart makes the objects of the manifests', async (t) => {
  const namespace = { namespace: 'loggy' }
  const [daemonSet] = objectsIn('manifests/daemonset.yaml')
  assert.ok(daemonSet)
  const manifests = [
    ...objectsIn('rbac/rbac.yaml'),
    { ...daemonSet, metadata: { ...daemonSet.metadata, ...namespace } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'loggy', ...namespace, labels: { 'app.kubernetes.io/name': 'loggy' } },
    },
  ]
  const chart = renderedObjects('default').filter(({ kind }) => kind !== 'Pod') // that of `helm test`
  assert.deepEqual(byName(chart.map(withoutOptions)), byName(manifests))
  const texts = [read('manifests/loggy.yaml'), optionsOf('default')]
  const options = await Promise.all(texts.map((text) => resolveYaml(t, text)))
  assert.deepEqual(options[0]?.config, options[1]?.config)
})

test('the chart has each optional permission of rbac/, and the same', () => {
  const folders = globSync('rbac/*/rbac.yaml', { cwd: root })
  assert.ok(folders.length >= 4)
  const chart = renderedObjects('everything')
  for (const path of folders)
    for (const object of objectsIn(path)) {
      const same = chart.find(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name)
      assert.deepEqual(same && plain(same), plain(object), `${path}: ${object.kind} ${object.metadata.name}`)
    }
  const rights = (name: string) =>
    renderedObjects(name).flatMap(({ kind, metadata }) => (kind === 'ClusterRole' ? metadata.name : []))
  assert.deepEqual(rights('default'), ['loggy'])
  assert.deepEqual(rights('existing-configmap'), [])
})

test('the options in each ConfigMap are valid, with those of the platform beside the own ones', async (t) => {
  for (const name of chartCases().filter((one) => one !== 'existing-configmap')) await resolveYaml(t, optionsOf(name))
  const { config } = await resolveYaml(t, optionsOf('aks'))
  const { port, containerLogMaxSize, containerLogMaxFiles } = config.metrics
  assert.deepEqual([port, containerLogMaxSize, containerLogMaxFiles], [9200, 50 * 1024 * 1024, 4])
  assert.equal(config.parse.json, false)
  const all = (await resolveYaml(t, optionsOf('everything'))).config
  assert.equal(all.source.held.maxBytes, 1073741824) // Helm once wrote large numbers as 1.073741824e+09
})

test('a change of options that agents apply at once replaces no pod', async (t) => {
  const template = readFileSync(join(CHART, 'templates/daemonset.yaml'), 'utf8')
  const [, omitted = ''] = /omit \$config (.*?) \|/.exec(template) ?? []
  const sections = [...omitted.matchAll(/"(\w+)"/g)].map(([, section = '']) => section)
  assert.ok(sections.length >= 3)
  const { config } = await resolveYaml(t, '{}')
  // Every value of these sections differs from any that an option can have.
  const other = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, other(inner)]))
      : Symbol('other')
  const changed = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, sections.includes(key) ? other(value) : value]),
  )
  const { live, restart } = liveDifference(config, changed as Config)
  assert.deepEqual(restart, [])
  assert.ok(live.length >= sections.length)
})

test('ports, probes and paths are those of the options', async (t) => {
  for (const name of chartCases().filter((one) => one !== 'existing-configmap')) {
    const { config } = await resolveYaml(t, optionsOf(name))
    const agent = renderedAgent(name)
    assert.deepEqual(agent.ports, [{ name: 'metrics', containerPort: config.metrics.port }], name)
    assert.equal(agent.volumeMounts.find((mount) => mount.name === 'state')?.mountPath, config.state.directory, name)
    const annotations = renderedObject<DaemonSet>(name, 'DaemonSet').spec.template.metadata.annotations ?? {}
    const port = annotations['prometheus.io/scrape'] && `${config.metrics.port}`
    assert.equal(annotations['prometheus.io/port'], port, name)
  }
  const given = renderedAgent('existing-configmap')
  assert.deepEqual(given.ports, [{ name: 'metrics', containerPort: 9200 }])
  assert.equal(given.volumeMounts.find((mount) => mount.name === 'state')?.mountPath, '/data/loggy')
})

test('a ConfigMap and a service account of the own are used, and no others are made', () => {
  const name = 'existing-configmap'
  const kinds = renderedObjects(name).map(({ kind }) => kind)
  assert.deepEqual(kinds.sort(), ['DaemonSet', 'Pod'])
  const pod = renderedPod(name)
  assert.equal(pod.serviceAccountName, 'mine')
  assert.ok(pod.volumes.some(({ configMap }) => configMap?.name === 'my-options'))
  assert.deepEqual(pod.volumes.find((volume) => volume.name === 'state')?.emptyDir, {})
  assert.equal(renderedObject(name, 'DaemonSet').metadata.name, 'node-logs')
})

test('each Secret is mounted where the options look for its files', async (t) => {
  const { config } = await resolveYaml(t, optionsOf('everything'))
  assert.ok(config.sink.type === 'http')
  const volumes = renderedPod('everything').volumes
  const mounts = renderedAgent('everything').volumeMounts
  const volume = volumes.find(({ secret }) => secret?.secretName === 'collector')
  const mount = mounts.find(({ name }) => name === volume?.name)
  assert.ok(config.sink.tokenFile.startsWith(`${mount?.mountPath}/`))
  assert.equal(mount?.readOnly, true)
})

test('the pod of helm test probes the sink with the settings of the agents, and is none of theirs', () => {
  for (const name of chartCases()) {
    const { metadata, spec } = renderedObject(name, 'Pod')
    assert.equal(metadata.annotations?.['helm.sh/hook'], 'test')
    const selector = renderedObject<DaemonSet>(name, 'DaemonSet').spec.selector.matchLabels
    const own = Object.entries(selector as object).every(([key, value]) => metadata.labels?.[key] === value)
    assert.ok(!own, 'the DaemonSet would adopt it')
    const [container = assert.fail('no container')] = (spec as PodSpec).containers
    const agent = renderedAgent(name)
    assert.deepEqual(container.args, ['check', '--probe', '--config', '/etc/loggy/loggy.yaml'])
    assert.deepEqual([container.image, container.env], [agent.image, agent.env])
    const hostVolumes = ['logs', 'docker-logs']
    const expected = agent.volumeMounts.filter((mount) => !hostVolumes.includes(mount.name))
    assert.deepEqual(container.volumeMounts, expected)
  }
})

test('values.yaml and its schema have the same keys', () => {
  const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'))
  const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8'))
  const { global: _, ...properties } = schema.properties
  assert.deepEqual(Object.keys(properties).sort(), Object.keys(values).sort())
  for (const [key, property] of Object.entries<{ $ref?: string; properties?: object }>(properties)) {
    const shape = property.$ref ? schema.definitions[property.$ref.split('/').at(-1) ?? ''] : property
    if (shape.properties) assert.deepEqual(Object.keys(shape.properties).sort(), Object.keys(values[key]).sort(), key)
  }
})

test('chart, application and package have one version', () => {
  const { version, appVersion } = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))
  const manifest = JSON.parse(read('package.json'))
  assert.deepEqual([version, appVersion], [manifest.version, manifest.version])
})

function optionsOf(name: string): string {
  const map = renderedObjects(name).find(({ kind, data }) => kind === 'ConfigMap' && data?.['loggy.yaml'])
  return map?.data?.['loggy.yaml'] ?? assert.fail(`no options in ${name}`)
}

/** Without what Helm adds, and without the options, which are compared by what they mean. */
function withoutOptions(object: KubernetesObject): KubernetesObject {
  const { data, ...rest } = plain(object)
  return isDeepStrictEqual(Object.keys(data ?? {}), ['loggy.yaml']) ? rest : { ...rest, ...(data && { data }) }
}

function plain(object: KubernetesObject): KubernetesObject {
  return JSON.parse(JSON.stringify(object, (key, value) => (HELM_KEYS.test(key) ? undefined : value)))
}

function byName(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const nameOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`
  return objects.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)))
}

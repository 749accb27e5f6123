import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { ConfigError, type Fault } from '../../src/config/config-error.ts'
import { runFlags } from '../../src/config/flags.ts'
import { type ConfigInputs, loadConfig, resolveConfig } from '../../src/config/load.ts'
import { type Option, options } from '../../src/config/options.ts'
import type { Config } from '../../src/config/schema.ts'
import { anyText } from '../support/any-text.ts'

interface Given {
  readonly yaml?: string
  readonly env?: ConfigInputs['env']
  readonly argv?: string[]
}

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'loggy-config-'))
})
after(() => rm(directory, { recursive: true }))

async function load({ yaml, env = {}, argv = [] }: Given): Promise<Config> {
  const file = yaml === undefined ? undefined : join(directory, 'config.yaml')
  if (file !== undefined) await writeFile(file, yaml ?? '')
  const { values } = parseArgs({ args: argv, options: runFlags })
  return loadConfig({ file, env, flags: values, hostName: () => 'machine' })
}

async function faultsOf(given: Given): Promise<readonly Fault[]> {
  return (await errorOf(given)).faults
}

async function errorOf(given: Given): Promise<ConfigError> {
  const error = await load(given).then(
    () => assert.fail('no fault was found'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ConfigError, String(error))
  assert.equal(error.code, 'CONFIG_INVALID')
  return error
}

const defaults = {
  source: {
    directory: '/var/log/containers',
    startAt: 'beginning',
    maxLineBytes: 1048576,
    held: { maxBytes: 1_073_741_824, maxFiles: 1000 },
  },
  select: {
    namespaces: { include: ['*'], exclude: ['kube-system'] },
    containers: { include: ['*'], exclude: [] },
    labels: '',
    annotations: '',
    minLevel: 'trace',
    podAnnotations: true,
  },
  parse: { level: 'auto', multiline: 'auto', json: false },
  redact: { presets: [], patterns: [], mode: 'mask', keyFile: '' },
  enrich: {
    from: 'api',
    waitForMetadata: 5000,
    labels: { include: ['*'], exclude: [] },
    annotations: { include: ['*'], exclude: ['*/last-applied-configuration'] },
    maxAnnotationBytes: 16384,
    recordId: false,
    cluster: '',
    fields: {},
    namespaceLabels: false,
    nodeLabels: false,
    deletedPodGracePeriod: 600_000,
  },
  limit: {
    container: { linesPerSecond: 0, bytesPerSecond: 0, burst: 10_000, over: 'delay' },
    namespace: { linesPerSecond: 0, bytesPerSecond: 0, burst: 10_000, over: 'delay' },
  },
  sink: { type: 'stdout', schema: 'loggy' },
  state: { directory: '/var/lib/loggy' },
  kubernetes: { nodeName: 'machine', kubeconfig: '', kubeletUrl: 'https://127.0.0.1:10250', kubeletCaFile: '' },
  metrics: { port: 9180, containerLogMaxSize: 10_485_760, containerLogMaxFiles: 5 },
  api: { port: 9181 },
  shutdown: { timeout: 25_000, grace: 45_000 },
  log: { level: 'info' },
}

test('nothing given is all defaults', async () => assert.deepEqual(await load({}), defaults))

for (const yaml of ['', '# only a comment\n', '---\n', 'null\n', '{}\n', 'select:\nsource:\n', '\uFEFFselect:\n']) {
  test(`the file ${JSON.stringify(yaml)} is all defaults`, async () => assert.deepEqual(await load({ yaml }), defaults))
}

test('the configuration is frozen at every depth', async () => {
  const assertFrozen = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return
    assert.ok(Object.isFrozen(value))
    Object.values(value).forEach(assertFrozen)
  }
  const yaml = 'select: { namespaces: { include: [shop] } }\nsink: { type: file, path: /tmp/entries }'
  const config = await load({ yaml })
  assertFrozen(config)
  assertFrozen(await load({}))
  const rotate = { maxBytes: 0, keep: 5 }
  assert.deepEqual(config.sink, { type: 'file', schema: 'loggy', path: '/tmp/entries', rotate, fsync: false })
})

test("the kubelet's address is that of the node, as the pod is told", async () => {
  const urlOf = async (env: Record<string, string>) => (await load({ env })).kubernetes.kubeletUrl
  assert.equal(await urlOf({ NODE_IP: '10.0.0.1' }), 'https://10.0.0.1:10250')
  assert.equal(await urlOf({ NODE_IP: 'fd00::1' }), 'https://[fd00::1]:10250')
  assert.equal(await urlOf({ NODE_IP: '10.0.0.1', LOGGY_KUBERNETES_KUBELET_URL: 'https://k' }), 'https://k')
})

test('a flag goes before a variable, a variable before the file, the file before the default', async () => {
  const yaml = 'log: { level: error }'
  const env = { LOGGY_LOG_LEVEL: 'warn' }
  const argv = ['--log-level', 'debug']
  assert.equal((await load({ yaml, env, argv })).log.level, 'debug')
  assert.equal((await load({ yaml, env })).log.level, 'warn')
  assert.equal((await load({ yaml })).log.level, 'error')
})

test('a list given twice as a flag or with commas is one list', async () => {
  const argv = ['--namespaces', 'shop,team-*', '--namespaces', 'bank', '--exclude-namespaces', '']
  assert.deepEqual((await load({ argv })).select.namespaces, { include: ['shop', 'team-*', 'bank'], exclude: [] })
})

test('short flags take selectors', async () => {
  const { select } = await load({ argv: ['-l', 'app in (web,api),tier!=cache', '-A', 'team=payments'] })
  assert.equal(select.labels, 'app in (web,api),tier!=cache')
  assert.equal(select.annotations, 'team=payments')
})

test('the node is named by flag, LOGGY_KUBERNETES_NODE_NAME, file, NODE_NAME and the machine, in this order', async () => {
  const yaml = 'kubernetes: { nodeName: from-file }'
  const env = { NODE_NAME: 'from-downward-api', LOGGY_KUBERNETES_NODE_NAME: 'from-variable' }
  const nameOf = async (given: Given) => (await load(given)).kubernetes.nodeName
  assert.equal(await nameOf({ yaml, env, argv: ['--node-name', 'from-flag'] }), 'from-flag')
  assert.equal(await nameOf({ yaml, env }), 'from-variable')
  assert.equal(await nameOf({ yaml, env: { NODE_NAME: 'from-downward-api' } }), 'from-file')
  assert.equal(await nameOf({ env: { NODE_NAME: 'from-downward-api' } }), 'from-downward-api')
  assert.equal(await nameOf({ env: { NODE_NAME: '' } }), 'machine')
})

/** For each option: a text that is not its default, and what it becomes. */
const samples: Readonly<Record<string, [text: string, value: unknown]>> = {
  'source.directory': ['/logs', '/logs'],
  'source.startAt': ['end', 'end'],
  'source.maxLineBytes': ['64Ki', 65536],
  'source.held.maxBytes': ['10Mi', 10_485_760],
  'source.held.maxFiles': ['7', 7],
  'select.namespaces.include': ['a,b', ['a', 'b']],
  'select.namespaces.exclude': ['', []],
  'select.containers.include': ['app', ['app']],
  'select.containers.exclude': ['istio-*, linkerd-*', ['istio-*', 'linkerd-*']],
  'select.labels': ['app=web', 'app=web'],
  'select.annotations': ['team', 'team'],
  'select.minLevel': ['warn', 'warn'],
  'select.podAnnotations': ['false', false],
  'parse.level': ['off', 'off'],
  'parse.multiline': ['off', 'off'],
  'parse.json': ['true', true],
  'redact.presets': ['cards, tokens', ['cards', 'tokens']],
  'redact.patterns': ['order=ORD-[0-9]{6%2C8}', [{ name: 'order', pattern: 'ORD-[0-9]{6,8}' }]],
  'redact.mode': ['hash', 'hash'],
  'redact.keyFile': ['/key', '/key'],
  'enrich.from': ['auto', 'auto'],
  'enrich.waitForMetadata': ['1m30s', 90_000],
  'enrich.labels.include': ['app', ['app']],
  'enrich.labels.exclude': ['pod-template-hash', ['pod-template-hash']],
  'enrich.annotations.include': ['team', ['team']],
  'enrich.annotations.exclude': ['*', ['*']],
  'enrich.maxAnnotationBytes': ['0', 0],
  'enrich.recordId': ['true', true],
  'enrich.cluster': ['prod-1', 'prod-1'],
  'enrich.fields': ['team=payments, tier = a%2Cb', { team: 'payments', tier: 'a,b' }],
  'enrich.namespaceLabels': ['true', true],
  'enrich.nodeLabels': ['true', true],
  'enrich.deletedPodGracePeriod': ['0s', 0],
  'limit.container.linesPerSecond': ['100', 100],
  'limit.container.bytesPerSecond': ['64Ki', 65_536],
  'limit.container.burst': ['30s', 30_000],
  'limit.container.over': ['sample', 'sample'],
  'limit.namespace.linesPerSecond': ['1000', 1000],
  'limit.namespace.bytesPerSecond': ['1Mi', 1_048_576],
  'limit.namespace.burst': ['1m', 60_000],
  'limit.namespace.over': ['sample', 'sample'],
  'sink.type': ['file', 'file'],
  'sink.schema': ['ecs', 'ecs'],
  'sink.path': ['/entries', '/entries'],
  'sink.rotate.maxBytes': ['10Mi', 10_485_760],
  'sink.rotate.keep': ['3', 3],
  'sink.fsync': ['true', true],
  'sink.url': ['https://collector.example/entries?tenant=shop', 'https://collector.example/entries?tenant=shop'],
  'sink.headers': ['X-Scope-OrgID=shop, X-List = a%2Cb=c', { 'X-Scope-OrgID': 'shop', 'X-List': 'a,b=c' }],
  'sink.compression': ['zstd', 'zstd'],
  'sink.maxEntryBytes': ['256Ki', 262_144],
  'sink.tokenFile': ['/token', '/token'],
  'sink.username': ['shop', 'shop'],
  'sink.passwordFile': ['/password', '/password'],
  'sink.timeout': ['5s', 5000],
  'sink.maxInFlight': ['1', 1],
  'sink.retryFor': ['24h', 86_400_000],
  'sink.tenant.name': ['shop', 'shop'],
  'sink.tenant.allow': ['team-*', ['team-*']],
  'sink.tenant.header': ['X-Tenant', 'X-Tenant'],
  'sink.tls.caFile': ['/ca.crt', '/ca.crt'],
  'sink.tls.certFile': ['/tls.crt', '/tls.crt'],
  'sink.tls.keyFile': ['/tls.key', '/tls.key'],
  'sink.tls.serverName': ['collector.example', 'collector.example'],
  'sink.tls.insecureSkipVerify': ['true', true],
  'sink.deadLetter.path': ['/dead', '/dead'],
  'sink.deadLetter.maxBytes': ['1Gi', 1_073_741_824],
  'sink.body': ['map', 'map'],
  'sink.structuredMetadata.labels': ['app, team', ['app', 'team']],
  'sink.structuredMetadata.annotations': ['note/*', ['note/*']],
  'sink.maxLineBytes': ['64Ki', 65536],
  'sink.dataStream.dataset': ['shop', 'shop'],
  'sink.dataStream.namespace': ['prod', 'prod'],
  'sink.dataStream.allow': ['team.*', ['team.*']],
  'sink.apiKeyFile': ['/key', '/key'],
  'sink.index': ['k8s', 'k8s'],
  'sink.source': ['here', 'here'],
  'sink.sourcetype': ['kube', 'kube'],
  'state.directory': ['/state', '/state'],
  'kubernetes.nodeName': ['node-1', 'node-1'],
  'kubernetes.kubeconfig': ['admin.conf', 'admin.conf'],
  'kubernetes.kubeletUrl': ['https://10.0.0.1:10250', 'https://10.0.0.1:10250'],
  'kubernetes.kubeletCaFile': ['/etc/kubelet.crt', '/etc/kubelet.crt'],
  'metrics.port': ['0', 0],
  'metrics.containerLogMaxSize': ['50Mi', 52_428_800],
  'metrics.containerLogMaxFiles': ['3', 3],
  'api.port': ['9999', 9999],
  'shutdown.timeout': ['10s', 10_000],
  'shutdown.grace': ['0s', 0],
  'log.level': ['error', 'error'],
}

test('there is a sample for each option', () => {
  assert.deepEqual(
    Object.keys(samples),
    options.map(({ key }) => key),
  )
})

test('keys that several sinks have are those of the chosen one, with its defaults', async () => {
  const compressionOf = async (yaml: string, env = {}) => {
    const { sink } = await load({ yaml, env })
    return 'compression' in sink ? [sink.type, sink.url, sink.compression] : []
  }
  const file = 'sink: { type: http, url: "http://a/b", headers: { Content-Type: x } }'
  assert.deepEqual(await compressionOf(file), ['http', 'http://a/b', 'none'])
  assert.deepEqual(await compressionOf('sink: { type: otlp, url: "http://a/b" }'), ['otlp', 'http://a/b', 'gzip'])
  const other = { LOGGY_SINK_TYPE: 'otlp', LOGGY_SINK_HEADERS: '' }
  assert.deepEqual(await compressionOf(file, other), ['otlp', 'http://a/b', 'gzip'])
  assert.deepEqual(await compressionOf(`${file.slice(0, -1)}, compression: zstd }`, other), [
    'otlp',
    'http://a/b',
    'zstd',
  ])
})

test('elasticsearch never gets zstd, and says why', async () => {
  const yaml = 'sink: { type: elasticsearch, url: "http://a", compression: zstd, dataStream: { dataset: a-b } }'
  const faults = await faultsOf({ yaml })
  assert.deepEqual(faults.map(({ key, expected }) => [key, expected]).sort(), [
    ['sink.compression', 'none or gzip; OpenSearch ends when it gets zstd'],
    ['sink.dataStream.dataset', '1 to 100 of the characters a-z, 0-9, _ and .'],
  ])
})

test('fixed fields that Loki could not take as labels, or not tell apart, are a fault at the start', async () => {
  const expectedOf = async (fields: object, type = 'loki') => {
    const yaml = JSON.stringify({ sink: { type, url: 'http://a' }, enrich: { fields } })
    return (await faultsOf({ yaml })).map(({ key, expected }) => [key, expected.replace(/, since .*/, '')])
  }
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`f${index}`, 'x']))
  const own = "a name of Loki's or of Loggy's own"
  for (const [fields, expected] of [
    [many, 'at most 10 fields'],
    [{ namespace: 'x' }, `no field whose label would be namespace, ${own}`],
    [{ pod: 'x' }, `no field whose label would be pod, ${own}`],
    [{ '--x': 'x' }, `no field whose label would be __x, ${own}`],
    [{ 'label.team': 'x' }, `no field whose label would be label_team, ${own}`],
    [{ 'a.b': 'x', 'a/b': 'x' }, 'no two fields whose label would be a_b'],
    [{ a: 'x'.repeat(2049) }, 'values of at most 2048 bytes'],
  ] as const)
    assert.deepEqual(await expectedOf(fields), [['enrich.fields', expected]])
  const { enrich } = await load({ yaml: 'sink: { type: otlp, url: "http://a" }\nenrich: { fields: { namespace: x } }' })
  assert.deepEqual(enrich.fields, { namespace: 'x' })
})

test('datadog and splunk are sent to in gzip with a type and an address, have their own names for the secret, and no tenants', async () => {
  for (const type of ['datadog', 'splunk']) {
    const { sink } = await load({ yaml: `sink: { type: ${type}, url: "http://a" }` })
    assert.ok('compression' in sink && sink.compression === 'gzip')
    const yaml = `sink: { type: ${type}, url: "http://a", compression: zstd, tenant: { name: a }, headers: { content-type: b } }`
    const keys = (await faultsOf({ yaml })).map(({ key }) => key).sort()
    assert.deepEqual(keys, ['sink.compression', 'sink.headers', 'sink.tenant.name'])
  }
  for (const wrong of [
    '{ type: datadog, url: "http://a", tokenFile: b }',
    '{ type: splunk, url: "http://a", apiKeyFile: b }',
  ])
    assert.equal((await faultsOf({ yaml: `sink: ${wrong}` })).length, 1)
})

test('a user has a password file, and no token', async () => {
  const keysOf = async (sink: string) =>
    (await faultsOf({ yaml: `sink: { type: http, url: "http://a", ${sink} }` })).map(({ key }) => key)
  assert.deepEqual(await keysOf('username: a'), ['sink.passwordFile'])
  assert.deepEqual(await keysOf('passwordFile: /a'), ['sink.username'])
  assert.deepEqual(await keysOf('username: a, passwordFile: /a, tokenFile: /b'), ['sink.tokenFile'])
  assert.deepEqual(await keysOf('username: "a:b", passwordFile: /a'), ['sink.username'])
})

test('marks with a hash need a key, and patterns a name of their own each', async () => {
  const keysOf = async (redact: string) => (await faultsOf({ yaml: `redact: { ${redact} }` })).map(({ key }) => key)
  assert.deepEqual(await keysOf('mode: hash'), ['redact.keyFile'])
  assert.deepEqual(await keysOf('presets: [card]'), ['redact.presets'])
  assert.deepEqual(await keysOf('presets: [ips, ips]'), ['redact.presets'])
  for (const patterns of [
    '{ name: cards, pattern: a }',
    '{ name: cut, pattern: a }',
    '{ name: A, pattern: a }',
    '{ name: a, pattern: "(" }',
    '{ name: a, pattern: "(?<=a)b" }',
    '{ name: a, pattern: "" }',
    '{ name: a, pattern: a }, { name: a, pattern: b }',
    '{ name: a }',
  ])
    assert.deepEqual(await keysOf(`patterns: [${patterns}]`), ['redact.patterns'], patterns)
})

/** What an option of a sink goes with: the sink's type, and what that requires. */
function together(option: Option): Map<Option, string> {
  const { onlyWith } = option
  const texts = new Map([[option, samples[option.key]?.[0] ?? '']])
  const type = [...(onlyWith?.variants.keys() ?? [])][0] ?? (option.key === 'sink.type' ? 'file' : undefined)
  const partners: Readonly<Record<string, string>> = {
    'sink.username': 'sink.passwordFile',
    'sink.passwordFile': 'sink.username',
    'redact.mode': 'redact.keyFile',
  }
  const partner = partners[option.key]
  for (const other of options) {
    if (other.key === partner) texts.set(other, samples[other.key]?.[0] ?? '')
    if (type !== undefined && other.key === 'sink.type') texts.set(other, type)
    const required = type === undefined ? undefined : other.onlyWith?.variants.get(type)
    if (required !== undefined && required.default === undefined) {
      texts.set(other, samples[other.key]?.[0] ?? '')
    }
  }
  return texts
}

function valueAt(config: Config, key: string): unknown {
  return key.split('.').reduce((node, name) => Reflect.get(Object(node), name), config as unknown)
}

for (const option of options) {
  const [text = '', value] = samples[option.key] ?? []
  test(`${option.env} sets ${option.key}`, async () => {
    const env = Object.fromEntries([...together(option)].map(([{ env }, text]) => [env, text]))
    assert.deepEqual(valueAt(await load({ env }), option.key), value)
  })
  if (option.flag === undefined) continue
  test(`--${option.flag} sets ${option.key}`, async () => {
    const argv = [...together(option)].flatMap(([{ flag }, text]) => [`--${flag}`, text])
    assert.deepEqual(valueAt(await load({ argv }), option.key), value)
    assert.ok(argv.includes(text))
  })
}

test('all faults of file, environment and flags are reported together', async () => {
  const faults = await faultsOf({
    yaml: 'source: { maxLineByte: 5, startAt: middle }\nselect: 7\nsurce: {}\nenrich: { waitForMetadata: 5 }\nsink: { type: file }',
    env: { LOGGY_LOG_LEVEL: 'loud', LOGGY_LOG_LEVL: 'info' },
    argv: ['--namespaces', 'a b', '--state', 'relative'],
  })
  assert.deepEqual(faults.map(({ key, from }) => `${from} ${key}`).sort(), [
    'env LOGGY_LOG_LEVL',
    'env log.level',
    'file enrich.waitForMetadata',
    'file select',
    'file sink.path',
    'file source.maxLineByte',
    'file source.startAt',
    'file surce',
    'flag select.namespaces.include',
    'flag state.directory',
  ])
})

test('a faulty value is reported even where a stronger one hides it', async () => {
  const [fault, ...others] = await faultsOf({ yaml: 'log: { level: loud }', argv: ['--log-level', 'info'] })
  assert.deepEqual(fault, { key: 'log.level', value: 'loud', expected: 'error or warn or info or debug', from: 'file' })
  assert.equal(others.length, 0)
})

const wrongValues: readonly [yaml: string, key: string, value: unknown][] = [
  ['source: { maxLineBytes: 1023 }', 'source.maxLineBytes', 1023],
  ['source: { maxLineBytes: 17Mi }', 'source.maxLineBytes', '17Mi'],
  ['source: { maxLineBytes: 1024.5 }', 'source.maxLineBytes', 1024.5],
  ['source: { maxLineBytes: .inf }', 'source.maxLineBytes', Number.POSITIVE_INFINITY],
  ['source: { maxLineBytes: true }', 'source.maxLineBytes', true],
  ['source: { directory: logs }', 'source.directory', 'logs'],
  ['source: { directory: "/logs\\0" }', 'source.directory', '/logs\0'],
  ['source: { directory: }', 'source.directory', null],
  ['enrich: { waitForMetadata: 11m }', 'enrich.waitForMetadata', '11m'],
  ['enrich: { waitForMetadata: [5s] }', 'enrich.waitForMetadata', ['5s']],
  ['enrich: { namespaceLabels: "yes" }', 'enrich.namespaceLabels', 'yes'],
  ['shutdown: { timeout: 0s }', 'shutdown.timeout', '0s'],
  ['limit: { container: { linesPerSecond: -1 } }', 'limit.container.linesPerSecond', -1],
  ['limit: { namespace: { over: drop } }', 'limit.namespace.over', 'drop'],
  ['select: { namespaces: { include: shop } }', 'select.namespaces.include', 'shop'],
  ['select: { namespaces: { include: [shop, 5] } }', 'select.namespaces.include', ['shop', 5]],
  ['select: { namespaces: { include: [""] } }', 'select.namespaces.include', ['']],
  ['select: { labels: { app: web } }', 'select.labels', { app: 'web' }],
  ['select: { labels: "app in (web" }', 'select.labels', 'app in (web'],
  ['select: { annotations: "=x" }', 'select.annotations', '=x'],
  ['kubernetes: { nodeName: "a,b=c" }', 'kubernetes.nodeName', 'a,b=c'],
  ['kubernetes: { kubeletUrl: "http://10.0.0.1:10255" }', 'kubernetes.kubeletUrl', 'http://10.0.0.1:10255'],
  ['sink: { type: kafka }', 'sink.type', 'kafka'],
  ['sink: { type: http }', 'sink.url', undefined],
  ['sink: { type: otlp }', 'sink.url', undefined],
  ['sink: { type: otlp, url: "http://a", path: /b }', 'sink.path', '/b'],
  ['sink: { type: otlp, url: "http://a", headers: { Content-Type: b } }', 'sink.headers', { 'Content-Type': 'b' }],
  ['sink: { type: http, url: collector.example }', 'sink.url', 'collector.example'],
  ['sink: { type: http, url: "ftp://collector.example" }', 'sink.url', 'ftp://collector.example'],
  ['sink: { type: http, url: "http://me:hunter2@a.example" }', 'sink.url', 'http://me:hunter2@a.example'],
  ['enrich: { fields: { log: x } }', 'enrich.fields', { log: 'x' }],
  ['sink: { type: loki }', 'sink.url', undefined],
  ['sink: { type: loki, url: "http://a", compression: zstd }', 'sink.compression', 'zstd'],
  ['sink: { type: loki, url: "http://a", schema: otel }', 'sink.schema', 'otel'],
  ['enrich: { fields: { shard: 7 } }', 'enrich.fields', { shard: 7 }],
  ['enrich: { fields: { "a b": x } }', 'enrich.fields', { 'a b': 'x' }],
  ['enrich: { cluster: "a\\nb" }', 'enrich.cluster', 'a\nb'],
  ['sink: { type: http, url: "http://a", tenant: { header: Content-Length } }', 'sink.tenant.header', 'Content-Length'],
  ['sink: { type: http, url: "http://a", headers: { a b: c } }', 'sink.headers', { 'a b': 'c' }],
  ['sink: { type: http, url: "http://a", headers: { X-Org: 7 } }', 'sink.headers', { 'X-Org': 7 }],
  ['sink: { type: http, url: "http://a", headers: { x: "a\\nb" } }', 'sink.headers', { x: 'a\nb' }],
  [
    'sink: { type: http, url: "http://a", headers: { Content-Length: "7" } }',
    'sink.headers',
    { 'Content-Length': '7' },
  ],
  ['sink: { type: http, url: "http://a", maxInFlight: 0 }', 'sink.maxInFlight', 0],
  ['sink: { type: http, url: "http://a", maxInFlight: 1.5 }', 'sink.maxInFlight', 1.5],
  ['sink: { type: http, url: "http://a", timeout: 1ms }', 'sink.timeout', '1ms'],
  ['sink: { type: http, url: "http://a", compression: br }', 'sink.compression', 'br'],
  ['sink: { type: http, url: "http://a", tls: { serverName: "a b" } }', 'sink.tls.serverName', 'a b'],
  ['sink: { type: http, url: "http://a", deadLetter: { maxBytes: 1Ki } }', 'sink.deadLetter.maxBytes', '1Ki'],
  ['sink: { type: file, path: /entries, rotate: { keep: 0 } }', 'sink.rotate.keep', 0],
  ['sink: { type: file, path: /entries, compression: gzip }', 'sink.compression', 'gzip'],
  ['sink: { type: file, path: entries }', 'sink.path', 'entries'],
  ['sink: { type: file }', 'sink.path', undefined],
  ['sink: { path: /entries }', 'sink.path', '/entries'],
  ['sink: { schema: gelf }', 'sink.schema', 'gelf'],
  ['sink: []', 'sink', []],
  ['log: { level: "a\\u2028b\\nc" }', 'log.level', 'a\u2028b\nc'],
]

for (const [yaml, key, value] of wrongValues) {
  test(`${yaml} is refused`, async () => {
    const faults = await faultsOf({ yaml })
    assert.deepEqual(
      faults.map(({ key, value, from }) => ({ key, value, from })),
      [{ key, value, from: 'file' }],
    )
  })
}

test('a map that holds itself is refused', async () => {
  const error = await errorOf({ yaml: 'source: &a { directory: *a, more: *a }' })
  assert.equal(error.faults.length, error.format().split('\n').length)
})

test('a selector fault says what is wrong with the selector', async () => {
  const [fault] = await faultsOf({ yaml: 'select: { labels: "app in (web" }' })
  assert.match(fault?.expected ?? '', /^a selector, such as .+ \(.+\)$/)
})

const unknownKeys: readonly [yaml: string, key: string, nearest: string | undefined][] = [
  ['source: { maxLineByte: 5 }', 'source.maxLineByte', 'source.maxLineBytes'],
  ['selects: {}', 'selects', 'select'],
  ['select: { namespace: { include: [a] } }', 'select.namespace', 'select.namespaces'],
  ['output: {}', 'output', undefined],
  ['sink: { type: stdout, uri: x }', 'sink.uri', 'sink.url'],
  ['1: 2', '1', undefined],
  ['source.directory: /logs', 'source.directory', undefined],
  ['source: { "directory.": /logs }', 'source.directory.', 'source.directory'],
  ['__proto__: { polluted: true }', '__proto__', undefined],
  ['constructor: 1', 'constructor', undefined],
  ['? { a: b }\n: 1', '{ a: b }', undefined],
]

for (const [yaml, key, nearest] of unknownKeys) {
  test(`${yaml} has an unknown key${nearest === undefined ? '' : ` that is taken for ${nearest}`}`, async () => {
    const faults = await faultsOf({ yaml })
    assert.deepEqual(
      faults.map((fault) => [fault.key, fault.nearest]),
      [[key, nearest]],
    )
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  })
}

test('all unknown keys of one section are reported', async () => {
  assert.equal((await faultsOf({ yaml: 'log: { a: 1, b: 2, c: 3 }' })).length, 3)
})

const brokenFiles: readonly [name: string, yaml: string, place: string][] = [
  ['a duplicate key', 'log:\n  level: info\n  level: warn\n', ':3:3'],
  ['a syntax error', 'source:\n  directory: "/logs\n', ':3:1'],
  ['an unquoted asterisk', 'select:\n  namespaces: { include: [*] }\n', ':2:'],
  ['two documents', 'log: {}\n---\nlog: {}\n', ':2:1'],
  ['an unknown tag', 'log: !Ref x\n', ':1:6'],
  ['an alias that leads nowhere', 'log: *nowhere\n', ''],
  [
    'aliases that multiply',
    `a: &a [x]\n${[...'bcdefghij'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`)}]`).join('\n')}`,
    '',
  ],
  // The parser's stack ends before the 2,000th.
  ['endless nesting', '['.repeat(20_000), ''],
  ['a tab for indentation', 'log:\n\tlevel: info\n', ':2:1'],
]

for (const [name, yaml, place] of brokenFiles) {
  test(`${name} is a fault of the file, with its place`, async () => {
    const [fault] = await faultsOf({ yaml })
    assert.equal(fault?.key, '--config')
    assert.ok(String(fault?.value).includes(`config.yaml${place}`), String(fault?.value))
    assert.match(fault?.expected ?? '', /^YAML \(.+\)$/)
  })
}

for (const yaml of ['- a', 'text', '5', 'true', '[]']) {
  test(`a file that holds ${yaml} is no map of options`, async () => {
    const [fault] = await faultsOf({ yaml })
    assert.match(fault?.expected ?? '', /^a map of options/)
  })
}

test('a broken file does not hide the faults of the environment', async () => {
  const faults = await faultsOf({ yaml: 'a: [', env: { LOGGY_SINK_TYPE: 'kafka' } })
  assert.ok(faults.some(({ key }) => key === 'sink.type'))
})

test('a file that is missing or is a directory is a fault', async () => {
  for (const [file, code] of [
    [join(directory, 'missing.yaml'), 'ENOENT'],
    [directory, 'EISDIR'],
  ]) {
    await assert.rejects(loadConfig({ file, env: {}, flags: {} }), (error) => {
      assert.ok(error instanceof ConfigError)
      const expected = `a file that can be read (${code})`
      assert.deepEqual(error.faults, [{ key: '--config', value: file, expected, from: 'flag' }])
      return true
    })
  }
})

test('an unknown variable is a fault, with the one that was meant', async () => {
  const faults = await faultsOf({ env: { LOGGY_SELECT_LABEL: 'a=b', LOGGY_: '', LOGGYX: '', OTHER: 'x' } })
  assert.deepEqual(
    faults.map(({ key, nearest }) => [key, nearest]),
    [
      ['LOGGY_SELECT_LABEL', 'LOGGY_SELECT_LABELS'],
      ['LOGGY_', undefined],
    ],
  )
})

test('the links that Kubernetes sets for Services called loggy are no faults', async () => {
  const env = {
    LOGGY_SERVICE_HOST: '10.0.0.1',
    LOGGY_SERVICE_PORT: '80',
    LOGGY_SERVICE_PORT_HTTP: '80',
    LOGGY_PORT: 'tcp://10.0.0.1:80',
    LOGGY_PORT_80_TCP: 'tcp://10.0.0.1:80',
    LOGGY_PORT_80_TCP_PROTO: 'tcp',
    LOGGY_PORT_80_TCP_PORT: '80',
    LOGGY_PORT_80_TCP_ADDR: '10.0.0.1',
    LOGGY_METRICS_SERVICE_HOST: '10.0.0.2',
    LOGGY_METRICS_PORT_9090_TCP_ADDR: '10.0.0.2',
  }
  assert.deepEqual(await load({ env }), defaults)
})

test('a flag that replaces the sink of the file leaves out its path', async () => {
  const yaml = 'sink: { type: file, path: /entries }'
  assert.deepEqual((await load({ yaml, argv: ['--sink', 'stdout'] })).sink, { type: 'stdout', schema: 'loggy' })
  const other = (await load({ yaml, env: { LOGGY_SINK_PATH: '/other' } })).sink
  assert.equal(other.type === 'file' && other.path, '/other')
  const [fault] = await faultsOf({ argv: ['--sink-path', '/entries'] })
  assert.equal(fault?.expected, 'nothing, unless sink.type is file')
})

test('faults are told as one line each with key, value, place and what was expected', async () => {
  const error = await errorOf({
    yaml: 'source: { maxLineByte: 5 }\nselect: { labels: "a\\nb c" }\nlog: { level: [1, 2] }',
    env: { LOGGY_ENRICH_WAIT_FOR_METADATA: '5 sec' },
    argv: ['--start-at', 'middle'],
  })
  const lines = error.format().split('\n')
  assert.equal(lines.length, 5)
  assert.equal(
    lines[0],
    'source.maxLineByte = 5 (file): expected the key of an option; did you mean source.maxLineBytes?',
  )
  assert.ok(
    lines.includes(
      "enrich.waitForMetadata = '5 sec' (environment, LOGGY_ENRICH_WAIT_FOR_METADATA): expected a duration from 0s to 10m, such as 500ms, 5s or 1m30s",
    ),
  )
  assert.ok(lines.includes("source.startAt = 'middle' (flag --start-at): expected beginning or end"))
  assert.ok(lines.includes('log.level = [ 1, 2 ] (file): expected error or warn or info or debug'))
})

test('what a name calls a secret is not told', async () => {
  const error = await errorOf({
    yaml: 'sink: { password: hunter2 }\noutput: { user: hunter4 }',
    env: { LOGGY_API_TOKEN: 'hunter3' },
  })
  assert.doesNotMatch(error.format(), /hunter/)
  assert.doesNotMatch(error.message, /hunter/)
})

test('neither headers nor a password in a URL are told', async () => {
  const error = await errorOf({
    yaml: 'sink: { type: http, url: "https://me:hunter2@collector.example", headers: { Authorization: ["hunter3"] } }',
    env: { LOGGY_SINK_HEADERS: 'hunter4' },
  })
  assert.doesNotMatch(error.format(), /hunter/)
  assert.equal(error.faults.length, 3)
})

test('headers as text are pairs, where percent signs stand for bytes', async () => {
  const env = { LOGGY_SINK_TYPE: 'http', LOGGY_SINK_URL: 'http://a' }
  const headersOf = async (text: string) => {
    const { sink } = await load({ env: { ...env, LOGGY_SINK_HEADERS: text } })
    return sink.type === 'http' && { ...sink.headers }
  }
  assert.deepEqual(await headersOf(''), {})
  assert.deepEqual(await headersOf('a=b,'), { a: 'b' })
  assert.deepEqual(await headersOf(' a = %25 , c='), { a: '%', c: '' })
  assert.deepEqual(await headersOf('Authorization=Basic%20eDp5=='), { Authorization: 'Basic eDp5==' })
  for (const wrong of ['a', '=b', 'a=%', 'a=%zz', 'a=%0a', 'connection=close']) {
    const [fault] = await faultsOf({ env: { ...env, LOGGY_SINK_HEADERS: wrong } })
    assert.equal(fault?.key, 'sink.headers', wrong)
  }
})

test('any text as a file gives a configuration or faults', async () => {
  const yamlText = fc.oneof(
    anyText(),
    fc.stringMatching(/^[\w\s:{}[\],&*!|>'"%@`#?-]{0,60}$/),
    fc
      .tuple(fc.constantFrom(...options.map(({ path }) => path[0])), fc.string())
      .map(([key, text]) => `${key}: ${text}`),
  )
  await fc.assert(
    fc.asyncProperty(yamlText, async (yaml) => assertSettles({ yaml })),
    { numRuns: 300 },
  )
})

test('any values for the options give a configuration or faults', async () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string()),
    fc.object({ maxDepth: 2 }),
  )
  const option = fc.constantFrom(...options)
  const tree = fc.array(fc.tuple(option, leaf), { maxLength: 6 }).map((pairs) => {
    const result: Record<string, unknown> = {}
    for (const [{ path }, value] of pairs) {
      result[path[0] ?? ''] = path.slice(1).reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)
    }
    return result
  })
  await fc.assert(
    fc.asyncProperty(
      tree,
      fc.dictionary(
        option.map(({ env }) => env),
        fc.string(),
      ),
      async (tree, env) => {
        await assertSettles({ yaml: stringify(tree), env })
      },
    ),
    { numRuns: 300 },
  )
})

async function assertSettles(given: Given): Promise<void> {
  try {
    assert.deepEqual(Object.keys(await load(given)), Object.keys(defaults))
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    assert.ok(error.faults.length > 0)
    assert.equal(error.format().split('\n').length, error.faults.length)
  }
}

test('what was resolved tells where each value came from', async () => {
  const { effective } = await resolveConfig({ env: { LOGGY_LOG_LEVEL: 'warn' }, flags: { sink: 'stdout' } })
  const origins = Object.fromEntries(effective.map(({ option, from }) => [option.key, from]))
  assert.equal(origins['log.level'], 'env')
  assert.equal(origins['sink.type'], 'flag')
  assert.equal(origins['source.startAt'], 'default')
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type ReadRecord, WHOLE_LINE } from '../../../src/formats/read-record.ts'
import { renderRecord } from '../../../src/formats/render-record.ts'
import { compileSchema } from '../../../src/formats/schema-program.ts'
import { type SchemaName, schemas } from '../../../src/formats/schemas/schemas.ts'

/** The pod of the simulated node whose log the Collector has read for `otelcol-entry.json`. */
const kubernetes = {
  namespace: 'shop',
  pod: 'web-7c5d9f-x2x9z',
  container: 'app',
  uid: '82d1c4b7-4148-49ae-a256-c6fc61f7b965',
  node: 'node-1',
  podIP: '10.0.0.13',
  image: 'registry.example:5000/shop/web:1.2.3',
  containerID: '1908bf8ed0d7e5bf9181d05b1670a8088d0d31fda88846fd0d1ae6a3448e2872',
  restartCount: 0,
  owner: { kind: 'Deployment', name: 'web' },
  labels: { app: 'web', 'app.kubernetes.io/name': 'web', 'pod-template-hash': '7c5d9f' },
  annotations: { team: 'payments' },
  namespaceLabels: { 'kubernetes.io/metadata.name': 'shop' },
  nodeLabels: { 'kubernetes.io/os': 'linux' },
}
const record: ReadRecord = {
  id: undefined,
  time: '2026-11-22T07:00:00.123456789Z',
  stream: 'stderr',
  level: 'error',
  body: { form: 'text', text: 'GET /health "200"' },
  ...WHOLE_LINE,
}

function entryIn(name: SchemaName, changes: Partial<ReadRecord> = {}, fields = {}) {
  const program = compileSchema(schemas[name])({ fields, kubernetes }, { hasIds: changes.id !== undefined })
  return JSON.parse(renderRecord(program, { ...record, ...changes }).toString())
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly arrayValue?: { readonly values: Attribute['value'][] } }
}

function plain({ stringValue, arrayValue }: Attribute['value']): unknown {
  return stringValue ?? arrayValue?.values.map(plain)
}

/**
 * Written by the OpenTelemetry Collector 0.165.0 with the receiver file_log, its container parser, and k8s_attributes 1.2.0 with all of its
 * fields, on a pod of our simulated node. What it has and Loggy has not: the digest from the pod's status, and the log's path.
 */
test('otel: names and values are those of the OpenTelemetry Collector', () => {
  const path = new URL('./otelcol-entry.json', import.meta.url)
  const [{ resource, scopeLogs }] = JSON.parse(readFileSync(path, 'utf8')).resourceLogs
  const [{ timeUnixNano, body, attributes }] = scopeLogs[0].logRecords
  const membersOf = (list: Attribute[]) => Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]))
  const { Timestamp, Body, Attributes, Resource } = entryIn('otel')
  assert.deepEqual([Timestamp, Body], [timeUnixNano, plain(body)])
  const { 'log.file.path': _, logtag: __, ...ofRecord } = membersOf(attributes)
  assert.deepEqual(Attributes, ofRecord)
  const { 'container.image.repo_digests': ___, ...expected } = membersOf(resource.attributes)
  // The container parser takes it from the path as a text; the semantic conventions say int.
  expected['k8s.container.restart_count'] = Number(expected['k8s.container.restart_count'])
  const { 'k8s.namespace.label.kubernetes.io/metadata.name': namespaceLabel, ...others } = Resource
  const { 'k8s.node.label.kubernetes.io/os': nodeLabel, ...found } = others
  assert.deepEqual(found, expected)
  assert.deepEqual([namespaceLabel, nodeLabel], ['shop', 'linux'])
})

/** Source: https://opentelemetry.io/docs/specs/otel/logs/data-model/, "Displaying Severity" and "SeverityNumber". */
test('otel: severities have the numbers and short names of the data model', () => {
  const table = { trace: [1, 'TRACE'], debug: [5, 'DEBUG'], info: [9, 'INFO'], warn: [13, 'WARN'], error: [17, 'ERROR'], fatal: [21, 'FATAL'] } as const // biome-ignore format: a table
  for (const [level, [number, text]] of Object.entries(table)) {
    const entry = entryIn('otel', { level: level as keyof typeof table })
    assert.deepEqual([entry.SeverityNumber, entry.SeverityText], [number, text])
  }
  assert.equal('SeverityNumber' in entryIn('otel', { level: undefined }), false)
})

/** Source: https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/ */
test('otel: the service is found by the rules for Kubernetes, and fixed fields come before them', () => {
  const serviceOf = (changes: object, fields = {}) => {
    const of = { fields, kubernetes: { ...kubernetes, ...changes } }
    const program = compileSchema(schemas.otel)(of, { hasIds: false })
    return JSON.parse(renderRecord(program, record).toString()).Resource
  }
  const labels = { 'app.kubernetes.io/name': 'name', 'app.kubernetes.io/instance': 'instance' }
  const annotations = {
    'resource.opentelemetry.io/service.name': 'annotated',
    'resource.opentelemetry.io/k8s.pod.name': 'x',
  }
  assert.equal(serviceOf({ labels, annotations })['service.name'], 'annotated')
  assert.equal(serviceOf({ labels })['service.name'], 'instance')
  assert.equal(serviceOf({ labels: {} })['service.name'], 'web')
  assert.equal(serviceOf({ labels: {}, owner: undefined })['service.name'], 'web-7c5d9f-x2x9z')
  assert.equal(serviceOf({ annotations }, { 'service.name': 'fixed' })['service.name'], 'fixed')
  // Whoever may annotate a pod cannot make it look like another one.
  assert.equal(serviceOf({ annotations })['k8s.pod.name'], 'web-7c5d9f-x2x9z')
  assert.equal(serviceOf({ image: 'a/b@sha256:0' })['service.version'], 'sha256:0')
})

/**
 * Sources: https://www.elastic.co/docs/reference/beats/filebeat/add-kubernetes-metadata and …/exported-fields-kubernetes-processor,
 * https://www.elastic.co/docs/reference/ecs. Filebeat cannot be had here.
 */
test('ecs: names, nesting and types are those of Filebeat with add_kubernetes_metadata', () => {
  assert.deepEqual(entryIn('ecs', {}, { cluster: 'prod', team: 'x' }), {
    '@timestamp': record.time,
    stream: 'stderr',
    log: { level: 'error' },
    message: 'GET /health "200"',
    ecs: { version: '8.0.0' },
    container: { id: kubernetes.containerID, image: { name: kubernetes.image } },
    orchestrator: { cluster: { name: 'prod' } },
    fields: { team: 'x' },
    kubernetes: {
      namespace: 'shop',
      namespace_labels: { 'kubernetes_io/metadata_name': 'shop' },
      pod: { name: kubernetes.pod, uid: kubernetes.uid, ip: kubernetes.podIP },
      container: { name: 'app' },
      node: { name: 'node-1', labels: { 'kubernetes_io/os': 'linux' } },
      deployment: { name: 'web' },
      replicaset: { name: 'web-7c5d9f' },
      labels: { app: 'web', 'app_kubernetes_io/name': 'web', 'pod-template-hash': '7c5d9f' },
      annotations: { team: 'payments' },
    },
    // A key with a dot in its name cannot be told from one with `_`: it stands here too.
    loggy: { namespaceLabels: ['kubernetes.io/metadata.name=shop'], metadata: 'api', restartCount: 0 },
  })
})

/** Source: https://docs.fluentbit.io/manual/data-pipeline/filters/kubernetes. Fluent Bit cannot be had here. */
test('fluent-bit: names are those of its kubernetes filter', () => {
  const entry = entryIn('fluent-bit', { body: { form: 'json', text: '{"a":1.0}' } })
  assert.deepEqual(entry, {
    time: record.time,
    stream: 'stderr',
    log_processed: { a: 1 },
    kubernetes: {
      pod_name: kubernetes.pod,
      namespace_name: 'shop',
      pod_id: kubernetes.uid,
      labels: kubernetes.labels,
      annotations: kubernetes.annotations,
      host: 'node-1',
      pod_ip: kubernetes.podIP,
      container_name: 'app',
      docker_id: kubernetes.containerID,
      container_image: kubernetes.image,
    },
    kubernetes_namespace: { name: 'shop', labels: kubernetes.namespaceLabels },
    loggy: {
      metadata: 'api',
      level: 'error',
      owner: kubernetes.owner,
      restartCount: 0,
      nodeLabels: kubernetes.nodeLabels,
    },
  })
})

/** Source: https://vector.dev/docs/reference/configuration/sources/kubernetes_logs/#output-types. Vector cannot be had here. */
test('vector: names are those of its source kubernetes_logs', () => {
  assert.deepEqual(entryIn('vector', { isPartial: true, id: 'a-1-2' }), {
    timestamp: record.time,
    stream: 'stderr',
    message: 'GET /health "200"',
    source_type: 'kubernetes_logs',
    kubernetes: {
      container_id: kubernetes.containerID,
      container_image: kubernetes.image,
      container_name: 'app',
      namespace_labels: kubernetes.namespaceLabels,
      node_labels: kubernetes.nodeLabels,
      pod_annotations: kubernetes.annotations,
      pod_ip: kubernetes.podIP,
      pod_labels: kubernetes.labels,
      pod_name: kubernetes.pod,
      pod_namespace: 'shop',
      pod_node_name: 'node-1',
      pod_owner: 'ReplicaSet/web-7c5d9f',
      pod_uid: kubernetes.uid,
    },
    loggy: { metadata: 'api', level: 'error', id: 'a-1-2', partial: true, owner: kubernetes.owner, restartCount: 0 },
  })
})

import { dedotted } from './dedotted.ts'
import { ownerByKind } from './owner.ts'
import { cluster, constant, fixedFields, member, ownFields, record, source } from './rows.ts'
import type { Schema } from './schema.ts'

/**
 * The Elastic Common Schema, as Filebeat's container input with `add_kubernetes_metadata` writes it; a line that is JSON as its `ndjson` parser does.
 * Sources: https://www.elastic.co/docs/reference/beats/filebeat/exported-fields-kubernetes-processor, …/add-kubernetes-metadata,
 * …/filebeat-input-container, https://www.elastic.co/docs/reference/ecs
 */
export const ecs: Schema = {
  name: 'ecs',
  rows: [
    record('time', ['@timestamp']),
    record('stream', ['stream']),
    record('level', ['log', 'level']),
    record('log', ['message']),
    record('json', ['json']),
    constant(['ecs', 'version'], '8.0.0'),
    member('containerID', ['container', 'id']),
    member('image', ['container', 'image', 'name']),
    cluster(['orchestrator', 'cluster', 'name']),
    fixedFields(['fields'], ['loggy', 'fields']),
    member('namespace', ['kubernetes', 'namespace']),
    dedotted('namespaceLabels', ['kubernetes', 'namespace_labels'], ['loggy', 'namespaceLabels']),
    member('pod', ['kubernetes', 'pod', 'name']),
    member('uid', ['kubernetes', 'pod', 'uid']),
    member('podIP', ['kubernetes', 'pod', 'ip']),
    member('container', ['kubernetes', 'container', 'name']),
    member('node', ['kubernetes', 'node', 'name']),
    dedotted('nodeLabels', ['kubernetes', 'node', 'labels'], ['loggy', 'nodeLabels']),
    ownerByKind(
      ['Deployment', 'CronJob', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'].map(
        (kind) => [kind, ['kubernetes', kind.toLowerCase(), 'name']] as const,
      ),
      ['loggy', 'owner'],
    ),
    dedotted('labels', ['kubernetes', 'labels'], ['loggy', 'labels']),
    dedotted('annotations', ['kubernetes', 'annotations'], ['loggy', 'annotations']),
    source(['loggy', 'metadata']),
    record('id', ['loggy', 'id']),
    ...ownFields((name) => ['loggy', name]),
    member('restartCount', ['loggy', 'restartCount']),
    member('containerKind', ['loggy', 'containerKind']),
    member('annotationsOmitted', ['loggy', 'annotationsOmitted']),
  ],
}

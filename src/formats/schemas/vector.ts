import { ownerAsText } from './owner.ts'
import { cluster, constant, fixedFields, member, ownFields, record, source } from './rows.ts'
import type { Schema } from './schema.ts'

/** What Vector's source `kubernetes_logs` makes. Source: https://vector.dev/docs/reference/configuration/sources/kubernetes_logs/ */
export const vector: Schema = {
  name: 'vector',
  rows: [
    record('time', ['timestamp']),
    record('stream', ['stream']),
    record('log', ['message']),
    constant(['source_type'], 'kubernetes_logs'),
    fixedFields([], ['loggy', 'fields']),
    member('containerID', ['kubernetes', 'container_id']),
    member('image', ['kubernetes', 'container_image']),
    member('container', ['kubernetes', 'container_name']),
    member('namespaceLabels', ['kubernetes', 'namespace_labels']),
    member('nodeLabels', ['kubernetes', 'node_labels']),
    member('annotations', ['kubernetes', 'pod_annotations']),
    member('podIP', ['kubernetes', 'pod_ip']),
    member('labels', ['kubernetes', 'pod_labels']),
    member('pod', ['kubernetes', 'pod_name']),
    member('namespace', ['kubernetes', 'pod_namespace']),
    member('node', ['kubernetes', 'pod_node_name']),
    ownerAsText(['kubernetes', 'pod_owner'], ['loggy', 'owner']),
    member('uid', ['kubernetes', 'pod_uid']),
    source(['loggy', 'metadata']),
    record('level', ['loggy', 'level']),
    record('json', ['loggy', 'json']),
    record('id', ['loggy', 'id']),
    ...ownFields((name) => ['loggy', name]),
    cluster(['loggy', 'cluster']),
    member('restartCount', ['loggy', 'restartCount']),
    member('containerKind', ['loggy', 'containerKind']),
    member('annotationsOmitted', ['loggy', 'annotationsOmitted']),
  ],
}

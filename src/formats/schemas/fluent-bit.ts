import { cluster, derived, fixedFields, member, ownFields, record, source } from './rows.ts'
import type { Schema } from './schema.ts'

/**
 * What Fluent Bit's tail input and kubernetes filter make, with `Merge_Log_Key log_processed` for lines that are JSON.
 * Source: https://docs.fluentbit.io/manual/data-pipeline/filters/kubernetes; plugins/filter_kubernetes/kube_meta.c for what that leaves out.
 */
export const fluentBit: Schema = {
  name: 'fluent-bit',
  rows: [
    record('time', ['time']),
    record('stream', ['stream']),
    record('log', ['log']),
    record('json', ['log_processed']),
    fixedFields([], ['loggy', 'fields']),
    member('pod', ['kubernetes', 'pod_name']),
    member('namespace', ['kubernetes', 'namespace_name']),
    member('uid', ['kubernetes', 'pod_id']),
    member('labels', ['kubernetes', 'labels']),
    member('annotations', ['kubernetes', 'annotations']),
    member('node', ['kubernetes', 'host']),
    member('podIP', ['kubernetes', 'pod_ip']),
    member('container', ['kubernetes', 'container_name']),
    member('containerID', ['kubernetes', 'docker_id']),
    member('image', ['kubernetes', 'container_image']),
    derived([['kubernetes_namespace', 'name']], ({ namespace, namespaceLabels }) =>
      namespaceLabels === undefined ? [] : [[['kubernetes_namespace', 'name'], namespace]],
    ),
    member('namespaceLabels', ['kubernetes_namespace', 'labels']),
    source(['loggy', 'metadata']),
    record('level', ['loggy', 'level']),
    record('id', ['loggy', 'id']),
    ...ownFields((name) => ['loggy', name]),
    cluster(['loggy', 'cluster']),
    member('owner', ['loggy', 'owner']),
    member('restartCount', ['loggy', 'restartCount']),
    member('containerKind', ['loggy', 'containerKind']),
    member('annotationsOmitted', ['loggy', 'annotationsOmitted']),
    member('nodeLabels', ['loggy', 'nodeLabels']),
  ],
}

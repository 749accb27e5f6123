import { WORKLOADS, workloadAttribute } from '../service.ts'
import { levelOfSeverity, severityNumber } from '../severity.ts'
import { imageRow } from './image.ts'
import { ownerByKind } from './owner.ts'
import { cluster, fixedFields, member, ownFields, record, spread } from './rows.ts'
import type { Path, Schema } from './schema.ts'
import { service } from './service.ts'

const attribute = (name: string): Path => ['Attributes', name]
const resource = (name: string): Path => ['Resource', name]

/**
 * OpenTelemetry's log data model as its specification writes it in JSON, with the semantic conventions for Kubernetes. Sources:
 * https://opentelemetry.io/docs/specs/otel/logs/data-model/ ("Example Log Records"), https://opentelemetry.io/docs/specs/semconv/resource/k8s/,
 * …/registry/attributes/container/, …/registry/attributes/log/
 */
export const otel: Schema = {
  name: 'otel',
  rows: [
    record('time', ['Timestamp'], { isNanoseconds: true }),
    record('level', ['SeverityText'], { writeLevel: (level) => level.toUpperCase() }),
    record('level', ['SeverityNumber'], {
      writeLevel: severityNumber,
      readLevel: (number) => (typeof number === 'number' ? levelOfSeverity(number) : undefined),
    }),
    record('stream', attribute('log.iostream')),
    record('id', attribute('log.record.uid')),
    ...ownFields((name) => attribute(`loggy.${name}`)),
    record('log', ['Body']),
    record('json', ['Body']),
    member('namespace', resource('k8s.namespace.name')),
    member('pod', resource('k8s.pod.name')),
    member('uid', resource('k8s.pod.uid')),
    member('podIP', resource('k8s.pod.ip')),
    member('container', resource('k8s.container.name')),
    member('restartCount', resource('k8s.container.restart_count')),
    member('containerID', resource('container.id')),
    imageRow({
      name: resource('container.image.name'),
      tags: resource('container.image.tags'),
      digests: resource('container.image.repo_digests'),
    }),
    member('node', resource('k8s.node.name')),
    cluster(resource('k8s.cluster.name')),
    ownerByKind(
      WORKLOADS.map((kind) => [kind, resource(workloadAttribute(kind))] as const),
      resource('loggy.owner'),
    ),
    spread('labels', ['Resource'], 'k8s.pod.label.'),
    spread('annotations', ['Resource'], 'k8s.pod.annotation.'),
    spread('namespaceLabels', ['Resource'], 'k8s.namespace.label.'),
    spread('nodeLabels', ['Resource'], 'k8s.node.label.'),
    member('metadata', resource('loggy.metadata')),
    member('containerKind', resource('loggy.containerKind')),
    member('annotationsOmitted', resource('loggy.annotationsOmitted')),
    fixedFields(['Resource'], resource('loggy.fields')),
    service(['Resource']),
  ],
}

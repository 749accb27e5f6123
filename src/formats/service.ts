import { isObject, type JsonObject, textsOf } from '../lib/json-object.ts'
import { parseImage } from './image.ts'

/** What a pod's annotations may say of its resource attributes. */
const PREFIX = 'resource.opentelemetry.io/'
/** Kinds of owners that OpenTelemetry knows; those that own by way of another come first. Of static pods the owner is a node, which is no service. */
export const WORKLOADS = [
  'Deployment',
  'CronJob',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'ReplicationController',
] as const

/** The attribute with the name of an owner of that kind. */
export function workloadAttribute(kind: (typeof WORKLOADS)[number]): string {
  return `k8s.${kind.toLowerCase()}.name`
}

/**
 * The service that a container belongs to, by OpenTelemetry's rules for Kubernetes, and what the pod's annotations say of its resource.
 * Source: https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/
 */
export function serviceOf(kubernetes: JsonObject): Readonly<Record<string, string>> {
  const { namespace, pod, container, image, owner, labels, annotations } = kubernetes
  const label = Object.fromEntries(textsOf(labels))
  const stated = textsOf(annotations).filter(([key]) => key.startsWith(PREFIX) && key !== PREFIX)
  const workload = isObject(owner) && WORKLOADS.some((kind) => kind === owner.kind) ? owner.name : undefined
  const found: Readonly<Record<string, unknown>> = {
    'service.name': label['app.kubernetes.io/instance'] ?? label['app.kubernetes.io/name'] ?? workload ?? pod,
    'service.namespace': namespace,
    'service.version': label['app.kubernetes.io/version'] ?? versionOf(image),
    'service.instance.id': [namespace, pod, container].join('.'),
    ...Object.fromEntries(stated.map(([key, value]) => [key.slice(PREFIX.length), value])),
  }
  return Object.fromEntries(textsOf(found))
}

function versionOf(image: unknown): string | undefined {
  const { tag, digest } = parseImage(typeof image === 'string' ? image : '')
  return [tag, digest].filter((part) => part !== '').join('@') || undefined
}

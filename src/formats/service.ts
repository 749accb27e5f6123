import { isObject, type JsonObject } from '../lib/json-object.ts'
import { parseImage } from './image.ts'

/** What a pod's annotations may say of its resource attributes. */
const PREFIX = 'resource.opentelemetry.io/'
/** Of static pods the owner is a node, which is no service. */
const WORKLOADS = new Set('Deployment ReplicaSet StatefulSet DaemonSet CronJob Job ReplicationController'.split(' '))

/**
 * The service that a container belongs to, by OpenTelemetry's rules for Kubernetes, and what the pod's annotations say of its resource.
 * Source: https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/
 */
export function serviceOf({ namespace, pod, container, image, owner, labels, annotations }: JsonObject) {
  const label = textsOf(labels)
  const stated = Object.entries(textsOf(annotations)).filter(([key]) => key.startsWith(PREFIX) && key !== PREFIX)
  const workload = isObject(owner) && WORKLOADS.has(String(owner.kind)) ? owner.name : undefined
  const found: Readonly<Record<string, unknown>> = {
    'service.name': label['app.kubernetes.io/instance'] ?? label['app.kubernetes.io/name'] ?? workload ?? pod,
    'service.namespace': namespace,
    'service.version': label['app.kubernetes.io/version'] ?? versionOf(image),
    'service.instance.id': [namespace, pod, container].join('.'),
    ...Object.fromEntries(stated.map(([key, value]) => [key.slice(PREFIX.length), value])),
  }
  return textsOf(found)
}

/** The members that are texts. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const members = isObject(value) ? Object.entries(value) : []
  return Object.fromEntries(members.filter((one): one is [string, string] => typeof one[1] === 'string'))
}

function versionOf(image: unknown): string | undefined {
  const { tag, digest } = parseImage(typeof image === 'string' ? image : '')
  return [tag, digest].filter((part) => part !== '').join('@') || undefined
}

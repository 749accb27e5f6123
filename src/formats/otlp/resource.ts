import { isObject, textsOf } from '../../lib/json-object.ts'
import type { Resource } from '../../model/resource.ts'
import { imageInParts, imageOfParts } from '../image.ts'
import { serviceOf, WORKLOADS, workloadAttribute } from '../service.ts'
import type { Attributes, Value } from './any-value.ts'

/**
 * What is known of a container, and the attribute that says it: the semantic conventions for Kubernetes, and `loggy.` for the rest.
 * Source: https://opentelemetry.io/docs/specs/semconv/resource/k8s/, …/registry/attributes/container/
 */
const MEMBERS = {
  namespace: 'k8s.namespace.name',
  pod: 'k8s.pod.name',
  container: 'k8s.container.name',
  uid: 'k8s.pod.uid',
  node: 'k8s.node.name',
  podIP: 'k8s.pod.ip',
  containerID: 'container.id',
  restartCount: 'k8s.container.restart_count',
  containerKind: 'loggy.containerKind',
  annotationsOmitted: 'loggy.annotationsOmitted',
  metadata: 'loggy.metadata',
} as const

/** An attribute for each member. */
const MAPS = {
  labels: 'k8s.pod.label.',
  annotations: 'k8s.pod.annotation.',
  namespaceLabels: 'k8s.namespace.label.',
  nodeLabels: 'k8s.node.label.',
} as const

/** Any other owner. */
const OWNER = 'loggy.owner'

const CLUSTER = 'k8s.cluster.name'
const IMAGE_NAME = 'container.image.name'
const IMAGE_TAGS = 'container.image.tags'
const IMAGE_DIGESTS = 'container.image.repo_digests'
/** What only Loggy says. */
const OWN = 'loggy.'
/** Fixed fields whose names are those of attributes above. */
const FIELDS = 'loggy.fields'

const OWN_NAMES = new Set<string>([
  ...Object.values(MEMBERS),
  ...WORKLOADS.map(workloadAttribute),
  ...[CLUSTER, IMAGE_NAME, IMAGE_TAGS, IMAGE_DIGESTS],
])

function isOwn(name: string): boolean {
  return OWN_NAMES.has(name) || [OWN, ...Object.values(MAPS)].some((prefix) => name.startsWith(prefix))
}

/** The attributes of a container's resource. Fixed fields stand before what is derived, and never in the place of anything that is known. */
export function attributesOf({ fields, kubernetes }: Resource): Attributes {
  const { cluster, ...others } = fields
  const taken = Object.entries(others).filter(([name]) => isOwn(name))
  const derived = Object.entries({ ...serviceOf(kubernetes), ...others }).filter(([name]) => !isOwn(name))
  const attributes: Record<string, unknown> = {
    ...Object.fromEntries(Object.entries(MEMBERS).map(([member, name]) => [name, kubernetes[member]])),
    ...imageAttributes(kubernetes.image),
    ...ownerAttributes(kubernetes.owner),
    [CLUSTER]: cluster,
    ...Object.fromEntries(derived),
    [FIELDS]: taken.length > 0 ? Object.fromEntries(taken) : undefined,
    ...Object.fromEntries(
      Object.entries(MAPS).flatMap(([member, prefix]) =>
        textsOf(kubernetes[member]).map(([key, value]) => [prefix + key, value]),
      ),
    ),
  }
  return Object.fromEntries(Object.entries(attributes).filter((one): one is [string, Value] => isValue(one[1])))
}

/** What the attributes say of a container; the inverse of the above. */
export function resourceOf(attributes: Attributes): Resource {
  const members = Object.entries(MEMBERS).map(([member, name]) => [member, attributes[name]])
  const isKnown = attributes[MEMBERS.metadata] !== 'path-only'
  // A pod that is known has labels and annotations, even if there are none.
  const maps = Object.entries(MAPS).map(([member, prefix]) => {
    const found = Object.entries(attributes).filter(([name]) => name.startsWith(prefix))
    const isThere = found.length > 0 || (isKnown && (member === 'labels' || member === 'annotations'))
    return [
      member,
      isThere ? Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value])) : undefined,
    ]
  })
  const named = [...members, ['image', imageIn(attributes)], ['owner', ownerIn(attributes)], ...maps]
  const kubernetes: Resource['kubernetes'] = Object.fromEntries(named.filter(([, value]) => value !== undefined))
  const derived: Attributes = serviceOf(kubernetes)
  const free = Object.entries(attributes).filter(([name, value]) => !isOwn(name) && derived[name] !== value)
  const cluster = attributes[CLUSTER]
  const fields = { ...(cluster !== undefined && { cluster }), ...Object.fromEntries(free) }
  return { fields: Object.fromEntries([...textsOf(fields), ...textsOf(attributes[FIELDS])]), kubernetes }
}

function imageAttributes(image: unknown) {
  const { name, tags, digests } = imageInParts(image)
  return { [IMAGE_NAME]: name, [IMAGE_TAGS]: tags, [IMAGE_DIGESTS]: digests }
}

function imageIn(attributes: Attributes): string | undefined {
  const [name, tags, digests] = [IMAGE_NAME, IMAGE_TAGS, IMAGE_DIGESTS].map((place) => attributes[place])
  return imageOfParts({ name, tags, digests })
}

function ownerAttributes(owner: unknown) {
  if (!isObject(owner)) return {}
  const known = WORKLOADS.find((kind) => kind === owner.kind)
  return known === undefined ? { [OWNER]: owner } : { [workloadAttribute(known)]: owner.name }
}

function ownerIn(attributes: Attributes): Value | undefined {
  for (const kind of WORKLOADS) {
    const name = attributes[workloadAttribute(kind)]
    if (name !== undefined) return { kind, name }
  }
  return attributes[OWNER]
}

function isValue(value: unknown): value is Value {
  if (Array.isArray(value)) return value.every(isValue)
  if (isObject(value)) return Object.values(value).every(isValue)
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isInteger(value))
  )
}

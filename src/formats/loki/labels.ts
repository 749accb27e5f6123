import { isObject, membersOf, textsOf } from '../../lib/json-object.ts'
import { type INDEX_LABELS, labelName, type METADATA_PREFIXES } from '../../lib/loki-labels.ts'
import type { Resource } from '../../model/resource.ts'

/** Labels or metadata, by name. */
export type Labels = Readonly<Record<string, string>>

/** Of a pod, which labels and annotations each of its entries has. */
export interface MetadataChoice {
  isLabel(key: string): boolean
  isAnnotation(key: string): boolean
}

/**
 * Loki refuses an entry with more than 128 names, or 64 KiB of names and values (pkg/validation/limits.go). Some are left for what records have of
 * their own, and for a lower limit.
 */
const MAX_NAMES = 100
const MAX_BYTES = 32 << 10

/** The labels of a container's stream, with the fixed fields, which are the same for all entries of the agent. Empty ones would be none to Loki. */
export function streamLabels({ fields, kubernetes }: Resource): Labels {
  const { cluster, ...others } = fields
  const { namespace, container, node } = kubernetes
  const own: Record<(typeof INDEX_LABELS)[number], unknown> = {
    cluster,
    namespace,
    app: appOf(kubernetes),
    container,
    node,
  }
  const fixed = Object.entries(others).map(([name, value]) => [labelName(name), value] as const)
  return filled({ ...Object.fromEntries<unknown>(fixed), ...own })
}

/** As Promtail and Alloy's charts have it: the label that Kubernetes recommends, `app`, the workload, or the pod itself if it has none. */
function appOf({ labels, owner, pod, metadata }: Resource['kubernetes']): unknown {
  const label = Object.fromEntries(textsOf(labels))
  const named = label['app.kubernetes.io/name'] || label.app
  if (named !== undefined && named !== '') return named
  // The pod's name of a workload that is not known would make a stream for each pod.
  if (metadata === 'path-only') return undefined
  // A static pod belongs to its node.
  return isObject(owner) && owner.kind !== 'Node' ? owner.name : pod
}

/** What each entry of a container has as structured metadata. */
export function metadataOf({ kubernetes }: Resource, choice: MetadataChoice): Labels {
  const { pod, uid, restartCount, metadata } = kubernetes
  const chosen = [
    ...named('label_', kubernetes.labels, choice.isLabel),
    ...named('annotation_', kubernetes.annotations, choice.isAnnotation),
    ...named('namespace_label_', kubernetes.namespaceLabels, () => true),
    ...named('node_label_', kubernetes.nodeLabels, () => true),
  ]
  const fitting = firstFitting(distinct(chosen))
  const omitted = chosen.length - fitting.length
  return filled({
    pod,
    uid,
    restart: restartCount,
    metadata,
    ...Object.fromEntries(fitting),
    metadataOmitted: omitted === 0 ? undefined : omitted,
  })
}

function named(
  prefix: (typeof METADATA_PREFIXES)[number],
  map: unknown,
  isChosen: (key: string) => boolean,
): [string, string][] {
  const chosen = textsOf(map).filter(([key, value]) => value !== '' && isChosen(key))
  // Sorted, so that it does not depend on the API server which of two meeting names stays as it is.
  return chosen.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [prefix + labelName(key), value])
}

/** No name is there twice: later ones get a number. */
function distinct(pairs: readonly (readonly [string, string])[]): [string, string][] {
  const taken = new Set<string>()
  return pairs.map(([name, value]) => {
    let free = name
    for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`
    taken.add(free)
    return [free, value]
  })
}

function firstFitting(pairs: readonly [string, string][]): [string, string][] {
  let bytes = 0
  const tooMany = pairs.findIndex(([name, value], index) => {
    bytes += name.length + Buffer.byteLength(value)
    return index >= MAX_NAMES || bytes > MAX_BYTES
  })
  return tooMany === -1 ? [...pairs] : pairs.slice(0, tooMany)
}

function filled(values: Readonly<Record<string, unknown>>): Labels {
  const there = membersOf(values).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(there.map(([name, value]) => [name, String(value).toWellFormed()]))
}

import { LoggyError } from '../lib/errors.ts'
import type { ContainerRecord, PodRecord } from '../model/pod-record.ts'
import { type Fields, fieldsOf, listOf, stringsOf, textOf } from './fields.ts'

/**
 * An annotation value up to this size is always kept, whatever goes on entries: selectors and hints only need shorter ones.
 * Tools store their state in annotations, up to 256 KiB per pod.
 */
export const LEAST_KEPT_BYTES = 16_384

/**
 * The part of a Pod object that Loggy keeps; of annotations longer than `keptBytes` only the key. Throws LoggyError `KUBE_OBJECT`
 * if it has no name, namespace or uid.
 */
export function projectPod(object: unknown, keptBytes = LEAST_KEPT_BYTES): PodRecord {
  const pod = fieldsOf(object)
  const metadata = fieldsOf(pod.metadata)
  const [uid, namespace, name] = [textOf(metadata.uid), textOf(metadata.namespace), textOf(metadata.name)]
  if (uid === undefined || namespace === undefined || name === undefined) {
    throw new LoggyError('KUBE_OBJECT', 'a pod without uid, namespace or name')
  }
  const labels = stringsOf(metadata.labels)
  const { annotations, longAnnotations } = annotationsOf(metadata, keptBytes)
  return {
    uid,
    namespace,
    name,
    node: textOf(fieldsOf(pod.spec).nodeName),
    podIP: textOf(fieldsOf(pod.status).podIP),
    configHash: textOf(annotations['kubernetes.io/config.hash']) ?? textOf(annotations['kubernetes.io/config.mirror']),
    owner: ownerOf(listOf(metadata.ownerReferences).map(fieldsOf), labels['pod-template-hash']),
    labels,
    annotations,
    ...(longAnnotations.length > 0 && { longAnnotations }),
    ...endOf(metadata, fieldsOf(pod.status)),
    containers: containersOf(fieldsOf(pod.spec), fieldsOf(pod.status)),
  }
}

/**
 * Why the kubelet ended a pod: with its node, as versions up to 1.20, 1.21 and later ones have it.
 * Source: kubelet, `nodeshutdown/nodeshutdown_manager_linux.go`; it sets no deletionTimestamp.
 */
const SHUTDOWN_REASONS: ReadonlySet<unknown> = new Set(['Shutdown', 'NodeShutdown', 'Terminated'])

function endOf({ deletionTimestamp }: Fields, status: Fields): Pick<PodRecord, 'endingSince' | 'hasEnded'> {
  const disruption = listOf(status.conditions)
    .map(fieldsOf)
    .find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True')
  const isDisrupted = disruption !== undefined || SHUTDOWN_REASONS.has(status.reason)
  const since = textOf(deletionTimestamp) ?? (isDisrupted ? disruptedSince(disruption, status) : undefined)
  const hasEnded = status.phase === 'Succeeded' || status.phase === 'Failed'
  return { ...(since !== undefined && { endingSince: since }), ...(hasEnded && { hasEnded }) }
}

/** The condition came with 1.25. Before, a pod's latest container tells. */
function disruptedSince(disruption: Fields | undefined, status: Fields): string | undefined {
  const ends = listOf(status.containerStatuses)
    .map((container) => textOf(fieldsOf(fieldsOf(fieldsOf(container).state).terminated).finishedAt))
    .filter((at) => at !== undefined)
  return textOf(disruption?.lastTransitionTime) ?? ends.sort().at(-1) ?? textOf(status.startTime)
}

function annotationsOf(metadata: Fields, keptBytes: number) {
  const annotations = stringsOf(metadata.annotations)
  const longAnnotations = Object.keys(annotations).filter(
    (key) => Buffer.byteLength(annotations[key] ?? '') > keptBytes,
  )
  for (const key of longAnnotations) delete annotations[key]
  return { annotations, longAnnotations }
}

/** The workload that owns the pod, found from names alone, so that no other objects must be read. */
function ownerOf(references: readonly Fields[], templateHash: string | undefined): PodRecord['owner'] {
  const reference = references.find((reference) => reference.controller === true) ?? references[0] ?? {}
  const [kind, name] = [textOf(reference.kind), textOf(reference.name)]
  // A static pod's mirror pod is owned by its Node, which is not a workload.
  if (kind === undefined || name === undefined || kind === 'Node') return undefined
  if (kind === 'ReplicaSet' && templateHash !== undefined) return deploymentOf(name, templateHash) ?? { kind, name }
  if (kind === 'Job') return cronJobOf(name) ?? { kind, name }
  return { kind, name }
}

/** Source: the deployment controller names its ReplicaSets `<deployment>-<pod-template-hash>`. */
function deploymentOf(replicaSet: string, templateHash: string): PodRecord['owner'] {
  const suffix = `-${templateHash}`
  const isGenerated = templateHash !== '' && replicaSet.endsWith(suffix) && replicaSet.length > suffix.length
  return isGenerated ? { kind: 'Deployment', name: replicaSet.slice(0, -suffix.length) } : undefined
}

/** Source: the cron job controller names its Jobs `<cronjob>-<minutes since 1970>`; before 1.21 it was seconds. */
function cronJobOf(job: string): PodRecord['owner'] {
  const name = /^(.+)-\d{8,}$/.exec(job)?.[1]
  return name === undefined ? undefined : { kind: 'CronJob', name }
}

/** Per kind of container: the list in the spec and the one in the status. */
const containerLists = [
  ['container', 'containers', 'containerStatuses'],
  ['init', 'initContainers', 'initContainerStatuses'],
  ['ephemeral', 'ephemeralContainers', 'ephemeralContainerStatuses'],
] as const

function containersOf(spec: Fields, status: Fields): ReadonlyMap<string, ContainerRecord> {
  const containers = new Map<string, ContainerRecord>()
  for (const [kind, specList, statusList] of containerLists) {
    const statuses = new Map(listOf(status[statusList]).map((status) => [fieldsOf(status).name, fieldsOf(status)]))
    for (const container of listOf(spec[specList]).map(fieldsOf)) {
      const name = textOf(container.name)
      if (name !== undefined)
        containers.set(name, containerRecord(kind, { container, status: statuses.get(name) ?? {} }))
    }
  }
  return containers
}

function containerRecord(
  kind: (typeof containerLists)[number][0],
  { container, status }: { readonly container: Fields; readonly status: Fields },
): ContainerRecord {
  const restartCount = status.restartCount
  return {
    // Since Kubernetes 1.28. Other containers may have a policy of their own too, which makes no sidecar of them.
    kind: kind === 'init' && container.restartPolicy === 'Always' ? 'sidecar' : kind,
    image: textOf(container.image) ?? '',
    containerID: textOf(status.containerID)?.replace(/^[a-z0-9-]+:\/\//, ''),
    restartCount: typeof restartCount === 'number' ? restartCount : undefined,
    ...(fieldsOf(status.state).running !== undefined && { isRunning: true }),
  }
}

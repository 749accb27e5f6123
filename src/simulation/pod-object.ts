import type { ContainerInstance } from './container-instance.ts'
import type { ContainerRuntime } from './log-record.ts'
import type { OwnerReference } from './pod-owner.ts'

/** A container in a pod's spec. */
export interface ContainerSpec {
  readonly name: string
  readonly image: string
  readonly kind?: 'container' | 'init' | 'ephemeral'
}

/** The specification of a pod to create. */
export interface PodSpec {
  readonly namespace: string
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly owner?: OwnerReference
  readonly containers: readonly ContainerSpec[]
  /** Of a static pod, usually 32 hex digits: the log folder has it instead of the uid, and the object is the mirror pod. */
  readonly configHash?: string
}

/** The current state of a pod; `statuses` is what the kubelet has reported so far. */
export interface PodState {
  readonly spec: PodSpec
  readonly uid: string
  readonly nodeName: string
  readonly podIP: string
  readonly createdAt: Date
  readonly deletedAt: Date | undefined
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  readonly statuses: readonly ContainerStatus[]
}

/** One of `status.containerStatuses`. */
export interface ContainerStatus {
  readonly name: string
  readonly image: string
  readonly imageID: string
  readonly containerID: string
  readonly restartCount: number
  readonly ready: boolean
  readonly started: boolean
  readonly state: object
  readonly lastState: object
}

/** The object in the API server, which sets `metadata.resourceVersion` itself. */
export interface PodObject {
  readonly apiVersion: 'v1'
  readonly kind: 'Pod'
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly [field: string]: unknown
  }
  readonly spec: { readonly nodeName: string; readonly [field: string]: unknown }
  readonly status: { readonly containerStatuses?: readonly ContainerStatus[]; readonly [field: string]: unknown }
}

/** Builds a pod object with all that real ones have, also the long `managedFields`. */
export function podObject(pod: PodState): PodObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: metadata(pod), spec: spec(pod), status: status(pod) }
}

/** The kubelet's status of a container; `previous` is the instance before the current one. */
export function containerStatus(
  container: ContainerSpec,
  current: ContainerInstance,
  { runtime, previous }: { runtime: ContainerRuntime; previous: ContainerInstance | undefined },
): ContainerStatus {
  return {
    name: container.name,
    image: container.image,
    imageID: `${container.image.split(':')[0]}@sha256:${'0'.repeat(64)}`,
    containerID: `${runtime}://${current.id}`,
    restartCount: current.restartCount,
    ready: current.isRunning,
    started: current.isRunning,
    state: current.isRunning ? { running: { startedAt: apiTime(current.startedAt) } } : terminated(current, runtime),
    lastState: previous === undefined ? {} : terminated(previous, runtime),
  }
}

function terminated(instance: ContainerInstance, runtime: ContainerRuntime): object {
  const { exitCode } = instance
  return {
    terminated: {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt: apiTime(instance.startedAt),
      finishedAt: apiTime(instance.finishedAt ?? instance.startedAt),
      containerID: `${runtime}://${instance.id}`,
    },
  }
}

function metadata(pod: PodState): PodObject['metadata'] {
  const { spec } = pod
  const labels = spec.labels ?? {}
  const annotations = { ...staticPodAnnotations(pod), ...spec.annotations }
  return {
    name: spec.name,
    namespace: spec.namespace,
    uid: pod.uid,
    creationTimestamp: apiTime(pod.createdAt),
    ...(pod.deletedAt && { deletionTimestamp: apiTime(pod.deletedAt), deletionGracePeriodSeconds: 30 }),
    labels,
    annotations,
    ...(spec.owner && { ownerReferences: [spec.owner] }),
    managedFields: managedFields(pod, { labels, annotations }),
  }
}

/** Source: kubelet, `config/common.go` and `types/pod_update.go`. */
function staticPodAnnotations({ spec, createdAt }: PodState): Record<string, string> {
  if (spec.configHash === undefined) return {}
  return {
    'kubernetes.io/config.hash': spec.configHash,
    'kubernetes.io/config.mirror': spec.configHash,
    'kubernetes.io/config.seen': apiTime(createdAt),
    'kubernetes.io/config.source': 'file',
  }
}

function managedFields(
  pod: PodState,
  maps: Record<'labels' | 'annotations', Readonly<Record<string, string>>>,
): object[] {
  const keys = (map: Readonly<Record<string, string>>) =>
    Object.fromEntries([['.', {}], ...Object.keys(map).map((key) => [`f:${key}`, {}])])
  const containers = pod.spec.containers.map(({ name }) => [
    `k:{"name":"${name}"}`,
    {
      '.': {},
      'f:image': {},
      'f:imagePullPolicy': {},
      'f:name': {},
      'f:resources': {},
      'f:terminationMessagePath': {},
    },
  ])
  const created = {
    'f:metadata': { 'f:annotations': keys(maps.annotations), 'f:labels': keys(maps.labels), 'f:ownerReferences': {} },
    'f:spec': { 'f:containers': Object.fromEntries(containers), 'f:restartPolicy': {}, 'f:schedulerName': {} },
  }
  const reported = {
    'f:status': { 'f:conditions': {}, 'f:containerStatuses': {}, 'f:hostIP': {}, 'f:phase': {}, 'f:podIP': {} },
  }
  const entry = { operation: 'Update', apiVersion: 'v1', time: apiTime(pod.createdAt), fieldsType: 'FieldsV1' }
  return [
    { manager: 'kube-controller-manager', ...entry, fieldsV1: created },
    { manager: 'kubelet', ...entry, subresource: 'status', fieldsV1: reported },
  ]
}

function spec(pod: PodState): PodObject['spec'] {
  const named = (kind: string) =>
    pod.spec.containers
      .filter((container) => (container.kind ?? 'container') === kind)
      .map(({ name, image }) => ({ name, image, imagePullPolicy: 'IfNotPresent', resources: {} }))
  const init = named('init')
  const ephemeral = named('ephemeral')
  return {
    nodeName: pod.nodeName,
    containers: named('container'),
    ...(init.length > 0 && { initContainers: init }),
    ...(ephemeral.length > 0 && { ephemeralContainers: ephemeral }),
    restartPolicy: 'Always',
    serviceAccountName: 'default',
    tolerations: ['not-ready', 'unreachable'].map((condition) => ({
      key: `node.kubernetes.io/${condition}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
  }
}

function status(pod: PodState): PodObject['status'] {
  const ofKind = (kind: string) => {
    const names = pod.spec.containers.filter((one) => (one.kind ?? 'container') === kind).map(({ name }) => name)
    return pod.statuses.filter(({ name }) => names.includes(name))
  }
  if (pod.statuses.length === 0) return { phase: pod.phase, qosClass: 'BestEffort' }
  return {
    phase: pod.phase,
    hostIP: '192.0.2.1',
    podIP: pod.podIP,
    podIPs: [{ ip: pod.podIP }],
    startTime: apiTime(pod.createdAt),
    conditions: [{ type: 'Ready', status: pod.phase === 'Running' ? 'True' : 'False' }],
    containerStatuses: ofKind('container'),
    initContainerStatuses: ofKind('init'),
    ephemeralContainerStatuses: ofKind('ephemeral'),
    qosClass: 'BestEffort',
  }
}

/** Whole seconds, as in metav1.Time. */
function apiTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}

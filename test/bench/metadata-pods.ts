import type { ApiObject } from '../../src/simulation/api-objects.ts'
import { Random } from '../../src/simulation/random.ts'

/** Bytes of the annotations that an object may have in all. Source: apimachinery, TotalAnnotationSizeLimitB. */
export const MAXIMUM_ANNOTATION_BYTES = 256 * 1024

export interface MetadataPodOptions {
  readonly nodeName: string
  readonly index: number
  /** Bytes of one annotation, as a tool leaves it that keeps its state there. */
  readonly annotationBytes?: number
}

/** A running Deployment's pod as an API server sends it: 4.2 to 5.3 KB of JSON, a little more than the 2.6 to 4.7 KB of a real one. */
export function metadataPod({ nodeName, index, annotationBytes = 0 }: MetadataPodOptions): ApiObject {
  const random = new Random(index + 1)
  const hash = random.hex(10)
  const name = `web-${index}-${hash}-${random.hex(5)}`
  const labels = {
    'app.kubernetes.io/instance': `web-${index}`,
    'app.kubernetes.io/name': 'web',
    'app.kubernetes.io/version': '1.2.3',
    'pod-template-hash': hash,
    team: 'payments',
  }
  const annotations = {
    'checksum/config': random.hex(64),
    'prometheus.io/port': '8080',
    'prometheus.io/scrape': 'true',
    ...(annotationBytes > 0 && { 'example.com/state': stateText(annotationBytes) }),
  }
  const names = index % 2 === 0 ? ['app'] : ['app', 'proxy']
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `web-${index}-${hash}`, uid: random.uuid() }
  return {
    kind: 'Pod',
    metadata: {
      name,
      generateName: `web-${index}-${hash}-`,
      namespace: `team-${index % 20}`,
      uid: random.uuid(),
      creationTimestamp: '2026-11-22T07:00:00Z',
      labels,
      annotations,
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
      managedFields: managedFields(names, { labels, annotations }),
    },
    spec: spec(nodeName, names),
    status: status(names, random),
  }
}

/** JSON in a string, as `last-applied-configuration` is: each quote costs two bytes on the wire. */
function stateText(bytes: number): string {
  return '{"generation":7,"ready":true},'.repeat(Math.ceil(bytes / 30)).slice(0, bytes)
}

function managedFields(
  containers: readonly string[],
  maps: { readonly labels: object; readonly annotations: object },
): object[] {
  const fields = (names: readonly string[]) => Object.fromEntries(names.map((name) => [`f:${name}`, {}]))
  const container = {
    '.': {},
    ...fields(['image', 'imagePullPolicy', 'name', 'resources', 'terminationMessagePath', 'terminationMessagePolicy']),
    'f:ports': { '.': {}, 'k:{"containerPort":8080,"protocol":"TCP"}': fields(['containerPort', 'name', 'protocol']) },
  }
  const created = {
    'f:metadata': {
      'f:annotations': { '.': {}, ...fields(Object.keys(maps.annotations)) },
      'f:labels': { '.': {}, ...fields(Object.keys(maps.labels)) },
      'f:ownerReferences': { '.': {}, 'k:{"uid":"2f1c1f0e-6f3b-4b0a-9d3e-1a2b3c4d5e6f"}': {} },
    },
    'f:spec': {
      'f:containers': Object.fromEntries(containers.map((name) => [`k:{"name":"${name}"}`, container])),
      ...fields(['dnsPolicy', 'enableServiceLinks', 'restartPolicy', 'schedulerName', 'securityContext']),
    },
  }
  const condition = { '.': {}, ...fields(['lastProbeTime', 'lastTransitionTime', 'status', 'type']) }
  const types = ['ContainersReady', 'Initialized', 'Ready']
  const reported = {
    'f:status': {
      'f:conditions': Object.fromEntries(types.map((type) => [`k:{"type":"${type}"}`, condition])),
      ...fields(['containerStatuses', 'hostIP', 'phase', 'podIP', 'startTime']),
      'f:podIPs': { '.': {}, 'k:{"ip":"10.0.0.2"}': fields(['ip']) },
    },
  }
  const entry = { operation: 'Update', apiVersion: 'v1', time: '2026-11-22T07:00:01Z', fieldsType: 'FieldsV1' }
  return [
    { manager: 'kube-controller-manager', ...entry, fieldsV1: created },
    { manager: 'kubelet', ...entry, fieldsV1: reported, subresource: 'status' },
  ]
}

function spec(nodeName: string, containers: readonly string[]): object {
  const mount = { name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
  return {
    volumes: [{ name: 'kube-api-access', projected: { sources: [{ serviceAccountToken: {} }], defaultMode: 420 } }],
    containers: containers.map((name) => ({
      name,
      image: `registry.example/shop/${name}:1.2.3`,
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
      resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
      volumeMounts: [mount],
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
    })),
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    nodeName,
    schedulerName: 'default-scheduler',
    tolerations: ['not-ready', 'unreachable'].map((condition) => ({
      key: `node.kubernetes.io/${condition}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
  }
}

function status(containers: readonly string[], random: Random): object {
  return {
    phase: 'Running',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: '2026-11-22T07:00:02Z',
    })),
    hostIP: '192.0.2.1',
    podIP: `10.0.${random.below(250)}.${random.below(250)}`,
    startTime: '2026-11-22T07:00:00Z',
    containerStatuses: containers.map((name) => ({
      name,
      state: { running: { startedAt: '2026-11-22T07:00:02Z' } },
      lastState: {},
      ready: true,
      restartCount: 0,
      image: `registry.example/shop/${name}:1.2.3`,
      imageID: `registry.example/shop/${name}@sha256:${random.hex(64)}`,
      containerID: `containerd://${random.hex(64)}`,
      started: true,
    })),
    qosClass: 'Burstable',
  }
}

import { settings } from './settings.ts'

/** Writes a numbered line each second, for ever. */
export const COUNT = 'i=0; while true; do i=$((i + 1)); echo "count $i"; sleep 1; done'

/** Shell scripts, by the name of the container that runs them. */
type Scripts = Readonly<Record<string, string>>

export interface PodOptions {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly containers: Scripts
  readonly initContainers?: Scripts
  /** They run as long as the pod. */
  readonly sidecars?: Scripts
  readonly restartPolicy?: 'Always' | 'Never' | 'OnFailure'
}

/** A pod of shell scripts on that node. It ends at once when it is deleted. */
export function busyboxPod(name: string, node: string, options: PodOptions) {
  const { metadata, spec } = podTemplate(node, options)
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec }
}

/** The manifest of such a pod for the node's folder of static pods: that of a node needs no node's name. */
export function staticPod(name: string, namespace: string, options: PodOptions): string {
  const { metadata, spec, ...type } = busyboxPod(name, '', options)
  return JSON.stringify({ ...type, metadata: { ...metadata, namespace }, spec: { ...spec, nodeName: undefined } })
}

/** The same as the template in a workload. */
export function podTemplate(node: string, options: PodOptions) {
  const {
    labels = {},
    annotations = {},
    containers,
    initContainers = {},
    sidecars = {},
    restartPolicy = 'Always',
  } = options
  return {
    metadata: { labels, annotations },
    spec: {
      nodeName: node,
      restartPolicy,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      initContainers: [
        ...containersOf(sidecars).map((container) => ({ ...container, restartPolicy: 'Always' })),
        ...containersOf(initContainers),
      ],
      containers: containersOf(containers),
    },
  }
}

function containersOf(scripts: Scripts) {
  return Object.entries(scripts).map(([name, script]) => ({
    name,
    image: settings.busybox,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', script],
    resources: { requests: { cpu: '5m', memory: '8Mi' }, limits: { memory: '64Mi' } },
    securityContext: { runAsNonRoot: true, runAsUser: 65534, allowPrivilegeEscalation: false },
  }))
}

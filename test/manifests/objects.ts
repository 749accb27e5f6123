/** As much of the objects in the manifests as their test looks at. */

export interface Kustomization {
  readonly bases?: string[]
  readonly resources?: string[]
  readonly configMapGenerator?: { readonly name: string; readonly behavior?: string; readonly files: string[] }[]
  readonly patchesStrategicMerge?: string[]
  readonly namespace?: string
  readonly images?: { readonly name: string; readonly newName: string; readonly newTag: string }[]
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
}

export interface KubernetesObject {
  readonly kind: string
  readonly metadata: Metadata
  readonly rules?: unknown
  readonly roleRef?: { readonly name: string }
  readonly data?: Readonly<Record<string, string>>
  readonly subjects?: unknown
  readonly automountServiceAccountToken?: boolean
  readonly spec?: unknown
}

export interface DaemonSet {
  readonly metadata: Metadata
  readonly spec: {
    readonly selector: { readonly matchLabels: unknown }
    readonly updateStrategy: unknown
    readonly template: { readonly metadata: Metadata; readonly spec: PodSpec }
  }
}

export interface PodSpec {
  readonly serviceAccountName: string
  readonly automountServiceAccountToken: boolean
  readonly terminationGracePeriodSeconds: number
  readonly nodeSelector: unknown
  readonly tolerations: unknown
  readonly securityContext: unknown
  readonly initContainers?: Container[]
  readonly containers: Container[]
  readonly affinity?: unknown
  readonly priorityClassName?: string
  readonly volumes: Volume[]
}

export interface Volume {
  readonly name: string
  readonly hostPath?: { readonly path: string; readonly type?: string }
  readonly emptyDir?: object
  readonly configMap?: { readonly name: string }
  readonly secret?: { readonly secretName: string }
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly failureThreshold: number
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly command?: string[]
  readonly args?: string[]
  readonly env: { readonly name: string; readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } } }[]
  readonly resources: { readonly requests: object; readonly limits: object }
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly securityContext: {
    readonly allowPrivilegeEscalation: boolean
    readonly capabilities: unknown
    readonly seLinuxOptions?: unknown
  }
  readonly volumeMounts: { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
}

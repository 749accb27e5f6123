/** What Loggy keeps of a pod. Any change makes a new object, so the same object means the same metadata. */
export interface PodRecord {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly node: string | undefined
  readonly podIP: string | undefined
  /** A static pod's uid on its node: annotation `kubernetes.io/config.hash` or `…/config.mirror`. */
  readonly configHash: string | undefined
  /** The workload as a person would name it: the Deployment instead of its ReplicaSet, the CronJob instead of its Job. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Keys of further annotations whose values are too long to keep; undefined if there are none. */
  readonly longAnnotations?: readonly string[]
  /** From the disk: an earlier run knew the pod, and the API server has not reported it to this one. */
  readonly isCached?: true
  /** RFC 3339. Since when it is being deleted, evicted, or ended by the kubelet with its node; undefined if it is to stay. */
  readonly endingSince?: string
  /** All of its containers have ended for good. */
  readonly hasEnded?: true
  /** By container name; init containers, sidecars and ephemeral containers included. */
  readonly containers: ReadonlyMap<string, ContainerRecord>
}

export interface ContainerRecord {
  /** `sidecar`: an init container that runs as long as the pod. */
  readonly kind: 'container' | 'init' | 'sidecar' | 'ephemeral'
  /** As in the pod's spec. */
  readonly image: string
  /** ID of the latest instance, without the `containerd://` prefix; undefined until the pod's status has it. */
  readonly containerID: string | undefined
  readonly restartCount: number | undefined
  /** Undefined while it is not running. */
  readonly isRunning?: true
}

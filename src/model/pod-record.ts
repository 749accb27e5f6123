/** What Loggy keeps of a pod; a new object whenever anything in it changes, so identity tells "same metadata". */
export interface PodRecord {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly node: string | undefined
  readonly podIP: string | undefined
  /** A static pod's uid on its node: annotation `kubernetes.io/config.hash` or `…/config.mirror`. */
  readonly configHash: string | undefined
  /** The workload a person would name: the Deployment rather than its ReplicaSet, the CronJob rather than its Job. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Keys of further annotations, whose values are too long to be kept; undefined when there are none. */
  readonly longAnnotations?: readonly string[]
  /** By container name; init and ephemeral containers included. */
  readonly containers: ReadonlyMap<string, ContainerRecord>
}

export interface ContainerRecord {
  readonly kind: 'container' | 'init' | 'ephemeral'
  /** As the pod's spec names it. */
  readonly image: string
  /** Of the latest instance, without its `containerd://` prefix; undefined until the status has it. */
  readonly containerID: string | undefined
  readonly restartCount: number | undefined
  /** Undefined while it does not run. */
  readonly isRunning?: true
}

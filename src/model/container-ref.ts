/** A container instance, from the path of its log file. Source: kubelet, `kuberuntime/legacy.go` and `kuberuntime/helpers.go`. */
export interface ContainerRef {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** From the pod's directory: the API's uid, or a static pod's config hash. Only the link's target has it. */
  readonly uid: string | undefined
  /** From the target's file name (`0.log` → 0). */
  readonly restartCount: number | undefined
  /** From the link's name; usually 64 hex digits, cut off if the name is too long. */
  readonly containerID: string | undefined
}

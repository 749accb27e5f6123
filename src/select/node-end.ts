import type { NodeState } from '../model/node-state.ts'
import type { PodRecord } from '../model/pod-record.ts'

/**
 * Milliseconds for which a pod that the kubelet ended with its node shows that the node shuts down. Its object stays, for days, also when the
 * node has come back.
 */
const NEWS_MS = 600_000

/** A pod that is being deleted, evicted, or ended with its node. */
export function isEnding({ endingSince, hasEnded }: PodRecord, nowMs: number): boolean {
  return endingSince !== undefined && (hasEnded !== true || nowMs - Date.parse(endingSince) < NEWS_MS)
}

/** What the pods on a node say about whether it shuts down. */
export interface NodeEnd {
  readonly isNode: boolean
  /** Number of pods that end. */
  readonly ending: number
}

/**
 * Whether the node shuts down: it says so; or of the pods that run, more than half end, DaemonSets' and static ones left out, which a drain
 * leaves alone. Where there are no others, more than half of the DaemonSets'. On a cordoned node one that ends is enough.
 * `others`: all pods of the node but the agent's.
 */
export function nodeEndOf(
  others: readonly PodRecord[],
  { nodeState, nowMs }: { readonly nodeState: NodeState | undefined; readonly nowMs: number },
): NodeEnd {
  const present = others.filter(
    (pod) => pod.configHash === undefined && (isEnding(pod, nowMs) || pod.hasEnded !== true),
  )
  const workloads = present.filter(({ owner }) => owner?.kind !== 'DaemonSet')
  const counted = workloads.length > 0 ? workloads : present
  const countEnding = (pods: readonly PodRecord[]) => pods.filter((pod) => isEnding(pod, nowMs)).length
  const share = countEnding(counted) / Math.max(counted.length, 1)
  const isNode = nodeState === 'going' || share > (nodeState === 'cordoned' ? 0 : 0.5)
  return { isNode, ending: countEnding(present) }
}

import type { PodRecord } from '../model/pod-record.ts'
import { projectPod } from './pod-record.ts'

/** Annotations that the kubelet adds to the pods that it gets: which source it has them from, and since when. */
const SOURCE = 'kubernetes.io/config.source'
const SEEN = 'kubernetes.io/config.seen'
/** What the mirror pod of a static one has besides the annotations of that. */
const MIRROR = 'kubernetes.io/config.mirror'

/**
 * The part of a pod that Loggy keeps, of an object of the kubelet's: the same as of the API server's, as far as it goes. A static pod has
 * its config hash as uid; its mirror's uid is known to the API server alone. Throws as `projectPod` does.
 */
export function projectKubeletPod(object: unknown, keptBytes?: number): PodRecord {
  const pod = projectPod(object, keptBytes)
  const { [SOURCE]: source, [SEEN]: seen, ...annotations } = pod.annotations
  if (source === 'api') return { ...pod, annotations }
  const { configHash } = pod
  return configHash === undefined ? pod : { ...pod, annotations: { ...pod.annotations, [MIRROR]: configHash } }
}

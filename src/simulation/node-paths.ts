import { join } from 'node:path'

/** Bytes of a link's name before `.log`: ext4 allows 255 in all. Source: kubelet, `kuberuntime/legacy.go`. */
const LINK_NAME_BYTES = 251

/** The parts of a pod's paths; `logUid` is the API's uid, or a static pod's config hash. */
export interface PodPathNames {
  readonly namespace: string
  readonly name: string
  readonly logUid: string
}

/** Where the kubelet keeps a pod's logs: `pods/<namespace>_<pod>_<uid>`. */
export function podLogDirectory(root: string, pod: PodPathNames): string {
  return join(root, 'pods', `${pod.namespace}_${pod.name}_${pod.logUid}`)
}

/** The kubelet's link: `containers/<pod>_<namespace>_<container>-<id>.log`. Cut off if too long, so two can be equal. */
export function containerLink(root: string, pod: PodPathNames, container: { name: string; id: string }): string {
  const name = `${pod.name}_${pod.namespace}_${container.name}-${container.id}`
  return join(root, 'containers', `${name.slice(0, LINK_NAME_BYTES)}.log`)
}

/** Docker's own file, to which the kubelet's path links: `docker/containers/<id>/<id>-json.log`. */
export function dockerLog(root: string, containerId: string): string {
  return join(root, 'docker', 'containers', containerId, `${containerId}-json.log`)
}

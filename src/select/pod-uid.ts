import { readFileSync } from 'node:fs'
import { systemCode } from '../lib/errors.ts'

/**
 * Files that the kubelet mounts into each container from its pod's folder: `/etc/hosts`, the termination log. Only these identify the own
 * pod; volumes of other pods may be mounted too. The folder may be the root of another file system, so there can be any prefix before
 * `pods/`. Source: kubelet, `kubelet_pods.go` (etc-hosts) and `kuberuntime_container.go` (termination log).
 */
const ownMount = /(?:^|\/)pods\/([^/\s]+)\/(?:etc-hosts|containers\/[^/\s]+\/[^/\s]+)$/
/** `…/pod<uid>/<container>` with cgroupfs; `…-pod<uid>.slice/…` with systemd, where the uid has `_` instead of dashes. */
const ownCgroup = /(?:\/pod|-pod)([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:\/|$)/

/**
 * The uid of the pod that a process runs in, as in the kubelet's folder names; undefined if neither file has it. `cgroup` has it on
 * cgroup v1, and on v2 if the container uses the host's cgroup namespace; `mountinfo` on both.
 */
export function podUidOf({
  mountinfo,
  cgroup,
}: {
  readonly mountinfo: string
  readonly cgroup: string
}): string | undefined {
  for (const line of mountinfo.split('\n')) {
    // Source: proc(5): id, parent, device, root within the file system, mount point, …
    const uid = ownMount.exec(line.split(' ')[3] ?? '')?.[1]
    if (uid !== undefined) return uid
  }
  for (const line of cgroup.split('\n')) {
    const uid = ownCgroup.exec(line.split(':').slice(2).join(':'))?.[1]
    if (uid !== undefined) return uid.replaceAll('_', '-')
  }
  return undefined
}

/** The uid of the pod that this process runs in; undefined outside a pod. */
export function ownPodUid(): string | undefined {
  return podUidOf({ mountinfo: textOf('/proc/self/mountinfo'), cgroup: textOf('/proc/self/cgroup') })
}

/** Empty if there is no such file. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return ''
  }
}

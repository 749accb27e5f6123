import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { podUidOf } from '../../src/select/pod-uid.ts'

const uid = '2f1c0a3e-2b7d-4c5e-9a52-0f3f5f1f1e11'
const other = '99999999-2b7d-4c5e-9a52-0f3f5f1f1e11'
const hash = '0123456789abcdef0123456789abcdef'
const mount = (root: string, at: string) => `1083 1075 259:1 ${root} ${at} rw,relatime - ext4 /dev/root rw`
const nothing = ['22 27 0:21 / /proc rw,relatime - proc proc rw', '31 23 0:28 / /sys/fs/cgroup ro - cgroup2 cgroup rw']

describe("the own pod's uid is read from", () => {
  const cases: [string, { mountinfo?: string[]; cgroup?: string }, string | undefined][] = [
    ['the mount of /etc/hosts', { mountinfo: [mount(`/var/lib/kubelet/pods/${uid}/etc-hosts`, '/etc/hosts')] }, uid],
    ['a kubelet folder on a disk of its own', { mountinfo: [mount(`/pods/${uid}/etc-hosts`, '/etc/hosts')] }, uid],
    ['that of a static pod', { mountinfo: [mount(`/var/lib/kubelet/pods/${hash}/etc-hosts`, '/etc/hosts')] }, hash],
    [
      'a node that is a container itself',
      { mountinfo: [mount(`/docker/volumes/1f/_data/lib/kubelet/pods/${uid}/etc-hosts`, '/etc/hosts')] },
      uid,
    ],
    [
      'the termination log',
      { mountinfo: [mount(`/var/lib/kubelet/pods/${uid}/containers/loggy/1a2b3c4d`, '/dev/termination-log')] },
      uid,
    ],
    [
      'its own mounts, not the volumes of other pods that are visible',
      {
        mountinfo: [
          mount(`/var/lib/kubelet/pods/${other}/volumes/kubernetes.io~empty-dir/x`, `/var/lib/kubelet/pods/${other}/x`),
          mount(`/var/lib/kubelet/pods/${uid}/etc-hosts`, '/etc/hosts'),
        ],
      },
      uid,
    ],
    ['cgroup v1 with cgroupfs', { cgroup: `12:memory:/kubepods/burstable/pod${uid}/4f1d\n0::/` }, uid],
    [
      'cgroup v1 with systemd',
      {
        cgroup: `11:cpu:/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-4f1d.scope`,
      },
      uid,
    ],
    ['a static pod in cgroup v1', { cgroup: `3:pids:/kubepods/pod${hash}/4f1d` }, hash],
    [
      "cgroup v2 in the host's namespace",
      { cgroup: `0::/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice/crio-4f1d.scope` },
      uid,
    ],
    [
      'a node in a container, cgroup v1',
      { cgroup: `8:cpu:/docker/7a/kubelet/kubepods/besteffort/pod${uid}/4f1d` },
      uid,
    ],
    ['cgroup v2 in a namespace of its own: not at all', { cgroup: '0::/' }, undefined],
    ['no pod: not at all', { cgroup: '8:memory:/system.slice/docker-4f1d.scope\n0::/process_api/4f1d' }, undefined],
    ['empty files: not at all', { mountinfo: [''], cgroup: '' }, undefined],
  ]
  for (const [what, { mountinfo = [], cgroup = '0::/' }, expected] of cases) {
    test(what, () => assert.equal(podUidOf({ mountinfo: [...nothing, ...mountinfo].join('\n'), cgroup }), expected))
  }
})

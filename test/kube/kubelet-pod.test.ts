import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { projectKubeletPod } from '../../src/kube/kubelet-pod.ts'
import { projectPod } from '../../src/kube/pod-record.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import { kubeletObject } from '../../src/simulation/kubelet-server.ts'
import type { PodSpec } from '../../src/simulation/pod-object.ts'
import { webSpec as spec } from '../support/pod.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const hash = 'a'.repeat(32)

function both(t: TestContext, of: PodSpec) {
  const kubelet = new Kubelet(temporaryDirectory(t), { upsert() {}, delete() {} })
  t.after(() => kubelet.close())
  const pod = kubelet.startPod(of)
  return { fromApi: projectPod(pod.object), fromKubelet: projectKubeletPod(kubeletObject(pod)) }
}

test("a pod of the kubelet's is the same as the API server's", (t) => {
  const { fromApi, fromKubelet } = both(t, spec)
  assert.deepEqual(fromKubelet, fromApi)
  assert.deepEqual(fromKubelet.annotations, { team: 'payments' })
})

test("a static pod of the kubelet's is the same as its mirror, but for the uid, which is its config hash", (t) => {
  const { fromApi, fromKubelet } = both(t, { ...spec, configHash: hash })
  const seen = 'kubernetes.io/config.seen'
  const annotations = { ...fromApi.annotations, [seen]: fromKubelet.annotations[seen] }
  assert.deepEqual(fromKubelet, { ...fromApi, uid: hash, annotations })
})

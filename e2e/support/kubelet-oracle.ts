import assert from 'node:assert/strict'
import { kubectlBytes, kubectlJson } from './kubectl.ts'
import { firstDifference, isOf, parseKubeletLines } from './kubelet-lines.ts'
import type { Scene } from './scene.ts'

interface Pod {
  readonly metadata: { readonly name: string }
  readonly status: {
    readonly initContainerStatuses?: readonly Status[]
    readonly containerStatuses?: readonly Status[]
    readonly ephemeralContainerStatuses?: readonly Status[]
  }
}

interface Status {
  readonly name: string
  readonly restartCount: number
}

/** Why the kubelet has no log: the container has not begun, the runtime has forgotten it, or the pod is gone by now. */
const NO_LOG = /is waiting to start|previous terminated container .* not found|NotFound/

/**
 * Asserts that each line which `kubectl logs` has of the scene's pods, in every container and in the run before, has come as an
 * entry, at the same time and in the same order. Pods that the agent is not to read to their ends are `left`. Resolves with how
 * much that was.
 */
export async function assertAsKubelet(scene: Scene, left: readonly string[] = []): Promise<string> {
  const inNamespace = ['--namespace', scene.namespace, '--selector', 'app.kubernetes.io/name!=loggy']
  const { items } = await kubectlJson<{ items: Pod[] }>('get', 'pods', ...inNamespace)
  const logs: number[] = []
  for (const { metadata, status } of items.filter(({ metadata }) => !left.includes(metadata.name)))
    for (const { name, restartCount } of statusesOf(status))
      for (const which of restartCount > 0 ? [['--previous'], []] : [[]])
        logs.push(await assertLog(scene, metadata.name, name, which))
  const lines = logs.reduce((sum, count) => sum + count, 0)
  assert.ok(lines > 0, 'the kubelet has no line')
  return `the kubelet has the same ${lines} lines in ${logs.length} logs`
}

function statusesOf(status: Pod['status']): Status[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses]
}

/** Resolves with the number of lines. */
async function assertLog(scene: Scene, pod: string, container: string, which: readonly string[]): Promise<number> {
  const { entries, namespace } = scene
  const asked = ['logs', pod, '--container', container, '--timestamps', ...which]
  const printed = await kubectlBytes(...asked, '--namespace', namespace).catch((error: Error) => {
    if (NO_LOG.test(error.message)) return Buffer.of()
    throw error
  })
  const lines = parseKubeletLines(printed)
  const last = lines.at(-1)
  if (last === undefined) return 0
  const ofContainer = () => entries.ofPod(pod).filter(({ kubernetes }) => kubernetes.container === container)
  const hasCome = () => ofContainer().findLast((entry) => isOf(entry, last)) !== undefined
  await entries.until(`the last line of kubectl ${asked.join(' ')}: ${last.text.slice(0, 200)}`, hasCome)
  assert.equal(firstDifference(lines, ofContainer()), undefined, `kubectl ${asked.join(' ')} says something else`)
  return lines.length
}

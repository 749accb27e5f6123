import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AgentPod } from './support/agent-pod.ts'
import { addressTowards, EntryCollector } from './support/entry-collector.ts'
import type { Entry } from './support/entry-stream.ts'
import { Installation } from './support/installation.ts'
import { kubectl, kubectlJson } from './support/kubectl.ts'
import { LineTally } from './support/line-tally.ts'
import { NodeShell } from './support/node-shell.ts'
import { stopCommand, writerPod } from './support/numbered-lines.ts'
import { until } from './support/until.ts'

interface Node {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly spec: { readonly taints?: readonly object[]; readonly unschedulable?: boolean }
  readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] }
}

interface Pod {
  readonly metadata: { readonly uid: string }
  readonly status: { readonly containerStatuses: readonly { readonly restartCount: number }[] }
}

/** What happens to the agent, and how long after a rotation was seen: the kubelet makes the next one 10 s after it. */
const ENDS = [
  { how: 'delete', afterMs: 0 },
  { how: 'kill', afterMs: 3000 },
  { how: 'delete', afterMs: 6000 },
  { how: 'kill', afterMs: 8500 },
] as const
const LEAST_ROTATIONS = 5

const image = process.env.LOGGY_E2E_IMAGE
const busybox = process.env.LOGGY_E2E_BUSYBOX ?? 'busybox:1'
const skip = image === undefined && 'LOGGY_E2E_IMAGE names no image: e2e/README.md'

describe('an agent that is deleted and killed while a busy log is rotated', { skip, timeout: 600_000 }, () => {
  let installation: Installation
  let agent: AgentPod
  let collector: EntryCollector
  let shell: NodeShell
  let node: string
  let uid: string
  /** The times in the names of rotated files, plain or compressed. */
  const rotations = new Set<string>()
  const tally = new LineTally()

  const inNamespace = (...args: string[]) => [...args, '--namespace', installation.namespace]
  const writer = () => kubectlJson<Pod>('get', 'pod', 'writer', ...inNamespace())

  before(async () => {
    const chosen = await chooseNode()
    node = chosen.metadata.name
    const host = process.env.LOGGY_E2E_HOST ?? (await addressTowards(internalAddress(chosen)))
    collector = await EntryCollector.start(host, (json) => tally.take(json))
    installation = await Installation.create(
      { loggy: image ?? '', busybox },
      {
        hostname: chosen.metadata.labels['kubernetes.io/hostname'] ?? node,
        options: {
          // The log of an agent that was deleted is there for a while, and its successor would take it for any other.
          select: { containers: { include: ['writer'] } },
          // With more in flight entries may overtake each other, and their order could not be judged.
          sink: { type: 'http', url: collector.url, maxInFlight: 1 },
        },
      },
    )
    agent = new AgentPod(installation, process.env.LOGGY_E2E_KILL)
    await installation.applyAgent()
    shell = await NodeShell.start(installation, { image: busybox, node })
    await kubectl('rollout', 'status', `daemonset/${installation.daemonSet}`, '--timeout=120s', ...inNamespace())
  })

  after(async () => {
    await agent?.remove()
    await shell?.removeState(installation.stateFolder)
    await installation?.remove()
    await collector?.stop()
  })

  test('loses, tears, misplaces and mislabels no line', async (t) => {
    const startMs = performance.now()
    const seconds = () => (performance.now() - startMs) / 1000
    await installation.applyPod(writerPod({ name: 'writer', image: busybox, node }))
    uid = (await writer()).metadata.uid

    const ends: { what: string; duplicates: number }[] = []
    for (const { how, afterMs } of ENDS) {
      await rotationsReach(rotations.size + 1)
      await sleep(afterMs)
      const { duplicates } = tally
      const at = seconds()
      await agent[how]()
      const away = (seconds() - at).toFixed(1)
      ends.push({ what: `${how} at ${at.toFixed(1)} s, the next agent ran ${away} s later`, duplicates })
    }
    await rotationsReach(LEAST_ROTATIONS)
    await kubectl('exec', 'writer', ...inNamespace(), '--', ...stopCommand)
    await until('the last line comes', async () => tally.last !== undefined)
    const total = `${tally.last} lines in ${seconds().toFixed()} s, ${rotations.size} rotations`
    for (const [index, { what, duplicates }] of ends.entries())
      t.diagnostic(`${what}: ${(ends[index + 1] ?? tally).duplicates - duplicates} lines came again`)
    t.diagnostic(`${total}, ${tally.missing().length} gaps, ${tally.duplicates} duplicates`)
    t.diagnostic(`the oldest of them came ${tally.oldestDuplicateMs.toFixed()} ms before the last line before it`)
    assert.equal((await writer()).status.containerStatuses[0]?.restartCount, 0, 'the writer began anew')
    assert.deepEqual(tally.lost, [], 'entries say that bytes are lost')
    assert.deepEqual(tally.missing(), [], 'lines are missing')
    assert.deepEqual(tally.misplaced, [], 'lines are out of order')
    assert.deepEqual(tally.torn, [], 'lines are torn')
    assert.notEqual(tally.metadata.size, 0)
    for (const metadata of tally.metadata.values()) assertOfWriter(metadata)
  })

  function assertOfWriter(metadata: Entry['kubernetes']): void {
    const { namespace, pod, container, labels } = metadata
    assert.deepEqual(
      { namespace, pod, container },
      { namespace: installation.namespace, pod: 'writer', container: 'writer' },
    )
    assert.deepEqual({ uid: metadata.uid, node: metadata.node }, { uid, node })
    assert.deepEqual(labels, { app: 'writer', tier: 'load' })
    assert.equal(metadata.metadata, undefined)
  }

  async function rotationsReach(count: number): Promise<void> {
    await until(`rotation ${count}`, async () => {
      for (const name of await shell.logFiles({ pod: 'writer', uid, container: 'writer' })) {
        const [, time] = /^\d+\.log\.(\d{8}-\d{6})(\.gz)?$/.exec(name) ?? []
        if (time !== undefined) rotations.add(time)
      }
      return rotations.size >= count
    })
  }
})

/** The first Linux node on which any pod may run. */
async function chooseNode(): Promise<Node> {
  const { items } = await kubectlJson<{ items: Node[] }>('get', 'nodes', '--selector', 'kubernetes.io/os=linux')
  const free = items.find(({ spec }) => spec.unschedulable !== true && (spec.taints ?? []).length === 0)
  assert.ok(free, 'no node takes any pod')
  return free
}

function internalAddress({ status }: Node): string {
  const found = status.addresses.find(({ type }) => type === 'InternalIP')
  assert.ok(found, 'the node has no internal address: set LOGGY_E2E_HOST')
  return found.address
}

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Entry } from '../support/entry-log.ts'
import { LineTally } from '../support/line-tally.ts'
import { stopCommand, writerPod } from '../support/numbered-lines.ts'
import { podNamed } from '../support/pod-object.ts'
import { unlessMet } from '../support/requirements.ts'
import { RotationWatch } from '../support/rotation-watch.ts'
import { sceneOf } from '../support/scene.ts'
import { settings } from '../support/settings.ts'
import { until } from '../support/until.ts'

/** What happens to the agent, and how long after a rotation was seen: the kubelet makes the next one 10 s after it. */
const ENDS = [
  { how: 'delete', afterMs: 0 },
  { how: 'kill', afterMs: 3000 },
  { how: 'roll', afterMs: 5000 },
  { how: 'delete', afterMs: 6000 },
  { how: 'kill', afterMs: 8500 },
] as const
const LEAST_ROTATIONS = 6

const skip = await unlessMet()

describe('an agent that ends while a busy log is rotated', { skip, timeout: 900_000 }, () => {
  let uid: string
  const tally = new LineTally()
  const scene = sceneOf({
    by: 'http',
    state: 'node',
    onEntry: (json) => tally.take(json),
    // The log of an agent that was deleted is there for a while, and its successor would take it for any other.
    options: { select: { containers: { include: ['writer'] } } },
  })
  const writer = () => podNamed(scene().installation, 'writer')

  test('loses, tears, misplaces and mislabels no line', async (t) => {
    const startMs = performance.now()
    const seconds = () => (performance.now() - startMs) / 1000
    const { installation, agent, node, shell } = scene()
    if (settings.nextImage === undefined) t.diagnostic('LOGGY_E2E_NEXT_IMAGE names no image: rolled to the same one')
    await installation.applyPod(writerPod({ name: 'writer', image: settings.busybox, node }))
    uid = (await writer()).metadata.uid
    const rotations = new RotationWatch(shell, { pod: 'writer', uid, container: 'writer' })

    const ends: { what: string; duplicates: number }[] = []
    for (const { how, afterMs } of ENDS) {
      await tally.caughtUp()
      await rotations.reach(rotations.seen + 1)
      await sleep(afterMs)
      const { duplicates } = tally
      const at = seconds()
      await agent[how](settings.nextImage)
      const away = (seconds() - at).toFixed(1)
      ends.push({ what: `${how} at ${at.toFixed(1)} s, the next agent ran ${away} s later`, duplicates })
    }
    await rotations.reach(LEAST_ROTATIONS)
    await installation.kubectl('exec', 'writer', '--', ...stopCommand)
    await until('the last line comes', async () => tally.last !== undefined)
    const total = `${tally.last} lines in ${seconds().toFixed()} s, ${rotations.seen} rotations`
    for (const [index, { what, duplicates }] of ends.entries())
      t.diagnostic(`${what}: ${(ends[index + 1] ?? tally).duplicates - duplicates} lines came again`)
    t.diagnostic(`${total}, ${tally.missing().length} gaps, ${tally.duplicates} duplicates`)
    t.diagnostic(`the oldest of them came ${tally.oldestDuplicateMs.toFixed()} ms before the last line before it`)
    assert.equal((await writer()).status.containerStatuses?.[0]?.restartCount, 0, 'the writer began anew')
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
      { namespace: scene().namespace, pod: 'writer', container: 'writer' },
    )
    assert.deepEqual({ uid: metadata.uid, node: metadata.node }, { uid, node: scene().node })
    assert.deepEqual(labels, { app: 'writer', tier: 'load' })
    // On a busy node the API may need more than the 300 ms after which an agent takes what the one before it has stored.
    assert.notEqual(metadata.metadata, 'path-only')
  }
})

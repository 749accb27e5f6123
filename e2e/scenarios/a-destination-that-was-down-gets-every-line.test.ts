import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { busyboxPod } from '../support/busybox-pod.ts'
import { assertAsKubelet } from '../support/kubelet-oracle.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'

const skip = await unlessMet()

/** The time for which nobody listens. */
const DOWN_MS = 30_000
/** Some hundred lines a second, so that the gap is more than one batch holds back. */
const PACE = 'i=0; while true; do i=$((i + 1)); echo "line $i"; [ $((i % 20)) -gt 0 ] || sleep 0.1; done'

describe('a destination that was down', { skip, timeout: 300_000 }, () => {
  const scene = sceneOf({ by: 'http' })

  test('gets every line, once or more, with its metadata', async (t) => {
    const { installation, entries, collector, node } = scene()
    assert.ok(collector)
    await installation.applyPod(busyboxPod('busy', node, { labels: { app: 'busy' }, containers: { main: PACE } }))
    await entries.until('lines', () => entries.entries.length >= 100)
    await collector.stop()
    const before = entries.entries.length
    await sleep(DOWN_MS)
    assert.equal(entries.entries.length, before)
    await collector.resume()
    await entries.until('the lines of the gap, and newer ones', () => highest() > before + 3000)
    t.diagnostic(await assertAsKubelet(scene()))
    await installation.kubectl('delete', 'pod', 'busy', '--now')
    const numbers = numbersOf()
    t.diagnostic(
      `${numbers.size} lines, ${entries.entries.length - numbers.size} of them again, none while it was down`,
    )
    assert.deepEqual(missingOf(numbers), [])
    for (const { kubernetes } of entries.entries) assert.deepEqual(kubernetes.labels, { app: 'busy' })
    assert.deepEqual(entries.strangers, [])
  })

  const numbersOf = () => new Set(scene().entries.entries.map(({ log }) => Number(/^line (\d+)$/.exec(log ?? '')?.[1])))
  const highest = () => Number(scene().entries.entries.at(-1)?.log?.split(' ')[1])

  function missingOf(numbers: ReadonlySet<number>): number[] {
    const all = Array.from({ length: Math.max(...numbers) }, (_, index) => index + 1)
    return all.filter((number) => !numbers.has(number)).slice(0, 20)
  }
})

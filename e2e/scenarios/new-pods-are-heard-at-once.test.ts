import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { podTemplate } from '../support/busybox-pod.ts'
import { EntryLog } from '../support/entry-log.ts'
import { unlessMet } from '../support/requirements.ts'
import { sceneOf } from '../support/scene.ts'

const skip = await unlessMet()

const PODS = 100
/** At a time: more would measure how long a busy node takes to start containers. */
const PARALLEL = 2
/** Milliseconds from the time that the runtime gives a pod's first line to its entry's arrival here. */
const [MEDIAN_MS, P99_MS] = [250, 1000]

describe('the first line of a new pod', { skip, timeout: 600_000 }, () => {
  const entries = new EntryLog()
  const latenciesMs: number[] = []
  const scene = sceneOf({
    by: 'http',
    onEntry: (json) => {
      entries.take(json)
      const entry = entries.entries.at(-1)
      if (entry?.log === 'first') latenciesMs.push(Date.now() - Date.parse(entry.time))
    },
  })

  test(`is here at once, with the pod's metadata, for each of ${PODS} pods`, async (t) => {
    const options = {
      labels: { app: 'short' },
      restartPolicy: 'Never',
      containers: { main: 'echo first; sleep 1' },
    } as const
    const spec = { completions: PODS, parallelism: PARALLEL, template: podTemplate(scene().node, options) }
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'short' }, spec }
    await scene().installation.apply(job)
    await entries.until('the first lines', () => entries.entries.length >= PODS, 500_000)
    assert.equal(new Set(entries.entries.map(({ kubernetes }) => kubernetes.uid)).size, PODS)
    for (const { kubernetes } of entries.entries)
      assert.deepEqual([kubernetes.labels?.app, kubernetes.metadata], ['short', undefined])
    const sorted = latenciesMs.sort((a, b) => a - b)
    const [median = Number.NaN, p99 = Number.NaN] = [0.5, 0.99].map((share) => sorted[share * PODS - 1])
    t.diagnostic(
      `from a line's time to its entry: median ${median} ms, p99 ${p99} ms; the longest ${sorted.slice(-5).join(', ')} ms`,
    )
    assert.ok(median < MEDIAN_MS && p99 < P99_MS, `median ${median} ms, p99 ${p99} ms`)
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { expose } from '../../src/telemetry/exposition.ts'
import type { Observation } from '../../src/telemetry/metric.ts'
import { processFigures } from '../../src/telemetry/process-figures.ts'
import { parsePrometheusText } from '../support/prometheus-text.ts'
import { restingFigures } from './figures.ts'

const observation: Observation = {
  ...restingFigures,
  loop: { silentMs: 0, delaySeconds: { limits: [0.005, 1], counts: [3, 0, 2], sum: 7.5 } },
  files: { open: 0, held: 0, heldBytes: 0 },
  containers: { byState: { read: 0, exclude: 0, wait: 0 }, pathOnly: 0, lags: [] },
  process: processFigures(),
  about: {
    version: 'a "quoted" \\ one',
    nodeVersion: '26.0.0',
    sink: 'stdout',
    heldLimits: { maxBytes: 1, maxFiles: 1 },
  },
  isReady: true,
}

test('a histogram that was counted elsewhere has ascending buckets, its sum and its count', async () => {
  const text = await expose(observation)
  const [block] = text.split('\n\n').filter((part) => part.includes('histogram') && part.includes('7.5'))
  const name = /^# HELP (\S+) /.exec(block ?? '')?.[1]
  assert.deepEqual(block?.split('\n').slice(1), [
    `# TYPE ${name} histogram`,
    `${name}_bucket{le="0.005"} 3`,
    `${name}_bucket{le="1"} 3`,
    `${name}_bucket{le="+Inf"} 5`,
    `${name}_sum 7.5`,
    `${name}_count 5`,
  ])
})

test('all metrics of the catalogue are exposed, in its order, and what stands in labels is escaped', async () => {
  const text = await expose(observation)
  const names = catalogue.flatMap(({ metrics }) => metrics.map(({ name }) => name))
  assert.deepEqual(
    [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name),
    names,
  )
  assert.deepEqual([...parsePrometheusText(text).keys()], names)
  assert.match(text, /version="a \\"quoted\\" \\\\ one"/)
})

import { checkpointMetrics } from './checkpoint-metrics.ts'
import { hintMetrics } from './hint-metrics.ts'
import { lagMetrics } from './lag-metrics.ts'
import { lineMetrics } from './line-metrics.ts'
import { metadataMetrics } from './metadata-metrics.ts'
import type { Metric } from './metric.ts'
import { processMetrics } from './process-metrics.ts'
import { sinkMetrics } from './sink-metrics.ts'
import { sourceMetrics } from './source-metrics.ts'

/** All metrics by topic. `/metrics` and docs/metrics.md are generated from this. */
export const catalogue: readonly { readonly title: string; readonly metrics: readonly Metric[] }[] = [
  { title: 'Lines and entries', metrics: lineMetrics },
  { title: 'Lag', metrics: lagMetrics },
  { title: 'Logs and files', metrics: sourceMetrics },
  { title: 'Destination', metrics: sinkMetrics },
  { title: 'Metadata', metrics: metadataMetrics },
  { title: 'Hints of pods', metrics: hintMetrics },
  { title: 'Checkpoints', metrics: checkpointMetrics },
  { title: 'Process', metrics: processMetrics },
]

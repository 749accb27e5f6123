import { counter, gauge, type Metric } from './metric.ts'

/** The positions on disk. */
export const checkpointMetrics: readonly Metric[] = [
  gauge('loggy_checkpoints', 'Files with a stored position.', ({ checkpoints }) => checkpoints.rows),
  counter('loggy_checkpoint_flushes_total', 'Writes of positions to disk.', ({ checkpoints }) => checkpoints.flushes),
  counter(
    'loggy_checkpoint_failures_total',
    'Failed writes of positions; they stay in memory until the next one.',
    ({ checkpoints }) => checkpoints.failures,
  ),
  counter(
    'loggy_checkpoint_files_set_aside_total',
    'Checkpoint files set aside because they were damaged, or not written by Loggy.',
    ({ checkpoints }) => checkpoints.setAside,
  ),
]

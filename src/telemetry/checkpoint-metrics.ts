import { counter, gauge, type Metric } from './metric.ts'

/** The positions on disk. */
export const checkpointMetrics: readonly Metric[] = [
  gauge('loggy_checkpoints', 'Files whose positions are known.', ({ checkpoints }) => checkpoints.rows),
  counter(
    'loggy_checkpoint_flushes_total',
    'Times that positions were written to the disk.',
    ({ checkpoints }) => checkpoints.flushes,
  ),
  counter(
    'loggy_checkpoint_failures_total',
    'Times that they could not be; they stay in memory meanwhile.',
    ({ checkpoints }) => checkpoints.failures,
  ),
  counter(
    'loggy_checkpoint_files_set_aside_total',
    'Checkpoint files set aside because they were damaged or foreign.',
    ({ checkpoints }) => checkpoints.setAside,
  ),
]

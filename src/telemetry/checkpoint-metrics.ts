import type { Metric, Observation } from './metric.ts'

function counter(name: string, what: keyof Observation['checkpoints'], help: string): Metric {
  return { name, type: 'counter', help, read: ({ checkpoints }) => checkpoints[what] }
}

/** The positions on disk. */
export const checkpointMetrics: readonly Metric[] = [
  {
    name: 'loggy_checkpoints',
    type: 'gauge',
    help: 'Files whose positions are known.',
    read: ({ checkpoints }) => checkpoints.rows,
  },
  counter('loggy_checkpoint_flushes_total', 'flushes', 'Times that positions were written to the disk.'),
  counter(
    'loggy_checkpoint_failures_total',
    'failures',
    'Times that they could not be; they stay in memory meanwhile.',
  ),
  counter(
    'loggy_checkpoint_files_set_aside_total',
    'setAside',
    'Checkpoint files set aside because they were damaged or foreign.',
  ),
]

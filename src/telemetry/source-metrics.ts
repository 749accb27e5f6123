import { counter, gauge, type Metric } from './metric.ts'

const STATES = ['read', 'exclude', 'wait'] as const

/** The log files of the node. */
export const sourceMetrics: readonly Metric[] = [
  {
    name: 'loggy_containers',
    type: 'gauge',
    labels: ['state'],
    help: 'Containers that have a log: read, left out, or waiting for their pod to be known.',
    read: ({ containers }) => STATES.map((state) => ({ labels: { state }, value: containers.byState[state] })),
  },
  gauge(
    'loggy_containers_path_only',
    'Containers that are read without the metadata of their pod.',
    ({ containers }) => containers.pathOnly,
  ),
  gauge(
    'loggy_containers_without_log',
    'Containers that run and have had no log for a minute.',
    ({ node }) => node.absentLogs,
  ),
  counter('loggy_logs_found_total', 'Links to container logs that have come.', ({ source }) => source.found),
  counter(
    'loggy_logs_finished_total',
    'Logs read to their ends, with nothing to follow.',
    ({ source }) => source.finished,
  ),
  counter(
    'loggy_logs_skipped_total',
    'Links whose names are none of those that the kubelet gives.',
    ({ source }) => source.unparsable,
  ),
  counter(
    'loggy_log_faults_total',
    'Times that a log file could not be read, and was tried again.',
    ({ source }) => source.faults,
  ),
  counter(
    'loggy_logs_stuck_total',
    'Logs that grew and were not read for 30 s: opened anew.',
    ({ source }) => source.stuck,
  ),
  gauge('loggy_open_files', 'Log files that are open.', ({ files }) => files.open),
  gauge(
    'loggy_held_files',
    'Files that are open, not read to their ends, and put aside or deleted by the kubelet.',
    ({ files }) => files.held,
  ),
  gauge(
    'loggy_held_limit_files',
    '`source.held.maxFiles`: beyond, the oldest is given up.',
    ({ about }) => about.heldLimits.maxFiles,
  ),
  gauge('loggy_held_bytes', 'Unread bytes of these files.', ({ files }) => files.heldBytes),
  gauge(
    'loggy_held_limit_bytes',
    '`source.held.maxBytes`: beyond, the oldest is given up.',
    ({ about }) => about.heldLimits.maxBytes,
  ),
]

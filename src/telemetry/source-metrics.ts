import type { Metric, Observation } from './metric.ts'

function counter(name: string, what: keyof Observation['source'], help: string): Metric {
  return { name, type: 'counter', help, read: ({ source }) => source[what] }
}

function gauge(name: string, read: (observation: Observation) => number, help: string): Metric {
  return { name, type: 'gauge', help, read }
}

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
    ({ containers }) => containers.pathOnly,
    'Containers that are read without the metadata of their pod.',
  ),
  counter('loggy_logs_found_total', 'found', 'Links to container logs that have come.'),
  counter('loggy_logs_finished_total', 'finished', 'Logs read to their ends, with nothing to follow.'),
  counter('loggy_logs_skipped_total', 'unparsable', 'Links whose names are none of those that the kubelet gives.'),
  counter('loggy_log_faults_total', 'faults', 'Times that a log file could not be read, and was tried again.'),
  counter('loggy_logs_stuck_total', 'stuck', 'Logs that grew and were not read for 30 s: opened anew.'),
  gauge('loggy_open_files', ({ files }) => files.open, 'Log files that are open.'),
  gauge(
    'loggy_held_files',
    ({ files }) => files.held,
    'Files that are open, not read to their ends, and put aside or deleted by the kubelet.',
  ),
  gauge(
    'loggy_held_limit_files',
    ({ about }) => about.heldLimits.maxFiles,
    '`source.held.maxFiles`: beyond, the oldest is given up.',
  ),
  gauge('loggy_held_bytes', ({ files }) => files.heldBytes, 'Unread bytes of these files.'),
  gauge(
    'loggy_held_limit_bytes',
    ({ about }) => about.heldLimits.maxBytes,
    '`source.held.maxBytes`: beyond, the oldest is given up.',
  ),
]

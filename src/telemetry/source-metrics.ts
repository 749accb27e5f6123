import { counter, gauge, type Metric } from './metric.ts'

const STATES = ['read', 'exclude', 'wait'] as const

/** The log files of the node. */
export const sourceMetrics: readonly Metric[] = [
  {
    name: 'loggy_containers',
    type: 'gauge',
    labels: ['state'],
    help: 'Containers that have a log: read, excluded, or waiting for the metadata of their pod.',
    read: ({ containers }) => STATES.map((state) => ({ labels: { state }, value: containers.byState[state] })),
  },
  gauge(
    'loggy_containers_path_only',
    'Containers that are read without the metadata of their pod.',
    ({ containers }) => containers.pathOnly,
  ),
  gauge(
    'loggy_containers_without_log',
    'Containers that have been running without a log for a minute.',
    ({ node }) => node.absentLogs,
  ),
  counter('loggy_logs_found_total', 'Container logs found.', ({ source }) => source.found),
  counter('loggy_logs_finished_total', 'Logs that were read completely and are gone.', ({ source }) => source.finished),
  counter(
    'loggy_logs_skipped_total',
    'Links whose names do not have the form of the kubelet.',
    ({ source }) => source.unparsable,
  ),
  counter('loggy_log_faults_total', 'Failures to read a log file; each is retried.', ({ source }) => source.faults),
  counter(
    'loggy_logs_stuck_total',
    'Logs that grew but were not read for 30 s, and were reopened.',
    ({ source }) => source.stuck,
  ),
  gauge(
    'loggy_delayed_logs',
    'Logs that are not read at the moment, as they have used their limit up: see `limit`.',
    ({ source }) => source.delays.logs,
  ),
  counter(
    'loggy_delayed_seconds_total',
    'Seconds for which logs waited so, all together.',
    ({ source }) => source.delays.seconds,
  ),
  counter(
    'loggy_limit_yields_total',
    'Times a log was read faster than its limit, as its lines would have been deleted unread.',
    ({ source }) => source.yields,
  ),
  gauge('loggy_open_files', 'Log files that are open.', ({ files }) => files.open),
  gauge(
    'loggy_held_files',
    'Open files that the kubelet has rotated or deleted and that are not fully read.',
    ({ files }) => files.held,
  ),
  gauge(
    'loggy_held_limit_files',
    '`source.held.maxFiles`: if there are more, the oldest is closed and its rest lost.',
    ({ about }) => about.heldLimits.maxFiles,
  ),
  gauge('loggy_held_bytes', 'Unread bytes of these files.', ({ files }) => files.heldBytes),
  gauge(
    'loggy_held_limit_bytes',
    '`source.held.maxBytes`: if there are more, the oldest file is closed and its rest lost.',
    ({ about }) => about.heldLimits.maxBytes,
  ),
]

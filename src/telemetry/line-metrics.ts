import type { Metric, Observation } from './metric.ts'

type Counted = keyof Observation['lines']

function counter(name: string, what: Counted, help: string): Metric {
  return { name, type: 'counter', help, read: ({ lines }) => lines[what] }
}

/** What was read and what became of it. */
export const lineMetrics: readonly Metric[] = [
  counter('loggy_read_bytes_total', 'bytes', 'Bytes of log files that were read.'),
  counter('loggy_lines_total', 'lines', 'Lines of log files that were read, each part of a split line counted.'),
  counter('loggy_lines_repeated_total', 'repeated', 'Lines passed over because an earlier run had delivered them.'),
  counter('loggy_lines_joined_total', 'joined', 'Parts of split lines that were joined to the part after them.'),
  counter(
    'loggy_lines_filtered_total',
    'filtered',
    'Lines left out because they say that they are below `select.minLevel`.',
  ),
  counter('loggy_lines_malformed_total', 'malformed', 'Lines of no known log format, delivered whole.'),
  counter('loggy_lines_truncated_total', 'truncated', 'Lines cut at `source.maxLineBytes`.'),
  counter('loggy_entries_total', 'entries', 'Entries made.'),
  counter('loggy_entries_unfinished_total', 'unfinished', 'Entries made of a line whose end did not come in time.'),
  counter('loggy_entries_path_only_total', 'pathOnlyEntries', 'Entries without the metadata of their pod.'),
  counter('loggy_entries_delivered_total', 'delivered', 'Entries that the destination has acknowledged.'),
  counter(
    'loggy_entries_dead_lettered_total',
    'deadLettered',
    'Entries that the destination refused: in the dead letter file.',
  ),
  {
    name: 'loggy_entries_in_flight',
    type: 'gauge',
    help: 'Entries made and not yet acknowledged.',
    read: ({ lines }) => lines.entries - lines.delivered - lines.deadLettered,
  },
  counter('loggy_losses_total', 'losses', 'Times that bytes were, or may have been, deleted before they were read.'),
  counter(
    'loggy_lost_bytes_total',
    'lostBytes',
    'Bytes deleted before they were read, as far as their number is known.',
  ),
]

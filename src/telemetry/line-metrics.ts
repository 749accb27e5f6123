import { counter, gauge, type Metric } from './metric.ts'

/** What was read and what became of it. */
export const lineMetrics: readonly Metric[] = [
  counter('loggy_read_bytes_total', 'Bytes of log files that were read.', ({ lines }) => lines.bytes),
  counter(
    'loggy_lines_total',
    'Lines of log files that were read, each part of a split line counted.',
    ({ lines }) => lines.lines,
  ),
  counter(
    'loggy_lines_repeated_total',
    'Lines passed over because an earlier run had delivered them.',
    ({ lines }) => lines.repeated,
  ),
  counter(
    'loggy_lines_joined_total',
    'Parts of split lines that were joined to the part after them.',
    ({ lines }) => lines.joined,
  ),
  counter(
    'loggy_lines_filtered_total',
    'Lines left out because they say that they are below `select.minLevel`.',
    ({ lines }) => lines.filtered,
  ),
  counter(
    'loggy_lines_malformed_total',
    'Lines of no known log format, delivered whole.',
    ({ lines }) => lines.malformed,
  ),
  counter('loggy_lines_truncated_total', 'Lines cut at `source.maxLineBytes`.', ({ lines }) => lines.truncated),
  counter('loggy_entries_total', 'Entries made.', ({ lines }) => lines.entries),
  counter(
    'loggy_entries_unfinished_total',
    'Entries made of a line whose end did not come in time.',
    ({ lines }) => lines.unfinished,
  ),
  counter(
    'loggy_entries_path_only_total',
    'Entries without the metadata of their pod.',
    ({ lines }) => lines.pathOnlyEntries,
  ),
  counter(
    'loggy_entries_delivered_total',
    'Entries that the destination has acknowledged.',
    ({ lines }) => lines.delivered,
  ),
  counter(
    'loggy_entries_dead_lettered_total',
    'Entries that the destination refused: in the dead letter file.',
    ({ lines }) => lines.deadLettered,
  ),
  gauge(
    'loggy_entries_in_flight',
    'Entries made and not yet acknowledged.',
    ({ lines }) => lines.entries - lines.delivered - lines.deadLettered,
  ),
  counter(
    'loggy_losses_total',
    'Times that bytes were, or may have been, deleted before they were read, or NULs stood in their place.',
    ({ lines }) => lines.losses,
  ),
  counter(
    'loggy_lost_bytes_total',
    'Bytes deleted before they were read, or with NULs in their place, as far as their number is known.',
    ({ lines }) => lines.lostBytes,
  ),
]

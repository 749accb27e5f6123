import { counter, gauge, type Metric } from './metric.ts'

/** What was read, and what became of it. */
export const lineMetrics: readonly Metric[] = [
  counter('loggy_read_bytes_total', 'Bytes read from log files.', ({ lines }) => lines.bytes),
  counter(
    'loggy_lines_total',
    'Lines read from log files; each part of a split line counts.',
    ({ lines }) => lines.lines,
  ),
  counter(
    'loggy_lines_repeated_total',
    'Lines skipped because an earlier run had delivered them.',
    ({ lines }) => lines.repeated,
  ),
  counter(
    'loggy_lines_joined_total',
    'Parts of split lines that were joined to the next part, and lines that were joined to the one before.',
    ({ lines }) => lines.joined,
  ),
  counter(
    'loggy_lines_filtered_total',
    'Lines dropped because their level is below `select.minLevel`.',
    ({ lines }) => lines.filtered,
  ),
  counter(
    'loggy_lines_sampled_total',
    'Lines left out because their container or namespace was over its limit; of several lines of a record the first one.',
    ({ lines }) => lines.sampled,
  ),
  counter('loggy_sampled_bytes_total', 'Bytes of these records.', ({ lines }) => lines.sampledBytes),
  counter('loggy_entries_sampled_total', 'Entries that tell of them.', ({ lines }) => lines.summaries),
  counter(
    'loggy_lines_malformed_total',
    'Lines in an unknown log format; delivered unchanged.',
    ({ lines }) => lines.malformed,
  ),
  counter(
    'loggy_lines_truncated_total',
    'Lines cut at `source.maxLineBytes` or `sink.maxLineBytes`.',
    ({ lines }) => lines.truncated,
  ),
  counter(
    'loggy_records_joined_total',
    'Records of several lines that were joined, such as stack traces.',
    ({ lines }) => lines.groups,
  ),
  counter('loggy_records_joined_lines_total', 'Lines of these records.', ({ lines }) => lines.grouped),
  counter(
    'loggy_records_cut_total',
    'Such records that were cut at 1,000 lines or 256 KiB; each part counts.',
    ({ lines }) => lines.cut,
  ),
  counter('loggy_entries_total', 'Entries encoded.', ({ lines }) => lines.entries),
  counter(
    'loggy_entries_unfinished_total',
    'Entries of lines whose end was not written in time.',
    ({ lines }) => lines.unfinished,
  ),
  counter(
    'loggy_entries_path_only_total',
    'Entries without the metadata of their pod.',
    ({ lines }) => lines.pathOnlyEntries,
  ),
  counter(
    'loggy_entries_cached_total',
    'Entries with metadata that an earlier run stored, as the API server did not answer.',
    ({ lines }) => lines.cachedEntries,
  ),
  counter(
    'loggy_entries_delivered_total',
    'Entries that the destination has acknowledged.',
    ({ lines }) => lines.delivered,
  ),
  counter(
    'loggy_entries_dead_lettered_total',
    'Entries that the destination refused; written to the dead letter file.',
    ({ lines }) => lines.deadLettered,
  ),
  gauge(
    'loggy_entries_in_flight',
    'Entries encoded and not yet acknowledged.',
    ({ lines }) => lines.entries - lines.delivered - lines.deadLettered,
  ),
  counter(
    'loggy_losses_total',
    'Losses: bytes were, or may have been, deleted before they were read, or were overwritten with NULs.',
    ({ lines }) => lines.losses,
  ),
  counter(
    'loggy_lost_bytes_total',
    'Bytes deleted before they were read, or overwritten with NULs, as far as the number is known.',
    ({ lines }) => lines.lostBytes,
  ),
]

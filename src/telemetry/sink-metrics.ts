import { counter, gauge, type Metric } from './metric.ts'

/** The way to the destination. */
export const sinkMetrics: readonly Metric[] = [
  {
    name: 'loggy_sink_info',
    type: 'gauge',
    labels: ['type'],
    help: 'Always 1; its label says which destination is configured.',
    read: ({ about }) => [{ labels: { type: about.sink }, value: 1 }],
  },
  gauge('loggy_sink_failing', '1 while the destination takes nothing: its last answer was a failure.', ({ sink }) =>
    sink.fault === undefined ? 0 : 1,
  ),
  counter(
    'loggy_batches_total',
    'Batches that are done with: acknowledged, or only positions.',
    ({ outbox }) => outbox.counters.batches,
  ),
  counter(
    'loggy_acknowledged_bytes_total',
    'Bytes of entries that are done with: delivered or dead letters.',
    ({ outbox }) => outbox.counters.bytes,
  ),
  gauge('loggy_batches_in_flight', 'Batches sent and not yet acknowledged.', ({ outbox }) => outbox.inFlight),
  gauge(
    'loggy_batch_oldest_seconds',
    'Age of the oldest batch in flight; 0 when there is none.',
    ({ outbox }) => outbox.oldestMs / 1000,
  ),
  {
    name: 'loggy_sink_latency_seconds',
    type: 'histogram',
    help: 'Time from the sending of a batch to its acknowledgement, retries included.',
    read: ({ outbox }) => outbox.latencySeconds,
  },
  counter(
    'loggy_sink_requests_total',
    'Requests sent; only with `sink.type: http`.',
    ({ sink }) => sink.counters.requests ?? 0,
  ),
  counter(
    'loggy_sink_retries_total',
    'Tries that failed and were followed by another.',
    ({ sink }) => sink.counters.retries ?? 0,
  ),
  counter(
    'loggy_dead_letter_bytes_total',
    'Bytes written to the dead letter file.',
    ({ sink }) => sink.counters.deadLetterBytes ?? 0,
  ),
  counter(
    'loggy_dead_letter_deleted_bytes_total',
    'Bytes of dead letters deleted because their file was full.',
    ({ sink }) => sink.counters.deadLetterDeletedBytes ?? 0,
  ),
]

import type { SinkCounters } from './figures.ts'
import type { Metric } from './metric.ts'

function counter(name: string, what: keyof SinkCounters, help: string): Metric {
  return { name, type: 'counter', help, read: ({ sink }) => sink.counters[what] ?? 0 }
}

/** The way to the destination. */
export const sinkMetrics: readonly Metric[] = [
  {
    name: 'loggy_sink_info',
    type: 'gauge',
    labels: ['type'],
    help: 'Always 1; its label says which destination is configured.',
    read: ({ about }) => [{ labels: { type: about.sink }, value: 1 }],
  },
  {
    name: 'loggy_sink_failing',
    type: 'gauge',
    help: '1 while the destination takes nothing: its last answer was a failure.',
    read: ({ sink }) => (sink.fault === undefined ? 0 : 1),
  },
  {
    name: 'loggy_batches_total',
    type: 'counter',
    help: 'Batches that are done with: acknowledged, or only positions.',
    read: ({ outbox }) => outbox.counters.batches,
  },
  {
    name: 'loggy_acknowledged_bytes_total',
    type: 'counter',
    help: 'Bytes of entries that are done with: delivered or dead letters.',
    read: ({ outbox }) => outbox.counters.bytes,
  },
  {
    name: 'loggy_batches_in_flight',
    type: 'gauge',
    help: 'Batches sent and not yet acknowledged.',
    read: ({ outbox }) => outbox.inFlight,
  },
  {
    name: 'loggy_batch_oldest_seconds',
    type: 'gauge',
    help: 'Age of the oldest batch in flight; 0 when there is none.',
    read: ({ outbox }) => outbox.oldestMs / 1000,
  },
  {
    name: 'loggy_sink_latency_seconds',
    type: 'histogram',
    help: 'Time from the sending of a batch to its acknowledgement, retries included.',
    read: ({ outbox }) => outbox.latencySeconds,
  },
  counter('loggy_sink_requests_total', 'requests', 'Requests sent; only with `sink.type: http`.'),
  counter('loggy_sink_retries_total', 'retries', 'Tries that failed and were followed by another.'),
  counter('loggy_dead_letter_bytes_total', 'deadLetterBytes', 'Bytes written to the dead letter file.'),
  counter(
    'loggy_dead_letter_deleted_bytes_total',
    'deadLetterDeletedBytes',
    'Bytes of dead letters deleted because their file was full.',
  ),
]

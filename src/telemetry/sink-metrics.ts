import { type Metric, ofSinks } from './metric.ts'

/** The way to the destination. */
export const sinkMetrics: readonly Metric[] = [
  {
    name: 'loggy_sink_info',
    type: 'gauge',
    labels: ['type'],
    help: 'Always 1; its label says which destination is configured.',
    read: ({ about }) => [{ labels: { type: about.sink }, value: 1 }],
  },
  ofSinks('gauge', 'loggy_sink_failing', {
    help: '1 while the destination takes nothing: its last answer was a failure.',
    read: ({ fault }) => (fault === undefined ? 0 : 1),
  }),
  ofSinks('counter', 'loggy_batches_total', {
    help: 'Batches that are finished: acknowledged, or without entries.',
    read: ({ counters }) => counters.batches,
  }),
  ofSinks('counter', 'loggy_acknowledged_bytes_total', {
    help: 'Bytes of entries that are finished: delivered or dead letters.',
    read: ({ counters }) => counters.bytes,
  }),
  ofSinks('counter', 'loggy_sink_packed_bytes_total', {
    help: 'Bytes of request bodies after compression; a body that is sent again without being made anew counts once.',
    read: ({ counters }) => counters.packedBytes,
  }),
  ofSinks('gauge', 'loggy_batches_in_flight', {
    help: 'Batches sent and not yet acknowledged.',
    read: ({ inFlight }) => inFlight,
  }),
  ofSinks('gauge', 'loggy_sink_requests_in_flight', {
    help: 'Requests that wait for their answer.',
    read: ({ requestsInFlight }) => requestsInFlight,
  }),
  ofSinks('gauge', 'loggy_batch_oldest_seconds', {
    help: 'Age of the oldest batch in flight; 0 when there is none.',
    read: ({ oldestMs }) => oldestMs / 1000,
  }),
  {
    name: 'loggy_sink_latency_seconds',
    type: 'histogram',
    labels: ['sink'],
    help: 'Time from the sending of a batch to its acknowledgement, retries included.',
    read: ({ deliveries }) =>
      deliveries.map(({ name, latencySeconds }) => ({ labels: { sink: name }, counts: latencySeconds })),
  },
  ofSinks('counter', 'loggy_sink_requests_total', {
    help: 'Requests sent.',
    read: ({ counters }) => counters.requests,
  }),
  ofSinks('counter', 'loggy_sink_retries_total', {
    help: 'Tries that failed and were followed by another.',
    read: ({ counters }) => counters.retries,
  }),
  ofSinks('counter', 'loggy_dead_letter_bytes_total', {
    help: 'Bytes written to the dead letter file.',
    read: ({ counters }) => counters.deadLetterBytes,
  }),
  ofSinks('counter', 'loggy_dead_letter_deleted_bytes_total', {
    help: 'Bytes of dead letters deleted because their file was full.',
    read: ({ counters }) => counters.deadLetterDeletedBytes,
  }),
]

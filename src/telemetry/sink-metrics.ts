import { type Metric, ofSinks } from './metric.ts'

/** Delivery to the destination. */
export const sinkMetrics: readonly Metric[] = [
  {
    name: 'loggy_sink_info',
    type: 'gauge',
    labels: ['type'],
    help: 'Always 1; the label is the type of the destination.',
    read: ({ about }) => [{ labels: { type: about.sink }, value: 1 }],
  },
  ofSinks('gauge', 'loggy_sink_failing', {
    help: '1 while delivery fails: the last request to the destination has failed.',
    read: ({ fault }) => (fault === undefined ? 0 : 1),
  }),
  ofSinks('counter', 'loggy_batches_total', {
    help: 'Finished batches: acknowledged, or without entries.',
    read: ({ counters }) => counters.batches,
  }),
  ofSinks('counter', 'loggy_acknowledged_bytes_total', {
    help: 'Bytes of finished entries: delivered or dead-lettered.',
    read: ({ counters }) => counters.bytes,
  }),
  ofSinks('counter', 'loggy_sink_packed_bytes_total', {
    help: 'Bytes of request bodies after compression; a body that is sent again unchanged counts once.',
    read: ({ counters }) => counters.packedBytes,
  }),
  ofSinks('gauge', 'loggy_batches_in_flight', {
    help: 'Batches sent and not yet acknowledged.',
    read: ({ inFlight }) => inFlight,
  }),
  ofSinks('gauge', 'loggy_sink_requests_in_flight', {
    help: 'Requests sent and not yet answered.',
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
    help: 'Time from sending a batch to its acknowledgement, including retries.',
    read: ({ deliveries }) =>
      deliveries.map(({ name, latencySeconds }) => ({ labels: { sink: name }, counts: latencySeconds })),
  },
  ofSinks('counter', 'loggy_sink_requests_total', {
    help: 'Requests sent.',
    read: ({ counters }) => counters.requests,
  }),
  ofSinks('counter', 'loggy_sink_retries_total', {
    help: 'Requests that failed and were retried.',
    read: ({ counters }) => counters.retries,
  }),
  ofSinks('counter', 'loggy_sink_rejected_entries_total', {
    help: 'Entries that the destination rejected without saying which, so that they are lost; counted as delivered too.',
    read: ({ counters }) => counters.rejectedEntries,
  }),
  ofSinks('counter', 'loggy_sink_shortened_entries_total', {
    help: 'Entries whose line was cut because they were longer than the destination takes.',
    read: ({ counters }) => counters.shortenedEntries,
  }),
  ofSinks('counter', 'loggy_dead_letter_bytes_total', {
    help: 'Bytes written to the dead letter file.',
    read: ({ counters }) => counters.deadLetterBytes,
  }),
  ofSinks('counter', 'loggy_dead_letter_deleted_bytes_total', {
    help: 'Bytes of dead letters deleted by rotation.',
    read: ({ counters }) => counters.deadLetterDeletedBytes,
  }),
]

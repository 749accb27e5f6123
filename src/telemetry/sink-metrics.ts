import { type Metric, ofReasons, ofSinks } from './metric.ts'

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
  ofSinks('counter', 'loggy_sink_plain_bytes_total', {
    help: 'Bytes of request bodies before compression; a body that is sent again unchanged counts once.',
    read: ({ counters }) => counters.plainBytes,
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
  ofSinks('gauge', 'loggy_sink_window_requests', {
    help: 'Requests that may be in flight now, all tenants together; fewer than `sink.maxInFlight` after failures.',
    read: ({ window }) => window.requests,
  }),
  ofSinks('gauge', 'loggy_sink_window_bytes', {
    help: 'Bytes that the next request may have before compression, the smallest of all tenants; fewer after timeouts.',
    read: ({ window }) => window.bytes,
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
  {
    name: 'loggy_sink_request_seconds',
    type: 'histogram',
    labels: ['sink', 'outcome'],
    help: 'Time from sending one request to its answer, by outcome: accepted, partial, refused, retry, timeout.',
    read: ({ deliveries }) =>
      deliveries.flatMap(({ name, requestSeconds }) =>
        Array.from(requestSeconds, ([outcome, counts]) => ({ labels: { sink: name, outcome }, counts })),
      ),
  },
  ofSinks('counter', 'loggy_sink_accepted_entries_total', {
    help: 'Entries that the destination has accepted.',
    read: ({ counters }) => counters.acceptedEntries,
  }),
  ofSinks('counter', 'loggy_sink_retries_total', {
    help: 'Requests that failed and were retried.',
    read: ({ counters }) => counters.retries,
  }),
  ofReasons('loggy_sink_retried_entries_total', {
    help: 'Entries that were not accepted and are sent again after a wait, each time, by reason: `HTTP 503`, `ECONNREFUSED` …; after 32 reasons `other`.',
    read: ({ reasons }) => reasons.retried,
  }),
  ofReasons('loggy_sink_dead_letter_entries_total', {
    help: 'Entries that the destination refused, written to the dead letter file, by reason; after 32 reasons `other`.',
    read: ({ reasons }) => reasons.deadLettered,
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

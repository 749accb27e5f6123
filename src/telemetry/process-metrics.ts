import { counter, gauge, type Metric } from './metric.ts'

/** The process. Metrics that Prometheus' own clients have, too, have the same names. */
export const processMetrics: readonly Metric[] = [
  {
    name: 'loggy_build_info',
    type: 'gauge',
    labels: ['version', 'node_version'],
    help: 'Always 1; the labels are the versions.',
    read: ({ about }) => [{ labels: { version: about.version, node_version: about.nodeVersion }, value: 1 }],
  },
  gauge('loggy_ready', '1 while `/readyz` returns 200.', ({ isReady }) => (isReady ? 1 : 0)),
  gauge(
    'loggy_loop_silent_seconds',
    "Time since the agent's loop last turned; it turns at least once a second.",
    ({ loop }) => loop.silentMs / 1000,
  ),
  {
    name: 'loggy_event_loop_delay_seconds',
    type: 'histogram',
    labels: [],
    help: 'Delay of a tick that is due every second.',
    read: ({ loop }) => [{ labels: {}, counts: loop.delaySeconds }],
  },
  counter(
    'loggy_event_loop_busy_seconds_total',
    'Time in which the event loop was not idle.',
    ({ process }) => process.loopBusySeconds,
  ),
  counter('process_cpu_seconds_total', 'User and system CPU time of all threads.', ({ process }) => process.cpuSeconds),
  gauge(
    'process_resident_memory_bytes',
    'Resident memory, including shared pages.',
    ({ process }) => process.residentBytes,
  ),
  gauge('nodejs_heap_size_used_bytes', 'Used heap of V8.', ({ process }) => process.heapBytes),
  gauge(
    'nodejs_external_memory_bytes',
    'Memory of buffers and of the WebAssembly kernel.',
    ({ process }) => process.externalBytes,
  ),
  {
    name: 'process_open_fds',
    type: 'gauge',
    help: 'Open file descriptors; only on Linux.',
    read: ({ process }) =>
      process.openDescriptors === undefined ? [] : [{ labels: {}, value: process.openDescriptors }],
  },
  gauge(
    'process_start_time_seconds',
    'Start time of the process, in seconds since 1970.',
    ({ process }) => process.startedSeconds,
  ),
]

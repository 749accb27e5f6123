import { counter, gauge, type Metric } from './metric.ts'

/** The process, under the names that Prometheus' own clients use where they have one. */
export const processMetrics: readonly Metric[] = [
  {
    name: 'loggy_build_info',
    type: 'gauge',
    labels: ['version', 'node_version'],
    help: 'Always 1; its labels say what runs.',
    read: ({ about }) => [{ labels: { version: about.version, node_version: about.nodeVersion }, value: 1 }],
  },
  gauge('loggy_ready', '1 while `/readyz` says that all is well.', ({ isReady }) => (isReady ? 1 : 0)),
  gauge(
    'loggy_loop_silent_seconds',
    'Time since the loop of the agent came round, which it does each second.',
    ({ loop }) => loop.silentMs / 1000,
  ),
  {
    name: 'loggy_event_loop_delay_seconds',
    type: 'histogram',
    labels: [],
    help: 'How late the tick of each second came.',
    read: ({ loop }) => [{ labels: {}, counts: loop.delaySeconds }],
  },
  counter(
    'loggy_event_loop_busy_seconds_total',
    'Time that the event loop did not wait for something to do.',
    ({ process }) => process.loopBusySeconds,
  ),
  counter(
    'process_cpu_seconds_total',
    'CPU time of all threads, in the kernel too.',
    ({ process }) => process.cpuSeconds,
  ),
  gauge(
    'process_resident_memory_bytes',
    'Memory that the process has, shared pages included.',
    ({ process }) => process.residentBytes,
  ),
  gauge('nodejs_heap_size_used_bytes', 'Heap of V8 in use.', ({ process }) => process.heapBytes),
  gauge(
    'nodejs_external_memory_bytes',
    'Memory of buffers and of the kernel that encodes lines.',
    ({ process }) => process.externalBytes,
  ),
  {
    name: 'process_open_fds',
    type: 'gauge',
    help: 'Open descriptors; only on Linux.',
    read: ({ process }) =>
      process.openDescriptors === undefined ? [] : [{ labels: {}, value: process.openDescriptors }],
  },
  gauge(
    'process_start_time_seconds',
    'When the process started, in seconds since 1970.',
    ({ process }) => process.startedSeconds,
  ),
]

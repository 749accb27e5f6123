import type { Metric, Observation } from './metric.ts'

function gauge(name: string, read: (process: Observation['process']) => number, help: string): Metric {
  return { name, type: 'gauge', help, read: ({ process }) => read(process) }
}

/** The process, under the names that Prometheus' own clients use where they have one. */
export const processMetrics: readonly Metric[] = [
  {
    name: 'loggy_build_info',
    type: 'gauge',
    labels: ['version', 'node_version'],
    help: 'Always 1; its labels say what runs.',
    read: ({ about }) => [{ labels: { version: about.version, node_version: about.nodeVersion }, value: 1 }],
  },
  {
    name: 'loggy_ready',
    type: 'gauge',
    help: '1 while `/readyz` says that all is well.',
    read: ({ isReady }) => (isReady ? 1 : 0),
  },
  {
    name: 'loggy_loop_silent_seconds',
    type: 'gauge',
    help: 'Time since the loop of the agent came round, which it does each second.',
    read: ({ loop }) => loop.silentMs / 1000,
  },
  {
    name: 'loggy_event_loop_delay_seconds',
    type: 'histogram',
    help: 'How late the tick of each second came.',
    read: ({ loop }) => loop.delaySeconds,
  },
  {
    name: 'loggy_event_loop_busy_seconds_total',
    type: 'counter',
    help: 'Time that the event loop did not wait for something to do.',
    read: ({ process }) => process.loopBusySeconds,
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of all threads, in the kernel too.',
    read: ({ process }) => process.cpuSeconds,
  },
  gauge(
    'process_resident_memory_bytes',
    ({ residentBytes }) => residentBytes,
    'Memory that the process has, shared pages included.',
  ),
  gauge('nodejs_heap_size_used_bytes', ({ heapBytes }) => heapBytes, 'Heap of V8 in use.'),
  gauge(
    'nodejs_external_memory_bytes',
    ({ externalBytes }) => externalBytes,
    'Memory of buffers and of the kernel that encodes lines.',
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
    ({ startedSeconds }) => startedSeconds,
    'When the process started, in seconds since 1970.',
  ),
]

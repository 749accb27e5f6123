import type { Figures } from './figures.ts'
import type { Metric } from './metric.ts'

function counter(name: string, what: keyof Figures['hints'], help: string): Metric {
  return { name, type: 'counter', help, read: ({ hints }) => hints[what] }
}

/** What pods ask for by annotations that cannot be read, and how their owners are told. */
export const hintMetrics: readonly Metric[] = [
  {
    name: 'loggy_invalid_hints',
    type: 'gauge',
    help: 'Annotations `loggy.io/…` of known pods that are ignored because they make no sense.',
    read: ({ hints }) => hints.invalidHints,
  },
  counter('loggy_events_sent_total', 'eventsSent', 'Events on pods that told their owners of such an annotation.'),
  counter('loggy_events_failed_total', 'eventsFailed', 'Events given up, or dropped for want of room.'),
  counter('loggy_events_forbidden_total', 'eventsForbidden', 'Events for which the right is missing; see rbac/events.'),
]

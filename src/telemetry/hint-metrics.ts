import { counter, gauge, type Metric } from './metric.ts'

/** What pods ask for by annotations that cannot be read, and how their owners are told. */
export const hintMetrics: readonly Metric[] = [
  gauge(
    'loggy_invalid_hints',
    'Annotations `loggy.io/…` of known pods that are ignored because they make no sense.',
    ({ hints }) => hints.invalidHints,
  ),
  counter(
    'loggy_events_sent_total',
    'Events on pods that told their owners of such an annotation.',
    ({ hints }) => hints.eventsSent,
  ),
  counter(
    'loggy_events_failed_total',
    'Events given up, or dropped for want of room.',
    ({ hints }) => hints.eventsFailed,
  ),
  counter(
    'loggy_events_forbidden_total',
    'Events for which the right is missing; see rbac/events.',
    ({ hints }) => hints.eventsForbidden,
  ),
]

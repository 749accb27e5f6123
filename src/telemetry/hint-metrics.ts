import { counter, gauge, type Metric } from './metric.ts'

/** Invalid annotations of pods, and the events that report them to the pods' owners. */
export const hintMetrics: readonly Metric[] = [
  gauge(
    'loggy_invalid_hints',
    'Annotations `loggy.io/…` of known pods that are ignored because they are invalid.',
    ({ hints }) => hints.invalidHints,
  ),
  counter(
    'loggy_events_sent_total',
    'Events sent to report such an annotation on its pod.',
    ({ hints }) => hints.eventsSent,
  ),
  counter(
    'loggy_events_failed_total',
    'Events not sent because of failures or a full queue.',
    ({ hints }) => hints.eventsFailed,
  ),
  counter(
    'loggy_events_forbidden_total',
    'Events not sent for lack of permission; see rbac/events.',
    ({ hints }) => hints.eventsForbidden,
  ),
]

import type { ReflectorFigures } from './figures.ts'
import { gauge, type Metric } from './metric.ts'

const STATES = ['listing', 'watching', 'waiting', 'stopped'] as const

function perResource(name: string, what: keyof ReflectorFigures['counters'], help: string): Metric {
  return {
    name,
    type: 'counter',
    labels: ['resource'],
    help,
    read: ({ metadata }) =>
      metadata.reflectors.map(({ resource, counters }) => ({ labels: { resource }, value: counters[what] })),
  }
}

/** What is followed of the API server, by kind of object. */
export const metadataMetrics: readonly Metric[] = [
  gauge('loggy_pods', 'Pods of this node that the API server has told of.', ({ metadata }) => metadata.pods),
  {
    name: 'loggy_reflector_state',
    type: 'gauge',
    labels: ['resource', 'state'],
    help: '1 for the state it is in; `waiting` is the pause after a failure.',
    read: ({ metadata }) =>
      metadata.reflectors.flatMap(({ resource, state }) =>
        STATES.map((each) => ({ labels: { resource, state: each }, value: each === state ? 1 : 0 })),
      ),
  },
  {
    name: 'loggy_reflector_listed',
    type: 'gauge',
    labels: ['resource'],
    help: '1 once a list has come; until then entries carry what their paths say.',
    read: ({ metadata }) =>
      metadata.reflectors.map(({ resource, hasListed }) => ({ labels: { resource }, value: hasListed ? 1 : 0 })),
  },
  perResource('loggy_reflector_lists_total', 'lists', 'Lists asked for; each after the first is a relist.'),
  perResource('loggy_reflector_watches_total', 'watches', 'Watches begun; one lasts 5 to 10 minutes.'),
  perResource('loggy_reflector_events_total', 'events', 'Changes that watches told of.'),
  perResource('loggy_reflector_expired_total', 'expired', 'Answers that a version was too old, which a list follows.'),
  perResource('loggy_reflector_errors_total', 'errors', 'Failures of every other kind.'),
]

import type { ReflectorFigures } from './figures.ts'
import { counter, gauge, type Metric } from './metric.ts'

const OWN_POD = ['uid', 'name', 'output', 'nothing'] as const
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

/** The watches on the API server, by kind of object. */
export const metadataMetrics: readonly Metric[] = [
  gauge('loggy_pods', 'Pods of this node that the API server has reported.', ({ metadata }) => metadata.pods),
  gauge(
    'loggy_pods_cached',
    'Pods of this node that are known only as an earlier run stored them.',
    ({ metadata }) => metadata.cachedPods,
  ),
  counter(
    'loggy_metadata_cache_failures_total',
    'Failed writes of what is known of pods to the state directory; entries are not affected.',
    ({ metadata }) => metadata.cacheFailures,
  ),
  gauge(
    'loggy_node_name_wrong',
    '1 if no log has belonged to a pod of the node `NODE_NAME` for a minute.',
    ({ node }) => (node.isWrong ? 1 : 0),
  ),
  {
    name: 'loggy_own_pod',
    type: 'gauge',
    labels: ['known_by'],
    help: '1 for the way the agent recognises its own pod: uid from the kernel, `POD_NAME`, its own output, or nothing.',
    read: ({ node }) => OWN_POD.map((each) => ({ labels: { known_by: each }, value: each === node.ownPod ? 1 : 0 })),
  },
  {
    name: 'loggy_reflector_state',
    type: 'gauge',
    labels: ['resource', 'state'],
    help: '1 for the current state of the watch; `waiting` is the pause after a failure.',
    read: ({ metadata }) =>
      metadata.reflectors.flatMap(({ resource, state }) =>
        STATES.map((each) => ({ labels: { resource, state: each }, value: each === state ? 1 : 0 })),
      ),
  },
  {
    name: 'loggy_reflector_listed',
    type: 'gauge',
    labels: ['resource'],
    help: '1 after the first list; until then entries have only the metadata in their paths.',
    read: ({ metadata }) =>
      metadata.reflectors.map(({ resource, hasListed }) => ({ labels: { resource }, value: hasListed ? 1 : 0 })),
  },
  perResource('loggy_reflector_lists_total', 'lists', 'Lists requested; each after the first is a relist.'),
  perResource('loggy_reflector_watches_total', 'watches', 'Watches started; a watch lasts 5 to 10 minutes.'),
  perResource('loggy_reflector_events_total', 'events', 'Events received from watches.'),
  perResource(
    'loggy_reflector_expired_total',
    'expired',
    'Responses that the resource version was too old; each is followed by a list.',
  ),
  perResource('loggy_reflector_errors_total', 'errors', 'All other failures.'),
]

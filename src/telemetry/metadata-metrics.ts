import type { ReflectorFigures } from './figures.ts'
import { gauge, type Metric } from './metric.ts'

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

/** What is followed of the API server, by kind of object. */
export const metadataMetrics: readonly Metric[] = [
  gauge('loggy_pods', 'Pods of this node that the API server has told of.', ({ metadata }) => metadata.pods),
  gauge(
    'loggy_node_name_wrong',
    '1 while, for a minute, no log has belonged to a pod that the API server knows on the node of `NODE_NAME`.',
    ({ node }) => (node.isWrong ? 1 : 0),
  ),
  {
    name: 'loggy_own_pod',
    type: 'gauge',
    labels: ['known_by'],
    help: '1 for what the agent knows its own pod by: the uid from the kernel, `POD_NAME`, its own output, or nothing.',
    read: ({ node }) => OWN_POD.map((each) => ({ labels: { known_by: each }, value: each === node.ownPod ? 1 : 0 })),
  },
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

import type { ContainerLag } from './container-lag.ts'
import { gauge, type Metric, type Observation, type Sample } from './metric.ts'

/** Not `namespace`, `pod` and `container`: Prometheus' service discovery sets these to the agent's own pod. */
const labels = ['pod_namespace', 'pod_name', 'container_name'] as const

/** How far behind the containers are. The node's values are from the same moment as those of its containers. */
export const lagMetrics: readonly Metric[] = [
  gauge('loggy_lag_bytes', 'Unread bytes on disk, all containers together.', ({ containers }) =>
    containers.lags.reduce((sum, { bytes }) => sum + bytes, 0),
  ),
  gauge('loggy_lag_seconds', 'Age of the oldest unread line on the node; 0 if there is none.', ({ containers }) =>
    Math.max(0, ...containers.lags.map(({ seconds }) => seconds)),
  ),
  perContainer('loggy_container_lag_bytes', ({ bytes }) => bytes, "Unread bytes on disk of a container's log."),
  perContainer(
    'loggy_container_lag_seconds',
    ({ seconds }) => seconds,
    'Age of the oldest unread line of a container; 0 if there is none.',
  ),
  perContainer(
    'loggy_container_loss_horizon_seconds',
    ({ secondsToLoss }) => secondsToLoss,
    'Seconds until the kubelet deletes the oldest unread byte of a container, if reading stopped; the agent can still read deleted files that it has open, within `source.held`.',
  ),
]

function perContainer(name: string, value: (lag: ContainerLag) => number | undefined, help: string): Metric {
  const read = ({ containers }: Observation): Sample[] =>
    containers.lags.flatMap((lag) => {
      const { namespace, pod, container } = lag
      const known = value(lag)
      return known === undefined
        ? []
        : [{ labels: { pod_namespace: namespace, pod_name: pod, container_name: container }, value: known }]
    })
  return { name, type: 'gauge', labels, help, read }
}

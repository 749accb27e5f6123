import type { ContainerLag } from './container-lag.ts'
import { gauge, type Metric, type Observation, type Sample } from './metric.ts'

/** Not `namespace`, `pod` and `container`: these are the agent's own wherever Prometheus finds it by the API. */
const labels = ['pod_namespace', 'pod_name', 'container_name'] as const

/** How far behind the containers are. Those of the node are of the same moment as those of its containers. */
export const lagMetrics: readonly Metric[] = [
  gauge('loggy_lag_bytes', 'Bytes on disk that are not read, all containers together.', ({ containers }) =>
    containers.lags.reduce((sum, { bytes }) => sum + bytes, 0),
  ),
  gauge(
    'loggy_lag_seconds',
    'Age of the oldest line on the node that is not read; 0 when there is none.',
    ({ containers }) => Math.max(0, ...containers.lags.map(({ seconds }) => seconds)),
  ),
  perContainer(
    'loggy_container_lag_bytes',
    ({ bytes }) => bytes,
    'Bytes on disk of the log of a container that are not read.',
  ),
  perContainer(
    'loggy_container_lag_seconds',
    ({ seconds }) => seconds,
    'Age of the oldest line of a container that is not read; 0 when there is none.',
  ),
  perContainer(
    'loggy_container_loss_horizon_seconds',
    ({ secondsToLoss }) => secondsToLoss,
    'Seconds until the kubelet deletes the oldest unread byte of a container if reading stood still; what it deletes stays readable while the agent runs, within `source.held`.',
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

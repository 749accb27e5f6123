import { type Rotation, secondsToLossOf } from '../lib/loss-horizon.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import type { WriteRates } from './write-rates.ts'

/** How far behind the logs of one container are, all its instances together. */
export interface ContainerLag {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly bytes: number
  /** Age of the oldest unread line. */
  readonly seconds: number
  /** Undefined until the container's write rate is known. */
  readonly secondsToLoss: number | undefined
}

/** Maximum number of containers with their own series, three each; those with the most lag come first. A node usually has 110 pods. */
const MOST_SERIES = 500
/** Labels for all other containers together; no Kubernetes name starts with an underscore. */
const OTHERS = { namespace: '_others', pod: '_others', container: '_others' }

export interface LagOptions {
  readonly rotation: Rotation
  readonly rates: WriteRates
  readonly nowMs: number
}

/** The lag of all containers that are read or waiting, largest first; after 500, one sum for the rest. */
export function containerLags(statuses: readonly ContainerStatus[], options: LagOptions): ContainerLag[] {
  const byName = new Map<string, ContainerLag>()
  for (const status of statuses) {
    if (status.state === 'exclude') continue
    const lag = lagOf(status, options)
    const name = `${lag.namespace}/${lag.pod}/${lag.container}`
    const other = byName.get(name)
    byName.set(name, other === undefined ? lag : together(other, lag))
  }
  const lags = [...byName.values()].sort((a, b) => b.bytes - a.bytes)
  const rest = lags.splice(MOST_SERIES)
  const [first, ...further] = rest
  if (first !== undefined) lags.push({ ...further.reduce(together, first), ...OTHERS })
  return lags
}

function lagOf(status: ContainerStatus, { rotation, rates, nowMs }: LagOptions): ContainerLag {
  const { namespace, pod, container } = status.ref
  const { lagBytes: bytes, lagSeconds: seconds } = status
  const bytesPerSecond = rates.look(status, nowMs)
  const secondsToLoss = bytesPerSecond === undefined ? undefined : secondsToLossOf(bytes, bytesPerSecond, rotation)
  return { namespace, pod, container, bytes, seconds, secondsToLoss }
}

function together(one: ContainerLag, other: ContainerLag): ContainerLag {
  const known = [one.secondsToLoss, other.secondsToLoss].filter((value) => value !== undefined)
  return {
    ...one,
    bytes: one.bytes + other.bytes,
    seconds: Math.max(one.seconds, other.seconds),
    secondsToLoss: known.length === 0 ? undefined : Math.min(...known),
  }
}

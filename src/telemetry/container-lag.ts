import type { ContainerStatus } from '../model/log-status.ts'
import type { WriteRates } from './write-rates.ts'

/** What the kubelet keeps of a container's log. */
export interface Rotation {
  /** Bytes at which it begins a new file; `containerLogMaxSize`. */
  readonly maxBytes: number
  /** Files of a container, the live one included; `containerLogMaxFiles`. */
  readonly maxFiles: number
}

/** How far behind the logs of one container are, all its instances together. */
export interface ContainerLag {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly bytes: number
  /** Age of the oldest line that is not read. */
  readonly seconds: number
  /** Undefined until it is known how fast it writes. */
  readonly secondsToLoss: number | undefined
}

/** Containers that have series of their own, the furthest behind. Three series each are no burden; a node has 110 pods as a rule. */
const MOST_SERIES = 500
/** In the place of names, for all others together; no name of Kubernetes' begins so. */
const OTHERS = { namespace: '_others', pod: '_others', container: '_others' }

export interface LagOptions {
  readonly rotation: Rotation
  readonly rates: WriteRates
  readonly nowMs: number
}

/** Of all containers that are read or wait to be, the furthest behind first; beyond 500, one for the rest. */
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

/**
 * Seconds until the kubelet deletes the oldest byte that is not read, if reading stood still and the container went on writing as it
 * does; infinite when it writes nothing. Right after a rotation the kubelet has all its files but the live one: so much it always has. It
 * looks only every 10 s, so that files are larger and the time longer, never shorter.
 */
export function secondsToLossOf(unreadBytes: number, bytesPerSecond: number, { maxBytes, maxFiles }: Rotation): number {
  const keptBytes = maxBytes * (maxFiles - 1)
  const leftBytes = Math.max(0, keptBytes - unreadBytes)
  if (leftBytes === 0) return 0
  return bytesPerSecond === 0 ? Number.POSITIVE_INFINITY : leftBytes / bytesPerSecond
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

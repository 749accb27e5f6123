import type { ContainerRef } from '../model/container-ref.ts'
import type { ContainerStatus } from '../model/log-status.ts'
import type { SinkStatus } from '../model/sink-status.ts'

/** A container in the answer of `/api/containers`. */
export type Container = ContainerRef & Omit<ContainerStatus, 'ref'>

/** The answer of `/api/containers`. */
export interface StatusAnswer {
  readonly node: string
  readonly version: string
  readonly time: string
  /** What is wrong with the agent's settings for its node and its own pod, one sentence each. */
  readonly warnings: readonly string[]
  readonly sinks: readonly SinkStatus[]
  readonly containers: readonly Container[]
}

/** Always the same for one instance of a container. */
export function keyOf({ namespace, pod, container, uid, restartCount }: Container): string {
  return [namespace, pod, container, uid, restartCount].join('/')
}

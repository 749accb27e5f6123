import type { ContainerRef } from '../model/container-ref.ts'
import type { ContainerStatus } from '../model/log-status.ts'

/** A container in the answer of `/api/containers`. */
export type Container = ContainerRef & Omit<ContainerStatus, 'ref'>

/** The answer of `/api/containers`. */
export interface StatusAnswer {
  readonly node: string
  readonly version: string
  readonly time: string
  /** In a sentence each: what is wrong with what the agent was told of its node and its own pod. */
  readonly warnings: readonly string[]
  readonly containers: readonly Container[]
}

/** The same for one instance of a container, in every answer. */
export function keyOf({ namespace, pod, container, uid, restartCount }: Container): string {
  return [namespace, pod, container, uid, restartCount].join('/')
}

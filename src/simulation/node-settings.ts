import type { ContainerRuntime } from './log-record.ts'
import type { PodObject } from './pod-object.ts'
import type { Random } from './random.ts'

/** The API server as the kubelet uses it: both methods take the whole current object. */
export interface PodApi {
  upsert(object: PodObject): unknown
  delete(object: PodObject): unknown
}

/** Settings that all parts of a simulated node share. */
export interface NodeSettings {
  /** The folder that takes the place of `/var/log`; absolute, because links contain absolute paths. */
  readonly root: string
  readonly nodeName: string
  readonly runtime: ContainerRuntime
  /** Files per container instance, including the active one. Source: the kubelet's `containerLogMaxFiles`. */
  readonly maxLogFiles: number
  readonly api: PodApi
  readonly random: Random
  /** Nanoseconds since 1970; each call returns a later time. */
  now(): bigint
}

/** The node's time in milliseconds. */
export function currentDate(node: NodeSettings): Date {
  return new Date(Number(node.now() / 1_000_000n))
}

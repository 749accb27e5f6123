import type { ContainerRuntime } from './log-record.ts'
import type { PodObject } from './pod-object.ts'
import type { Random } from './random.ts'

/** The API server as the kubelet uses it: both take the whole object as it now is. */
export interface PodApi {
  upsert(object: PodObject): unknown
  delete(object: PodObject): unknown
}

/** What all parts of one simulated node share. */
export interface NodeSettings {
  /** The folder that stands for `/var/log`; absolute, because links hold absolute paths. */
  readonly root: string
  readonly nodeName: string
  readonly runtime: ContainerRuntime
  /** Of one container instance, the active file included. Source: the kubelet's `containerLogMaxFiles`. */
  readonly maxLogFiles: number
  readonly api: PodApi
  readonly random: Random
  /** Nanoseconds since 1970; each call gives a later time than the one before. */
  now(): bigint
}

/** The node's time, to the millisecond. */
export function currentDate(node: NodeSettings): Date {
  return new Date(Number(node.now() / 1_000_000n))
}

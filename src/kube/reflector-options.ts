import type { Clock } from '../lib/clock.ts'
import type { Log } from '../model/log.ts'
import type { ApiReader } from './client.ts'

/** Receives the objects of a reflector. */
export interface ReflectorTarget<T> {
  /** A complete list: objects that are not in it do not exist. */
  replace(records: readonly T[]): void
  apply(change: 'upsert' | 'delete', record: T): void
}

/** What a reflector watches, and how. */
export interface ReflectorOptions<T> {
  readonly client: ApiReader
  readonly resource: 'pods' | 'namespaces' | 'nodes'
  /** Such as `spec.nodeName=node-1`; undefined for all. */
  readonly fieldSelector?: string | undefined
  /** Undefined: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  /**
   * Whether a server that can is asked for all objects and their changes in one stream: it then needs no memory for the whole list. Up to
   * 1.37 at least it looks at each of its objects for that, whatever the selectors, while it has an index for a list of one node's pods:
   * with 3,000 pods in the cluster, 30 of them on the node, 22 ms of its CPU against 5.7, and 3 to 4 µs for each pod more.
   */
  readonly streamsList?: boolean
  /** Trims an object to what is stored; throws for an invalid one, which is counted and ignored. */
  readonly project: (object: unknown) => T
  readonly target: ReflectorTarget<T>
  readonly log: Log
  readonly clock: Clock
  /** A random number from 0 to 1. */
  readonly random: () => number
}

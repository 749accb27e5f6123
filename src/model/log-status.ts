import type { ContainerRef } from './container-ref.ts'
import type { LimitStatus } from './limit.ts'
import type { LineCounters } from './line-counters.ts'

/** How far a container's log has been read. */
export interface LogStatus {
  readonly ref: ContainerRef
  /** Path of the live file. */
  readonly path: string
  /** `wait`: its pod is not known yet, or its turn has not come. */
  readonly state: 'read' | 'exclude' | 'wait'
  /** The oldest unfinished file and its read offset in bytes, uncompressed; undefined while none is open. */
  readonly reading: { readonly path: string; readonly offset: number } | undefined
  /** Unread bytes on disk, in all files of the container. */
  readonly lagBytes: number
  /** Age of the oldest unread line; 0 if there is none. */
  readonly lagSeconds: number
  readonly openFiles: number
  /** How many of them are rotated or deleted files, kept open until they are read. */
  readonly heldFiles: number
  /** Unread bytes of the held files. */
  readonly heldBytes: number
  /** Why the log cannot be read at the moment. */
  readonly fault: string | undefined
}

/** All that the agent knows about a container's log. */
export interface ContainerStatus extends LogStatus {
  /** The option or annotation that decided whether it is read: `select.namespaces.exclude: kube-system`. */
  readonly rule: string
  /** Whether its entries carry the pod's metadata, what an earlier run stored of it, or only what the path contains. */
  readonly metadata: 'known' | 'cached' | 'path-only'
  /** Whether lines of one record are joined, and what decides that; undefined until something is read. */
  readonly joining?: { readonly isOn: boolean; readonly rule: string } | undefined
  /** Undefined if it has no limit. */
  readonly limit?: LimitStatus | undefined
  /** Undefined until something is read. */
  readonly counters: LineCounters | undefined
}

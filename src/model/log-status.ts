import type { ContainerRef } from './container-ref.ts'
import type { LineCounters } from './line-counters.ts'

/** How far a container's log has been read. */
export interface LogStatus {
  readonly ref: ContainerRef
  /** Of the live file. */
  readonly path: string
  /** `wait`: its pod is not known, or its turn has not come yet. */
  readonly state: 'read' | 'exclude' | 'wait'
  /** The file that is being read, the oldest that is not done with; undefined while none is open. Bytes, uncompressed. */
  readonly reading: { readonly path: string; readonly offset: number } | undefined
  /** Bytes on disk that are not read yet, all files of the container together. */
  readonly lagBytes: number
  /** Age of the oldest line that is not read yet; 0 when there is none. */
  readonly lagSeconds: number
  readonly openFiles: number
  /** Of these, rotated or deleted ones that are kept open until they are read. */
  readonly heldFiles: number
  /** Unread bytes of the held files. */
  readonly heldBytes: number
  /** What keeps it from being read, while that lasts. */
  readonly fault: string | undefined
}

/** All that can be said of one container on this node. */
export interface ContainerStatus extends LogStatus {
  /** The option or annotation that decided whether it is read: `select.namespaces.exclude: kube-system`. */
  readonly rule: string
  /** What its entries carry: its pod's metadata, or what the path says. */
  readonly metadata: 'known' | 'path-only'
  /** Undefined before anything of it was read. */
  readonly counters: LineCounters | undefined
}

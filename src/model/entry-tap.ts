import type { ContainerRef } from './container-ref.ts'

/** Looks at entries on their way to the destination. */
export interface EntryTap {
  /** Whether anyone looks: `offer` is called only then. */
  readonly isOpen: boolean
  /** `entries`: NDJSON of one container, whole lines; valid during the call. It must neither throw nor take long. */
  offer(ref: ContainerRef, entries: Uint8Array): void
}

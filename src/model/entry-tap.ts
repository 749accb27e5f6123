import type { ContainerRef } from './container-ref.ts'

/** Gets a copy of the entries that go to the destination. */
export interface EntryTap {
  /** Whether there is a reader: `offer` is called only then. */
  readonly isOpen: boolean
  /** `entries`: NDJSON of one container, whole lines; valid during the call. Must neither throw nor take long. */
  offer(ref: ContainerRef, entries: Uint8Array): void
}

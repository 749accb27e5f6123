import type { StreamName } from '../model/stream-name.ts'

/** How a body stands in its entry: as a text, escaped, or as the JSON that it is. */
export type EntryForm = 'text' | 'json'

/** The bytes that stand around a body. */
export interface Surround {
  /** Between time and body. */
  readonly beforeBody: Readonly<Record<StreamName, Uint8Array>>
  readonly afterBody: Uint8Array
}

/** The bytes that stand around the parts of an entry; the kernel joins them. */
export interface Template extends Readonly<Record<EntryForm, Surround>> {
  readonly beforeTime: Uint8Array
  /** Where entries have an id, what stands before it; it comes first. Empty where they have none. */
  readonly beforeId: Uint8Array
}

import type { StreamName } from '../model.ts'

/** The bytes that stand around the parts of an entry. A destination's format is a template; the kernel only joins. */
export interface Template {
  readonly beforeTime: Uint8Array
  /** Between time and body. */
  readonly beforeBody: Readonly<Record<StreamName, Uint8Array>>
  readonly afterBody: Uint8Array
}

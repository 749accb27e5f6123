import type { Sent } from '../../src/model/sink.ts'

/** So many entries, for formats whose answers name none by what is in it. */
export function unnamedEntries(entryCount: number): Sent {
  return { entryCount, groups: () => [], entries: () => [] }
}

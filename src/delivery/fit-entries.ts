import type { Batch } from '../model/batch.ts'
import type { Format } from '../model/sink.ts'
import { Cut } from './cut.ts'

/** A batch as the destination takes it, and how many of its entries were too long and are shorter now. */
export interface Fitted {
  readonly batch: Batch
  readonly shortenedCount: number
}

/** Shortens entries that are longer than the destination takes, if the format can. Undefined if there are none, which is usual. */
export function fitEntries(batch: Batch, { limits, shorten }: Pick<Format, 'limits' | 'shorten'>): Fitted | undefined {
  const { entryBytes } = limits
  // No array of entries for a batch in which all fit: there are thousands in each.
  if (shorten === undefined || batch.bytes.length <= entryBytes) return undefined
  const whole = Cut.whole(batch)
  if (!whole.hasLonger(entryBytes)) return undefined
  const entries = Array.from(whole.entries(), ({ bytes }) => bytes)
  const long = entries.map((entry) => (entry.length > entryBytes ? shorten(entry) : undefined))
  const shortenedCount = long.filter((entry) => entry !== undefined).length
  if (shortenedCount === 0) return undefined
  const fitting = entries.map((entry, place) => long[place] ?? entry)
  let end = 0
  const ends = Uint32Array.from(fitting, ({ length }) => {
    end += length
    return end
  })
  return { batch: { ...batch, bytes: Buffer.concat(fitting), ends }, shortenedCount }
}

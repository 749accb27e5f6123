import { placeOf } from './bytes'

export const NEWLINE: u32 = 0x0a

/** Where the first newline in [at, end) stands, or 0. Reads up to 63 bytes past `end`. */
export function endOfLine(at: usize, end: usize): usize {
  return placeOf(NEWLINE, at, end)
}

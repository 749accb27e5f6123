import { each } from './bytes'
import { mayTell } from './first-word'
import { levelInText } from './level'
import { starts } from './text'

// Hot file: runs over the last lines of each table while lines are joined. Guarded by test/bench.

/** Bytes of a line in which an exception may be named. */
const HEAD_BYTES: usize = 512
/** From this one on: a warning. */
const LEAST: u32 = 4

/** `xc`, `rr` and `an`, which are in what is looked for. */
const LETTER_X: u32 = 0x78
const LETTER_C: u32 = 0x63
const LETTER_R: u32 = 0x72
const LETTER_A: u32 = 0x61
const LETTER_N: u32 = 0x6e

/** Whether the log line [start, end) may have a trace behind it: it is a warning or worse, or has `xception`, `rror` or `panic` in it. */
export function mayLead(start: usize, end: usize): bool {
  if (start < end && mayTell(start) != 0 && levelInText(start, end) >= LEAST) return true
  return namesException(start, min(end, start + HEAD_BYTES))
}

function namesException(start: usize, end: usize): bool {
  for (let at = start; at < end; at += 16) {
    const first = v128.load(at)
    const second = v128.load(at, 1)
    const xc = v128.and(i8x16.eq(first, each(LETTER_X)), i8x16.eq(second, each(LETTER_C)))
    const rr = v128.and(i8x16.eq(first, each(LETTER_R)), i8x16.eq(second, each(LETTER_R)))
    const an = v128.and(i8x16.eq(first, each(LETTER_A)), i8x16.eq(second, each(LETTER_N)))
    let found = <u32>i8x16.bitmask(v128.or(v128.or(xc, rr), an))
    for (; found != 0; found &= found - 1) {
      const place = at + ctz(found)
      if (starts(place, end, 'xception') || starts(place, end, 'rror')) return true
      if (place > start && starts(place - 1, end, 'panic')) return true
    }
  }
  return false
}

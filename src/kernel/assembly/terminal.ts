import { placeOf } from './bytes'
import { copy } from './copy'

/** Where a text is put without its colours: 512 bytes, and what `copy` writes past them. */
export const PLAIN: usize = memory.data(640, 16)

const ESCAPE: u32 = 0x1b
const OPENING_BRACKET: u32 = 0x5b

/** Whether the first 64 bytes of the text have a terminal's escape sequence. */
export function hasEscapes(start: usize, end: usize): bool {
  return placeOf(ESCAPE, start, min(end, start + 64)) != 0
}

/** Copies the text, 512 bytes at the most, to PLAIN without sequences such as `ESC [ 3 1 m`. Returns where it ends there. */
export function withoutEscapes(at: usize, end: usize): usize {
  let out = PLAIN
  while (true) {
    const found = placeOf(ESCAPE, at, end)
    if (found == 0) return copy(at, end, out)
    out = copy(at, found, out)
    at = endOfSequence(found, end)
    if (at != 0) continue
    store<u8>(out++, <u8>ESCAPE)
    at = found + 1
  }
}

/** Where the sequence ends that the escape at `at` begins, or 0: parameters are digits, `:`, `;` and `?`, and a letter ends it. */
function endOfSequence(at: usize, end: usize): usize {
  if (at + 1 >= end || load<u8>(at, 1) != OPENING_BRACKET) return 0
  for (at += 2; at < end; at += 1) {
    const byte: u32 = load<u8>(at)
    if ((byte | 0x20) - 0x61 <= 25) return at + 1
    if (byte - 0x30 > 11 && byte != 0x3f) return 0
  }
  return 0
}

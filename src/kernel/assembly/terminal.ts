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
  while (at < end) {
    const found = placeOf(ESCAPE, at, end)
    const textEnd = found == 0 ? end : found
    out = copy(at, textEnd, out)
    if (textEnd == end) break
    const sequenceEnd = endOfSequence(textEnd, end)
    at = sequenceEnd
    if (sequenceEnd != 0) continue
    store<u8>(out++, <u8>ESCAPE)
    at = textEnd + 1
  }
  return out
}

/** Where the sequence ends that begins at `at`, or 0: parameters are digits, `:`, `;` and `?`, and a letter ends it. */
function endOfSequence(at: usize, end: usize): usize {
  if (load<u8>(at) != ESCAPE || at + 1 >= end || load<u8>(at, 1) != OPENING_BRACKET) return 0
  for (at += 2; at < end; at += 1) {
    const byte: u32 = load<u8>(at)
    if ((byte | 0x20) - 0x61 <= 25) return at + 1
    if (byte - 0x30 > 11 && byte != 0x3f) return 0
  }
  return 0
}

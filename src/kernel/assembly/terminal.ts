/** Where a text is put without its colours. */
export const PLAIN: usize = memory.data(640, 16)

const ESCAPE: u32 = 0x1b
const OPENING_BRACKET: u32 = 0x5b

/** Whether the first 64 bytes of the text have a terminal's escape sequence. Reads 64 bytes, so that no length is to be foreseen. */
export function hasEscapes(start: usize, end: usize): bool {
  const escape = i8x16.splat(<i8>ESCAPE)
  const a = i8x16.eq(v128.load(start), escape)
  const b = i8x16.eq(v128.load(start, 16), escape)
  const c = i8x16.eq(v128.load(start, 32), escape)
  const d = i8x16.eq(v128.load(start, 48), escape)
  if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return false
  const low = <u64>i8x16.bitmask(a) | ((<u64>i8x16.bitmask(b)) << 16)
  return start + <usize>ctz(low | ((<u64>i8x16.bitmask(c)) << 32) | ((<u64>i8x16.bitmask(d)) << 48)) < end
}

/** Copies the text, 512 bytes at the most, to PLAIN without sequences such as `ESC [ 3 1 m`. Returns where it ends there. */
export function withoutEscapes(start: usize, end: usize): usize {
  let out = PLAIN
  for (let at = start; at < end; ) {
    const sequenceEnd = endOfSequence(at, end)
    if (sequenceEnd != 0) at = sequenceEnd
    else store<u8>(out++, load<u8>(at++))
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

const NEWLINE: u32 = 0x0a

/** Where the first newline in [at, end) stands, or 0. Reads up to 63 bytes past `end`: blocks of 64 have fewer ends to be guessed wrong than of 16. */
export function endOfLine(at: usize, end: usize): usize {
  const newline = i8x16.splat(<i8>NEWLINE)
  while (at < end) {
    const a = i8x16.eq(v128.load(at), newline)
    const b = i8x16.eq(v128.load(at, 16), newline)
    const c = i8x16.eq(v128.load(at, 32), newline)
    const d = i8x16.eq(v128.load(at, 48), newline)
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) {
      const low = <u64>i8x16.bitmask(a) | ((<u64>i8x16.bitmask(b)) << 16)
      at += <usize>ctz(low | ((<u64>i8x16.bitmask(c)) << 32) | ((<u64>i8x16.bitmask(d)) << 48))
      return at < end ? at : 0
    }
    at += 64
  }
  return 0
}

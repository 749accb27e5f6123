const NEWLINE: u32 = 0x0a

/** Where the first newline in [at, end) stands, or 0. Reads up to 15 bytes past `end`. */
export function endOfLine(at: usize, end: usize): usize {
  while (at < end) {
    const newlines = i8x16.eq(v128.load(at), i8x16.splat(<i8>NEWLINE))
    if (v128.any_true(newlines)) {
      at += ctz(i8x16.bitmask(newlines))
      return at < end ? at : 0
    }
    at += 16
  }
  return 0
}

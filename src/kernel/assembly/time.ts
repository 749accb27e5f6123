/** An RFC 3339 time begins with `dddd-dd-ddTdd:dd`: the least byte at each place, and how far above it a byte may be. */
const SHAPE_LEAST = i8x16(
  0x30,
  0x30,
  0x30,
  0x30,
  0x2d,
  0x30,
  0x30,
  0x2d,
  0x30,
  0x30,
  0x54,
  0x30,
  0x30,
  0x3a,
  0x30,
  0x30,
)
const SHAPE_SPAN = i8x16(9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9)

/** Nanoseconds. */
const MAXIMUM_FRACTION_DIGITS: i32 = 9

/** Longest time: 19 bytes, a point, nine digits, `±hh:mm`. */
export const MAXIMUM_TIME_BYTES: u32 = 35

/** Where a time that begins at `start` ends, or 0. Up to nine fraction digits, `Z` or `±hh:mm`. */
export function endOfTime(start: usize, end: usize): usize {
  if (end - start < 20 || end < start) return 0
  const date = i8x16.sub(v128.load(start), SHAPE_LEAST)
  if (!i8x16.all_true(i8x16.le_u(date, SHAPE_SPAN))) return 0
  if (load<u8>(start, 16) != 0x3a || !isDigit(load<u8>(start, 17)) || !isDigit(load<u8>(start, 18))) return 0
  let at = start + 19
  if (load<u8>(at) == 0x2e) {
    const digits = i8x16.le_u(i8x16.sub(v128.load(start, 20), i8x16.splat(0x30)), i8x16.splat(9))
    const count = ctz(~i8x16.bitmask(digits))
    if (count == 0 || count > MAXIMUM_FRACTION_DIGITS) return 0
    at += 1 + count
  }
  if (at >= end) return 0
  const zone = load<u8>(at)
  if (zone == 0x5a) return at + 1
  if ((zone != 0x2b && zone != 0x2d) || at + 6 > end || load<u8>(at, 3) != 0x3a) return 0
  const isOffset =
    isDigit(load<u8>(at, 1)) && isDigit(load<u8>(at, 2)) && isDigit(load<u8>(at, 4)) && isDigit(load<u8>(at, 5))
  return isOffset ? at + 6 : 0
}

function isDigit(byte: u32): bool {
  return byte - 0x30 <= 9
}

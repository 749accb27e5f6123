import { each, lookUp, lowerHalves, upperHalves } from './bytes'

/** All ones, then all zeros: a load at LANES + 16 - n gives a mask of the first n lanes. */
const LANES: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0,
])

// What a pair of bytes may be guilty of, one bit each, by the first byte's halves and the second one's upper half: a bit that all
// three have in common is an error. Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021).
const FIRST_HIGH: usize = memory.data<u8>([2, 2, 2, 2, 2, 2, 2, 2, 0x80, 0x80, 0x80, 0x80, 0x21, 0x01, 0x15, 0x49])
const FIRST_LOW: usize = memory.data<u8>([
  0xe7, 0xa3, 0x83, 0x83, 0x8b, 0xcb, 0xcb, 0xcb, 0xcb, 0xcb, 0xcb, 0xcb, 0xcb, 0xdb, 0xcb, 0xcb,
])
const SECOND_HIGH: usize = memory.data<u8>([1, 1, 1, 1, 1, 1, 1, 1, 0xe6, 0xae, 0xba, 0xba, 1, 1, 1, 1])

/** Whether [start, end) is valid UTF-8. Reads up to 16 bytes past `end`. */
export function isUtf8(start: usize, end: usize): bool {
  let before = i8x16.splat(0)
  let errors = i8x16.splat(0)
  let at = start
  while (at + 16 <= end && i8x16.bitmask(v128.load(at)) == 0) at += 16
  if (at == end || i8x16.bitmask(firstBytes(at, min<usize>(16, end - at))) == 0) return true
  // One block more than there are bytes: a character that the end cuts short shows in what follows.
  for (; at <= end; at += 16) {
    const count = min<usize>(16, end - at)
    const bytes = firstBytes(at, count)
    errors = v128.or(errors, errorsIn(before, bytes))
    before = bytes
  }
  return !v128.any_true(errors)
}

/** The first `count` of the 16 bytes at `at`, zeros behind them. */
export function firstBytes(at: usize, count: usize): v128 {
  return v128.and(v128.load(at), v128.load(LANES + 16 - count))
}

function errorsIn(before: v128, bytes: v128): v128 {
  const one = i8x16.shuffle(before, bytes, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
  const two = i8x16.shuffle(before, bytes, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29)
  const three = i8x16.shuffle(before, bytes, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28)
  const pair = v128.and(
    v128.and(lookUp(FIRST_HIGH, upperHalves(one)), lookUp(FIRST_LOW, lowerHalves(one))),
    lookUp(SECOND_HIGH, upperHalves(bytes)),
  )
  // Third and fourth bytes must be two continuations in a row, and only they may be.
  const continued = v128.or(i8x16.sub_sat_u(two, each(0x60)), i8x16.sub_sat_u(three, each(0x70)))
  return v128.xor(v128.and(continued, each(0x80)), pair)
}

/** Bytes of the character of two to four bytes that begins at `at`, or 0 when it is none. */
export function characterLength(at: usize, end: usize): u32 {
  const wanted = wantedLength(load<u8>(at))
  return wanted > 1 && validPrefix(at, end, wanted) == wanted ? wanted : 0
}

/** Bytes, at least one, that stand for one U+FFFD: as much as could have begun a character. */
export function brokenLength(at: usize, end: usize): u32 {
  const wanted = wantedLength(load<u8>(at))
  return wanted > 1 ? validPrefix(at, end, wanted) : 1
}

function wantedLength(lead: u32): u32 {
  if (lead < 0xc2 || lead > 0xf4) return 1
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
}

/** How many of the bytes from `at` on, `wanted` at the most, can stand together. Source: Unicode, table 3-7. */
function validPrefix(at: usize, end: usize, wanted: u32): u32 {
  const lead: u32 = load<u8>(at)
  let least: u32 = 0x80
  let most: u32 = 0xbf
  if (lead == 0xe0) least = 0xa0
  else if (lead == 0xed) most = 0x9f
  else if (lead == 0xf0) least = 0x90
  else if (lead == 0xf4) most = 0x8f
  let length: u32 = 1
  while (length < wanted && at + length < end) {
    const next: u32 = load<u8>(at + length)
    if (next < least || next > most) break
    least = 0x80
    most = 0xbf
    length += 1
  }
  return length
}

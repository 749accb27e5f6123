import { byteAt, hexOf, isDigit } from './bytes'

// Numbers that may be secrets: whether TypeScript has to look. Rather once too often than not.

const SPACE: u32 = 0x20
const HYPHEN: u32 = 0x2d
const POINT: u32 = 0x2e
const COLON: u32 = 0x3a
/** Pairs of digits that a card's number has in two neighbouring blocks at least: 13 digits in groups of four and three. */
export const CARD_PAIRS: u32 = 9
/** Points behind digits that an address has. */
export const IP_POINTS: u32 = 3
/** How far a card's number, and an address of IPv6, reach. */
const CARD_BYTES: usize = 24
const IP6_BYTES: usize = 40

/** Whether a number that may be a card's stands in [start, end): around one of the blocks from `first` to `last`, the only ones with enough pairs of digits. */
export function hasCards(first: usize, last: usize, start: usize, end: usize): bool {
  for (let block = first; block <= last; block += 16) if (mayBeCard(block, start, end)) return true
  return false
}

/** Whether 13 digits in a row, or 16 signs of digits and what may stand between two, stand around the block, and may be a card's. */
function mayBeCard(block: usize, start: usize, end: usize): bool {
  const at = max(block, start + 16) - 16
  const a = v128.load(at)
  const b = v128.load(at, 16)
  const c = v128.load(at, 32)
  // One bit for each of 48 bytes.
  const digits = digitsOf(a) | (digitsOf(b) << 16) | (digitsOf(c) << 32)
  if (hasRun(digits, 13)) return hasCard(at, at + 32, start, end)
  const between = (betweenOf(a) | (betweenOf(b) << 16) | (betweenOf(c) << 32)) & (digits << 1) & (digits >> 1)
  return hasRun(digits | between, 16) && hasCard(at, at + 32, start, end)
}

function digitsOf(bytes: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(10))))
}

/** Spaces and hyphens. */
function betweenOf(bytes: v128): u64 {
  const signs = v128.or(i8x16.eq(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(0x2d)))
  return <u64>(<u32>i8x16.bitmask(signs))
}

/** Whether so many bits, 9 to 16, are set in a row. */
function hasRun(bits: u64, length: u64): bool {
  bits &= bits >> 1
  bits &= bits >> 2
  bits &= bits >> 4
  return (bits & (bits >> (length - 8))) != 0
}

/** Whether four numbers with points between them stand in [start, end). They have enough points in a block from `first` to `last` and the one before. */
export function hasIp4(first: usize, last: usize, start: usize, end: usize): bool {
  let carry: u32 = 0
  let before: u32 = 0
  for (let block = max(start + 32, first) - 32; block <= last; block += 16) {
    const digits = <u32>digitsOf(v128.load(block))
    const points = placesOf(POINT, block) & ((digits << 1) | carry)
    const places = points | (before << 16)
    if (popcnt(places) >= IP_POINTS && startsIp4(block, places, end)) return true
    before = points
    carry = digits >> 15
  }
  return false
}

/** Points behind digits: one bit each, for the block and, from the 17th on, for the one before. Whether three are those of an address. */
function startsIp4(block: usize, places: u32, end: usize): bool {
  for (; places != 0; places &= places - 1) {
    const place = <usize>ctz(places)
    if (mayBeIp4(place < 16 ? block + place : block + place - 32, end)) return true
  }
  return false
}

/** One bit for each of the block's bytes that is this one. */
function placesOf(byte: u32, block: usize): u32 {
  return <u32>i8x16.bitmask(i8x16.eq(v128.load(block), i8x16.splat(<i8>byte)))
}

/** Whether eight groups with seven colons between them stand there. Of those, each is at most five bytes behind the one before. */
export function hasIp6(start: usize, end: usize): bool {
  let last: usize = 0
  let count = 0
  for (let block = start; block < end; block += 16)
    for (let places = placesOf(COLON, block); places != 0; places &= places - 1) {
      const at = block + ctz(places)
      count = at - last <= 5 ? count + 1 : 1
      last = at
      if (count >= 7 && hasEightGroups(at, start, end)) return true
    }
  return false
}

/** At the first point of four numbers. */
function mayBeIp4(at: usize, end: usize): bool {
  for (let points = 0; points < 3; points += 1) {
    if (byteAt(at, end) != POINT) return false
    at += 1
    const first = at
    while (at < end && at - first < 4 && isDigit(load<u8>(at))) at += 1
    if (at == first || at - first == 4) return false
  }
  return true
}

/** `at` is at one of the colons, or near. */
function hasEightGroups(at: usize, start: usize, end: usize): bool {
  const least = at - start > IP6_BYTES ? at - IP6_BYTES : start
  while (at > least && isOfIp6(load<u8>(at - 1))) at -= 1
  let colons = 0
  for (const most = min(end, at + IP6_BYTES); at < most; at += 1) {
    const byte: u32 = load<u8>(at)
    if (byte == COLON) colons += 1
    else if (hexOf(byte) > 15) break
  }
  return colons >= 7 // `addr:1:2:3:4:5:6:7:8: refused`
}

function isOfIp6(byte: u32): bool {
  return byte == COLON || hexOf(byte) <= 15
}

/** Digits that may be a card's near [at, to): 13 of them in a row, or in groups, the first of which begins as an issuer's. */
export function hasCard(at: usize, to: usize, start: usize, end: usize): bool {
  const least = at - start > CARD_BYTES ? at - CARD_BYTES : start
  while (at > least && isOfCard(load<u8>(at - 1))) at -= 1
  let digits: u32 = 0
  let last: u32 = 0
  for (const most = min(end, to + CARD_BYTES); at < most; at += 1) {
    const byte: u32 = load<u8>(at)
    if (isDigit(byte)) {
      if (digits != 0 || (!isDigit(last) && byte - 0x32 <= 4)) digits += 1
      if (digits == 13) return true
    } else {
      const isBetween = (byte == SPACE || byte == HYPHEN) && isDigit(last)
      if (!isBetween) {
        digits = 0
        if (at >= to) return false
      }
    }
    last = byte
  }
  return false
}

function isOfCard(byte: u32): bool {
  return isDigit(byte) || byte == SPACE || byte == HYPHEN
}

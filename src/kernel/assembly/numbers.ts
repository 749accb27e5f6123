import { byteAt, byteBefore, hexOf, isBehindWord, isDigit, isLetterOrDigit, isOfIp6, isOfWord } from './bytes'

// Numbers that may be secrets: whether TypeScript has to look. Rather once too often than not. Masks have one bit for each of 64 bytes.

const SPACE: u32 = 0x20
const HYPHEN: u32 = 0x2d
const POINT: u32 = 0x2e
const COLON: u32 = 0x3a
/** How far a card's number, and an address of IPv6, reach. */
const CARD_BYTES: usize = 24
const IP6_BYTES: usize = 40

/** Points behind digits that an address has, and colons of one, in one window at least. */
export const IP_POINTS: u64 = 3
export const IP_COLONS: u64 = 5

/** Not 0 if 13 digits stand there in a row, or with single signs of `between` between them: spaces and hyphens. Also for `2026-11-30 12:`. */
export function cardsIn(digits: u64, between: u64): u64 {
  const pairs = pairsOf(digits, between)
  return runsOfTwelve(pairs | (pairs << 1))
}

/** Digits behind a digit, and what stands between two. 13 digits make 12; 16 signs make 15, if what follows such a sign is added. */
function pairsOf(digits: u64, between: u64): u64 {
  return (digits << 1) & (digits | between)
}

function runsOfTwelve(bits: u64): u64 {
  bits &= bits >> 1
  bits &= bits >> 2
  bits &= bits >> 4
  return bits & (bits >> 4)
}

/** Whether a number that may be a card's stands there, in the line [start, end). The masks begin 16 bytes before `base`. */
export function mayBeCard(digits: u64, between: u64, base: usize, start: usize, end: usize): bool {
  const runs = cardsIn(digits, between)
  if (((runs & (runs >> 3)) | runsOfTwelve(pairsOf(digits, between))) == 0) return false
  return hasCard(max(start + 16, base) - 16, base + 48, start, end)
}

/** Whether four numbers with points between them stand there, but for those of the machine itself. `points`: behind digits. The mask begins at `base`. */
export function mayBeIp4(points: u64, base: usize, start: usize, end: usize): bool {
  for (; points != 0; points &= points - 1) {
    const at = base + <usize>ctz(points)
    if (isIp4(at, end) && !isOfLoopback(at, start)) return true
  }
  return false
}

/** Whether `127` stands in front of the point. */
function isOfLoopback(at: usize, start: usize): bool {
  return (
    at >= start + 3 && load<u16>(at - 3) == 0x3231 && load<u8>(at - 1) == 0x37 && !isOfWord(byteBefore(at - 3, start))
  )
}

/** At the first point of four numbers. */
function isIp4(at: usize, end: usize): bool {
  for (let points = 0; points < 3; points += 1) {
    if (byteAt(at, end) != POINT) return false
    at += 1
    const first = at
    while (at < end && at - first < 4 && isDigit(load<u8>(at))) at += 1
    if (at == first || at - first == 4) return false
  }
  return true
}

/** Whether eight groups with seven colons between them stand there, in the line [start, end). The mask begins 16 bytes before `base`. */
export function mayBeIp6(colons: u64, base: usize, start: usize, end: usize): bool {
  const near = (colons << 2) | (colons << 3) | (colons << 4) | (colons << 5)
  if (popcnt(colons & near) < 4) return false
  let last: usize = 0
  let count = 0
  const to = min(base + 48 + IP6_BYTES, end)
  for (let at = max(start + 16 + IP6_BYTES, base) - 16 - IP6_BYTES; at < to; at += 1) {
    if (load<u8>(at) != COLON) continue
    count = at - last <= 5 ? count + 1 : 1
    last = at
    if (count >= 7 && hasEightGroups(at, start, end)) return true
  }
  return false
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

/** Digits that may be a card's near [at, to): 13 of them in a row, or in groups, the first of which begins as an issuer's. */
export function hasCard(at: usize, to: usize, start: usize, end: usize): bool {
  const least = at - start > CARD_BYTES ? at - CARD_BYTES : start
  while (at > least && isOfCard(load<u8>(at - 1))) at -= 1
  let digits: u32 = 0
  let last: u32 = 0
  for (const most = min(end, to + CARD_BYTES); at < most; at += 1) {
    const byte: u32 = load<u8>(at)
    if (isDigit(byte)) {
      if (digits != 0 || (byte - 0x32 <= 4 && !isBehindWord(at, start))) digits += 1
      if (digits >= 13 && !isLetterOrDigit(byteAt(at + 1, end))) return true
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

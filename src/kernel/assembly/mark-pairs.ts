import * as layout from '../layout'
import { CARD_PAIRS, hasCards, hasIp4, hasIp6, IP_POINTS } from './numbers'
import { AT_SIGN, COLONS, GROUP_ENDS, PAIRS, POINTS_TO_SIGN, TOKEN_PAIRS, TOKEN_TABLES } from './pairs'
import { rowAt } from './row'
import { triggerAt } from './triggers'

// Hot file: runs over each record while something is to be redacted. Guarded by test/bench.

/** One word for each row; see layout.ts. */
export const SUSPECTS: usize = memory.data(512, 16)

/** The lower half of each byte. */
const HALF: usize = memory.data<u8>([15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15])
/** Colons with a digit behind them that an address of eight groups has. */
const IP_COLONS: u32 = 7
const ALL_CLASSES: u32 = 0xff

/**
 * Notes what the rows may have by their pairs of bytes. Reads up to 31 bytes past the end of a body. `Classes`: `u8` for those of the first half, `u16` for
 * all, which tokens need; so there are two loops from one text. Calls nothing for each block, or V8 would keep in memory what a loop needs in registers:
 * that took twice as long.
 */
export function markPairs<Classes>(from: u32, to: u32, wanted: u32): void {
  const half = v128.load(HALF)
  const lowFirst = v128.load(PAIRS)
  const highFirst = v128.load(PAIRS, 16)
  const lowSecond = v128.load(PAIRS, 32)
  const highSecond = v128.load(PAIRS, 48)
  const lowTokenFirst = v128.load(TOKEN_TABLES)
  const highTokenFirst = v128.load(TOKEN_TABLES, 16)
  const lowTokenSecond = v128.load(TOKEN_TABLES, 32)
  const highTokenSecond = v128.load(TOKEN_TABLES, 48)
  const areGroupEnds = i8x16.splat(<i8>GROUP_ENDS)
  const classes = classesOf(wanted)
  for (let index = from; index < to; index += 1) {
    const row = rowAt(index)
    const start: usize = load<u32>(row, layout.ROW_BODY)
    const end = start + load<u32>(row, layout.ROW_BODY_BYTES)
    let before = i8x16.splat(0)
    let tokenBefore = before
    let seen = before
    let tokenSeen = before
    let groupEnds = before
    let digitsBefore: u32 = 0
    let pointsBefore: u32 = 0
    // The first and the last block that may be part of a card's number, and of an address.
    let firstOfCards: usize = 0
    let lastOfCards: usize = 0
    let firstOfIps: usize = 0
    let lastOfIps: usize = 0
    for (let at = start; at < end; at += 16) {
      const bytes = v128.load(at)
      const low = v128.and(bytes, half)
      const high = v128.and(i16x8.shr_u(bytes, 4), half)
      const firsts = classesOfBytes(low, high, lowFirst, highFirst)
      const pairs = v128.and(classesOfBytes(low, high, lowSecond, highSecond), behind(before, firsts))
      before = firsts
      seen = v128.or(seen, pairs)
      groupEnds = i8x16.add_sat_u(groupEnds, v128.and(pairs, areGroupEnds))
      if (sizeof<Classes>() == 2) {
        const tokenFirsts = classesOfBytes(low, high, lowTokenFirst, highTokenFirst)
        const seconds = classesOfBytes(low, high, lowTokenSecond, highTokenSecond)
        tokenSeen = v128.or(tokenSeen, v128.and(seconds, behind(tokenBefore, tokenFirsts)))
        tokenBefore = tokenFirsts
      }
      // Masks of pairs of two digits, and of a digit and a point.
      const digits = popcnt(<u32>i8x16.bitmask(pairs))
      const points = popcnt(<u32>i8x16.bitmask(i16x8.shl(pairs, POINTS_TO_SIGN)))
      lastOfCards = select(at, lastOfCards, digits + digitsBefore >= CARD_PAIRS)
      firstOfCards = select(lastOfCards, firstOfCards, firstOfCards == 0)
      lastOfIps = select(at, lastOfIps, points + pointsBefore >= IP_POINTS)
      firstOfIps = select(lastOfIps, firstOfIps, firstOfIps == 0)
      digitsBefore = digits
      pointsBefore = points
    }
    let found: u32 = 0
    if (v128.any_true(v128.and(seen, i8x16.splat(<i8>classes)))) found = triggersBy(PAIRS, classes, start, end)
    if (sizeof<Classes>() == 2 && v128.any_true(tokenSeen)) found |= triggersBy(TOKEN_TABLES, ALL_CLASSES, start, end)
    if (lastOfCards != 0 && (wanted & layout.LOOK_CARDS) != 0 && hasCards(firstOfCards, lastOfCards, start, end))
      found |= layout.LOOK_CARDS
    if ((wanted & layout.LOOK_IPS) != 0) {
      if (lastOfIps != 0 && hasIp4(firstOfIps, lastOfIps, start, end)) found |= layout.LOOK_IPS
      if (sumOf(groupEnds) >= IP_COLONS * GROUP_ENDS && hasIp6(start, end)) found |= layout.LOOK_IPS
    }
    store<u32>(SUSPECTS + (index << 2), found & wanted)
  }
}

/** What the pairs of these classes in the line [start, end) may be a part of: bits as in layout.ts. `tables`: those of their half. */
export function triggersBy(tables: usize, classes: u32, start: usize, end: usize): u32 {
  const half = v128.load(HALF)
  const areWanted = i8x16.splat(<i8>classes)
  let before = i8x16.splat(0)
  let found: u32 = 0
  for (let at = start; at < end; at += 16) {
    const bytes = v128.load(at)
    const low = v128.and(bytes, half)
    const high = v128.and(i16x8.shr_u(bytes, 4), half)
    const firsts = classesOfBytes(low, high, v128.load(tables), v128.load(tables, 16))
    const seconds = classesOfBytes(low, high, v128.load(tables, 32), v128.load(tables, 48))
    const hits = v128.and(v128.and(seconds, behind(before, firsts)), areWanted)
    before = firsts
    if (v128.any_true(hits)) found |= triggersIn(at, placesOf(hits), start, end)
  }
  return found
}

/** By the tables of their lower and their upper half. */
function classesOfBytes(low: v128, high: v128, lowTable: v128, highTable: v128): v128 {
  return v128.and(i8x16.relaxed_swizzle(lowTable, low), i8x16.relaxed_swizzle(highTable, high))
}

/** Each one byte further: a pair's first byte stands before the second one. The last one of the block before comes first. */
function behind(before: v128, firsts: v128): v128 {
  return i8x16.shuffle(before, firsts, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
}

/** Of all bytes. */
function sumOf(counts: v128): u32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(counts))
  const halves = i32x4.add(sums, i8x16.shuffle(sums, sums, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1)
}

/** Classes of the first half of pairs that are looked at one by one. */
function classesOf(wanted: u32): u32 {
  const ofTokens: u32 = (wanted & layout.LOOK_TOKENS) != 0 ? TOKEN_PAIRS | AT_SIGN : 0
  const ofEmails: u32 = (wanted & layout.LOOK_EMAILS) != 0 ? AT_SIGN : 0
  return COLONS | ofTokens | ofEmails
}

/** One bit for each byte that is not zero. */
function placesOf(hits: v128): u32 {
  return ~(<u32>i8x16.bitmask(i8x16.eq(hits, i8x16.splat(0)))) & 0xffff
}

export function triggersIn(block: usize, places: u32, start: usize, end: usize): u32 {
  let found: u32 = 0
  for (; places != 0; places &= places - 1) {
    const at = block + ctz(places)
    if (at >= end) break
    found |= triggerAt(at, start, end)
  }
  return found
}

import * as layout from '../layout'
import { each } from './bytes'
import { cardsIn, IP_COLONS, IP_POINTS, mayBeCard, mayBeIp4, mayBeIp6 } from './numbers'
import { BETWEEN_TO_SIGN, BYTE_TABLES, COLON_TO_SIGN, POINT_TO_SIGN, pairTables, secretsAt } from './pairs'
import { rowAt } from './row'
import { triggerAt } from './triggers'

// Hot file: runs over each record while something is to be redacted. Guarded by test/bench.

/** One word for each row; see layout.ts. */
export const SUSPECTS: usize = memory.data(512, 16)

/** So many bytes of a row are looked at in one go: most rows have fewer. */
const SEGMENT_BYTES: usize = 1024
/** Of one kind of masks: 2 for each block of a segment, the one before it, and three behind it. */
const MASKS_SIZE: usize = 144
/** Masks of digits, with a bit for each byte; those of the other kinds follow. */
const MASKS: usize = memory.data(720, 16)
const BETWEEN: usize = MASKS_SIZE
const POINTS: usize = 2 * MASKS_SIZE
const COLONS: usize = 3 * MASKS_SIZE
/** The second bytes of pairs. */
const HITS: usize = 4 * MASKS_SIZE
/** Those of a window that are not in the next one too. */
const NEW_BITS: u64 = 0xffff_ffff_ffff

/**
 * Notes what the rows may have. Reads up to 15 bytes past the end of a body. The inner loop has no more in hand than there are registers, and calls
 * nothing: V8 would keep the rest in memory.
 */
export function markPairs(from: u32, to: u32, wanted: u32): void {
  const half = each(0x0f)
  const lowByte = v128.load(BYTE_TABLES)
  const highByte = v128.load(BYTE_TABLES, 16)
  const tables = pairTables(wanted)
  const lowFirst = v128.load(tables)
  const highFirst = v128.load(tables, 16)
  const lowSecond = v128.load(tables, 32)
  const highSecond = v128.load(tables, 48)
  for (let index = from; index < to; index += 1) {
    const row = rowAt(index)
    const start: usize = load<u32>(row, layout.ROW_BODY)
    const end = start + load<u32>(row, layout.ROW_BODY_BYTES)
    let before = i8x16.splat(0)
    let found: u32 = 0
    // Nothing is before the first segment.
    store<u16>(MASKS, 0)
    store<u16>(MASKS, 0, COLONS)
    for (let segment = start; segment < end; segment += SEGMENT_BYTES) {
      const segmentEnd = min(segment + SEGMENT_BYTES, end)
      let place = MASKS
      for (let at = segment; at < segmentEnd; at += 16) {
        place += 2
        const bytes = v128.load(at)
        const low = v128.and(bytes, half)
        const high = v128.and(i16x8.shr_u(bytes, 4), half)
        const kinds = classesOf(low, high, lowByte, highByte)
        store<u16>(place, i8x16.bitmask(kinds))
        store<u16>(place, i8x16.bitmask(i16x8.shl(kinds, BETWEEN_TO_SIGN)), BETWEEN)
        store<u16>(place, i8x16.bitmask(i16x8.shl(kinds, POINT_TO_SIGN)), POINTS)
        store<u16>(place, i8x16.bitmask(i16x8.shl(kinds, COLON_TO_SIGN)), COLONS)
        const firsts = classesOf(low, high, lowFirst, highFirst)
        const pairs = v128.and(classesOf(low, high, lowSecond, highSecond), behind(before, firsts))
        before = firsts
        store<u16>(place, ~i8x16.bitmask(i8x16.eq(pairs, i8x16.splat(0))), HITS)
      }
      found |= lookInto(segment, place, start, end)
    }
    store<u32>(SUSPECTS + (index << 2), found & wanted)
  }
}

/** What the segment may have: bits as in layout.ts. `last`: where the masks of its last block are. [start, end): the body. */
function lookInto(segment: usize, last: usize, start: usize, end: usize): u32 {
  endMasks(last, segment + ((last - MASKS) << 3), end)
  // A window has 64 bytes, 16 of which are in the one before too.
  let found: u32 = 0
  for (let place = MASKS; place < last; place += 6) {
    const digits = load<u64>(place)
    const hits = load<u64>(place, HITS + 2) & NEW_BITS
    const addresses = mayHave(pointsOf(place, digits), IP_POINTS) | mayHave(load<u64>(place, COLONS), IP_COLONS)
    const numbers = cardsIn(digits, load<u64>(place, BETWEEN)) | addresses
    if ((hits | numbers) == 0) continue
    const base = segment + ((place - MASKS) << 3)
    if (hits != 0) found |= triggersIn(hits, base, start, end)
    if (numbers != 0) found |= numbersIn(place, base, start, end)
  }
  if (segment + SEGMENT_BYTES < end) keepLast(last)
  return found
}

/** What the pairs may be a part of. `hits`: their second bytes, from `base` on. */
export function triggersIn(hits: u64, base: usize, start: usize, end: usize): u32 {
  let found: u32 = 0
  for (; hits != 0; hits &= hits - 1) {
    const at = base + <usize>ctz(hits)
    if (at >= end) break
    if (secretsAt(at) != 0) found |= triggerAt(at, start, end)
  }
  return found
}

/** Whether the window's numbers may be secrets. `base`: where the bytes are that are not in the one before. */
export function numbersIn(place: usize, base: usize, start: usize, end: usize): u32 {
  const digits = load<u64>(place)
  const points = pointsOf(place, digits)
  const colons = load<u64>(place, COLONS)
  let found: u32 = 0
  if (mayBeCard(digits, load<u64>(place, BETWEEN), base, start, end)) found |= layout.LOOK_CARDS
  if (popcnt(points) >= IP_POINTS && mayBeIp4(points, base - 16, start, end)) found |= layout.LOOK_IPS
  if (popcnt(colons) >= IP_COLONS && mayBeIp6(colons, base, start, end)) found |= layout.LOOK_IPS
  return found
}

/** Not 0 if as many bits, up to 8, are set. */
function mayHave(bits: u64, count: u64): u64 {
  return (popcnt(bits) + 8 - count) >> 3
}

/** Points behind digits. */
function pointsOf(place: usize, digits: u64): u64 {
  return load<u64>(place, POINTS) & (digits << 1)
}

/** Takes out of the masks what stands behind the end. */
function endMasks(last: usize, blockEnd: usize, end: usize): void {
  if (blockEnd > end) store<u16>(last, <u32>load<u16>(last) & (0xffff >> <u32>(blockEnd - end)))
  store<u64>(last, 0, 2)
  store<u64>(last, 0, COLONS + 2)
  store<u64>(last, 0, HITS + 2)
}

/** The masks of the last block stand before those of the next segment. */
function keepLast(last: usize): void {
  for (let kind: usize = 0; kind < HITS; kind += MASKS_SIZE) store<u16>(MASKS + kind, load<u16>(last + kind))
}

/** By the tables of their lower and their upper half. */
function classesOf(low: v128, high: v128, lowTable: v128, highTable: v128): v128 {
  return v128.and(i8x16.relaxed_swizzle(lowTable, low), i8x16.relaxed_swizzle(highTable, high))
}

/** Each one byte further: a pair's first byte stands before the second one. The last one of the block before comes first. */
function behind(before: v128, firsts: v128): v128 {
  return i8x16.shuffle(before, firsts, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
}

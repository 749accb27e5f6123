import { fillByte, writeTo, writtenTo } from './bits'
import { writeBlock } from './block'
import { makeCode } from './huffman'
import { MOST_LENGTH, prepareSymbols } from './symbols'
import { addToken, areTokensFull, beginTokens, MOST_MATCH, TOKENS_END } from './tokens'

// Hot file: guarded by test/bench. Compresses a body piece by piece (RFC 1951). No match reaches into an earlier piece, which costs one entry's
// metadata per piece.

const HASH_BITS: u32 = 14
/** Where four bytes stood last, by their hash. */
const PLACES: usize = TOKENS_END
const FARTHEST: usize = 32768
/** A match has four bytes at least: they are compared as one word. */
const LEAST_MATCH: usize = 4
/** Behind these bytes no match begins: words are loaded past them. */
const MARGIN: usize = 16
/** After so many bytes without a match each second one is looked at, and so on. */
const PATIENCE_BITS: u32 = 6

/** The first address that is free. */
export const FREE: usize = PLACES + (4 << HASH_BITS)

// For its test.
export { makeCode }

prepareSymbols()

/**
 * Compresses [start, end) to `out`, which needs room for it and 1 KiB more. Bits of a last, incomplete byte are kept for the next piece,
 * unless it is the last one. Returns the end of what was written.
 */
export function compress(start: usize, end: usize, out: usize, isLast: bool): usize {
  writeTo(out)
  memory.fill(PLACES, 0, 4 << HASH_BITS)
  let at = start
  do {
    beginTokens()
    const begun = at
    at = findTokens(at, start, end)
    writeBlock(begun, at, isLast && at == end)
  } while (at < end)
  if (isLast) fillByte()
  return writtenTo()
}

/** Adds tokens for [from, end) until they make a block. Returns how far that goes. */
function findTokens(from: usize, start: usize, end: usize): usize {
  let anchor = from
  let at = from
  let misses: usize = 1 << PATIENCE_BITS
  while (at + MARGIN <= end) {
    const word = load<u32>(at)
    const place = placeOf(word)
    let candidate: usize = load<u32>(place)
    store<u32>(place, <u32>at)
    if (candidate < start || at - candidate > FARTHEST || load<u32>(candidate) != word) {
      at += misses >> PATIENCE_BITS
      misses += 1
      continue
    }
    const distance = at - candidate
    const matchEnd = endOfMatch(at + LEAST_MATCH, distance, min(end, at + MOST_MATCH))
    const first = at - anchor > <usize>MOST_LENGTH ? at - MOST_LENGTH : anchor
    while (at > first && candidate > start && load<u8>(at - 1) == load<u8>(candidate - 1)) {
      at -= 1
      candidate -= 1
    }
    addToken(anchor, at, <u32>(matchEnd - at), <u32>distance)
    anchor = matchEnd
    at = matchEnd
    if (areTokensFull()) return anchor
    misses = 1 << PATIENCE_BITS
    if (at + MARGIN <= end) store<u32>(placeOf(load<u32>(at - 2)), <u32>(at - 2))
  }
  if (anchor < end) addToken(anchor, end, 0, 0)
  return end
}

/** Address of where these four bytes stood last. */
function placeOf(word: u32): usize {
  return PLACES + (((word * 0x9e3779b1) >> (32 - HASH_BITS)) << 2)
}

/** How far the bytes from `at` on are those `distance` before them. */
function endOfMatch(at: usize, distance: usize, end: usize): usize {
  while (at + 16 <= end) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(at - distance)))
    if (same != 0xffff) return at + ctz(~same)
    at += 16
  }
  while (at < end && load<u8>(at) == load<u8>(at - distance)) at += 1
  return at
}

import { BACKSLASH } from './backslash'
import { each, hexOf, lookUp, lowerHalves, upperHalves } from './bytes'
import { isUtf8 } from './utf8'
import { beginsPair, endsPair, unitAt } from './utf16'

// Hot file: runs over each docker record. Guarded by test/bench.

const QUOTE: u32 = 0x22
const LETTER_U: u32 = 0x75
/** `\u`, as it is loaded. */
const UNIT: u32 = 0x755c

// What may stand behind a backslash, `"\/bfnrtu`, one bit for each upper half: a byte is one of them if the tables of its lower and of its
// upper half have a bit in common.
const BY_LOW: usize = memory.data<u8>([0, 0, 0x0d, 0, 8, 8, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1])
const BY_HIGH: usize = memory.data<u8>([0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0])

/** Every other place in a block, from the second on. */
const ODD_PLACES: u32 = 0xaaaaaaaa

/**
 * Where the JSON string ends that begins at `start` (after its quote), or 0 if its content is no valid JSON or UTF-8, or has half a
 * surrogate pair, which the grammar allows and strict parsers refuse (RFC 8259, 8.2). Places in a block of 16 are bits of masks. Reads up
 * to 20 bytes past `end`.
 */
export function endOfString(start: usize, end: usize): usize {
  let high = i8x16.splat(0)
  /** 1 when the block before ended in a backslash that the next byte belongs to. */
  let carry: u32 = 0
  let hasSurrogates = false
  for (let at = start; at < end; at += 16) {
    const bytes = v128.load(at)
    const quotes = i8x16.eq(bytes, each(QUOTE))
    const backslashes = i8x16.eq(bytes, each(BACKSLASH))
    const controls = i8x16.lt_u(bytes, each(0x20))
    high = v128.or(high, bytes)
    if (carry == 0 && !v128.any_true(v128.or(v128.or(quotes, backslashes), controls))) continue
    const slashes = <u32>i8x16.bitmask(backslashes)
    const escaped = escapedPlaces(slashes, carry)
    carry = (slashes >> 15) & ~(escaped >> 15)
    const closing = <u32>i8x16.bitmask(quotes) & ~escaped
    const within = closing == 0 ? 0xffff : (closing & -closing) - 1
    const wrong = (escaped & ~escapable(bytes)) | <u32>i8x16.bitmask(controls)
    if ((wrong & within) != 0) return 0
    const units = escaped & within & <u32>i8x16.bitmask(i8x16.eq(bytes, each(LETTER_U)))
    if (units != 0) {
      if (!areFollowedByDigits(at, units)) return 0
      if (hasSurrogate(at, units)) hasSurrogates = true
    }
    if (closing == 0) continue
    const stringEnd = at + ctz(closing)
    if (stringEnd >= end || (i8x16.bitmask(high) != 0 && !isUtf8(start, stringEnd))) return 0
    return hasSurrogates && !arePairs(start, stringEnd) ? 0 : stringEnd
  }
  return 0
}

/**
 * Of bytes of which those in `slashes` are backslashes, the ones that belong to the backslash before them: every other byte from the
 * second on in each row of backslashes, and the one behind it if that is its turn. Adding runs through a row as carrying does; the
 * method is simdjson's.
 */
function escapedPlaces(slashes: u32, carry: u32): u32 {
  const mayEscape = slashes & ~carry
  const turns = (((mayEscape << 1) | ODD_PLACES) - mayEscape) ^ ODD_PLACES
  return (turns ^ (slashes | carry)) & 0xffff
}

function escapable(bytes: v128): u32 {
  const low = lookUp(BY_LOW, lowerHalves(bytes))
  const high = lookUp(BY_HIGH, upperHalves(bytes))
  return ~(<u32>i8x16.bitmask(i8x16.eq(v128.and(low, high), i8x16.splat(0))))
}

/** Four hexadecimal digits stand behind each of those letters in the block at `at`. */
function areFollowedByDigits(at: usize, letters: u32): bool {
  for (let left = letters; left != 0; left &= left - 1) {
    const digits = at + ctz(left) + 1
    for (let index: usize = 0; index < 4; index += 1) if (hexOf(load<u8>(digits + index)) > 15) return false
  }
  return true
}

/** Whether any of those letters in the block at `at` begins a surrogate: digits from `d800` on, up to `dfff`. */
function hasSurrogate(at: usize, letters: u32): bool {
  for (let left = letters; left != 0; left &= left - 1) {
    const digits = at + ctz(left) + 1
    if ((<u32>load<u8>(digits) | 0x20) == 0x64 && load<u8>(digits, 1) >= 0x38) return true
  }
  return false
}

/** Whether all surrogates in [start, end), checked otherwise, stand in pairs. Few strings have any. */
function arePairs(start: usize, end: usize): bool {
  let at = start
  while (at < end) {
    if (load<u8>(at) != BACKSLASH) at += 1
    else if (load<u16>(at) != UNIT) at += 2
    else {
      const unit = unitAt(at)
      at += 6
      if (endsPair(unit)) return false
      if (!beginsPair(unit)) continue
      if (at >= end || load<u16>(at) != UNIT || !endsPair(unitAt(at))) return false
      at += 6
    }
  }
  return true
}

import { BACKSLASH } from './backslash'
import { each } from './bytes'
import { brokenLength, characterLength, isUtf8 } from './utf8'

/** Bytes written per byte read at the most: `\u0000`. U+FFFD takes three. */
export const MAXIMUM_GROWTH: usize = 6

const QUOTE: u32 = 0x22
const HEX = '0123456789abcdef'

/**
 * For each set of quotes and backslashes among eight bytes, as a bit mask: where each byte of the escaped text comes from, and
 * BACKSLASH_LANE where a backslash is put before one. 16 bytes each.
 */
const SPREAD: usize = memory.data(256 * 16, 16)
const BACKSLASH_LANE: u8 = 0x80

/** For each byte, its escaped form, eight bytes with its length in the last. */
const FORMS: usize = memory.data(256 * 8, 16)

/** Fills the tables; to be called once. */
export function prepareEscapes(): void {
  for (let mask: u32 = 0; mask < 256; mask += 1) {
    let to = SPREAD + mask * 16
    for (let lane: u32 = 0; lane < 8; lane += 1) {
      if ((mask >> lane) & 1) store<u8>(to++, BACKSLASH_LANE)
      store<u8>(to++, <u8>lane)
    }
  }
  for (let byte: u32 = 0; byte < 256; byte += 1) {
    const letter = shortEscape(byte)
    const form = FORMS + byte * 8
    if (letter != 0) setForm(form, 0x5c | (letter << 8), 2)
    else if (byte >= 0x20) setForm(form, byte, 1)
    else {
      setForm(form, 0x3030755c, 6) // \u00
      store<u8>(form, <u8>HEX.charCodeAt(byte >> 4), 4)
      store<u8>(form, <u8>HEX.charCodeAt(byte & 15), 5)
    }
  }
}

function setForm(form: usize, bytes: u32, length: u32): void {
  store<u32>(form, bytes)
  store<u8>(form, <u8>length, 7)
}

function shortEscape(byte: u32): u32 {
  if (byte == 8) return 0x62
  if (byte == 9) return 0x74
  if (byte == 10) return 0x6e
  if (byte == 12) return 0x66
  if (byte == 13) return 0x72
  return byte == QUOTE || byte == BACKSLASH ? byte : 0
}

/**
 * Writes [start, end) at `out` as the content of a JSON string, invalid UTF-8 replaced, and returns where it ended. Most texts are ASCII, which shows
 * while they are copied; from the first other byte on the rest is checked. Reads up to 15 bytes past `end`, writes up to 23 past what it returns.
 * @inline
 */
export function escape(start: usize, end: usize, out: usize): usize {
  // Of bytes with these bits turned, those below this one: controls; as long as nothing is checked what is no ASCII too.
  let turned = i8x16.splat(0)
  let least = each(0x20)
  let isChecked = false
  let at = start
  while (at < end) {
    const rest = end - at
    // 64 bytes at a time there are fewer branches to be guessed wrong.
    if (rest >= 64) {
      const a = v128.load(at)
      const b = v128.load(at, 16)
      const c = v128.load(at, 32)
      const d = v128.load(at, 48)
      const others = v128.or(
        v128.or(othersIn(a, turned, least), othersIn(b, turned, least)),
        v128.or(othersIn(c, turned, least), othersIn(d, turned, least)),
      )
      if (!v128.any_true(others)) {
        const ofA = quotesIn(a)
        const ofB = quotesIn(b)
        const ofC = quotesIn(c)
        const ofD = quotesIn(d)
        if (!v128.any_true(v128.or(v128.or(ofA, ofB), v128.or(ofC, ofD)))) {
          v128.store(out, a)
          v128.store(out, b, 16)
          v128.store(out, c, 32)
          v128.store(out, d, 48)
          out += 64
        } else {
          out = spread(a, i8x16.bitmask(ofA), out)
          out = spread(b, i8x16.bitmask(ofB), out)
          out = spread(c, i8x16.bitmask(ofC), out)
          out = spread(d, i8x16.bitmask(ofD), out)
        }
        at += 64
        continue
      }
    }
    const bytes = v128.load(at)
    const count = <u32>min<usize>(16, rest)
    const wanted = <u32>((1 << count) - 1)
    const others = i8x16.bitmask(othersIn(bytes, turned, least)) & wanted
    const quotes = i8x16.bitmask(quotesIn(bytes)) & wanted
    if ((others | quotes) == 0) {
      v128.store(out, bytes)
      out += count
    } else if (others == 0) out = spread(bytes, quotes, out) - (16 - count)
    else if (isChecked || (i8x16.bitmask(bytes) & wanted) == 0) out = escapeEach(at, at + count, out)
    else if (isUtf8(at, end)) {
      isChecked = true
      turned = i8x16.splat(-128)
      least = i8x16.splat(-96)
      continue
    } else return repair(at, end, out, true)
    at += count
  }
  return out
}

/** What is neither to be copied nor to get a backslash. */
function othersIn(bytes: v128, turned: v128, least: v128): v128 {
  return i8x16.lt_s(v128.xor(bytes, turned), least)
}

function quotesIn(bytes: v128): v128 {
  return v128.or(i8x16.eq(bytes, each(QUOTE)), i8x16.eq(bytes, each(BACKSLASH)))
}

/** 16 bytes of which `mask` tells the quotes and backslashes, eight at a time. */
function spread(bytes: v128, mask: u32, out: usize): usize {
  const low = mask & 0xff
  v128.store(out, spreadEight(bytes, low))
  const upper = i8x16.shuffle(bytes, bytes, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
  v128.store(out + popcnt(low), spreadEight(upper, mask >> 8), 8)
  return out + 16 + popcnt(mask)
}

function spreadEight(bytes: v128, mask: u32): v128 {
  const lanes = v128.load(SPREAD + (mask << 4))
  const backslashes = v128.and(i8x16.lt_s(lanes, i8x16.splat(0)), each(BACKSLASH))
  return v128.or(i8x16.relaxed_swizzle(bytes, lanes), backslashes) // from a lane with the highest bit comes 0
}

function escapeEach(start: usize, end: usize, out: usize): usize {
  for (let at = start; at < end; at += 1) out = escapeByte(load<u8>(at), out)
  return out
}

/** Writes up to 8 bytes. */
function escapeByte(byte: u32, out: usize): usize {
  const form = load<u64>(FORMS + ((<usize>byte) << 3))
  store<u64>(out, form)
  return out + <usize>(form >> 56)
}

/** Writes [start, end) at `out` with U+FFFD for each maximal part of a character, as the WHATWG decoder has it, escaped as a JSON string's content if wanted, and returns where it ended. */
export function repair(start: usize, end: usize, out: usize, isEscaped: bool): usize {
  let at = start
  while (at < end) {
    if (load<u8>(at) < 0x80) {
      if (isEscaped) out = escapeByte(load<u8>(at), out)
      else store<u8>(out++, load<u8>(at))
      at += 1
      continue
    }
    const length = characterLength(at, end)
    if (length > 0) {
      for (const next = at + length; at < next; at += 1) store<u8>(out++, load<u8>(at))
      continue
    }
    store<u32>(out, 0xbdbfef) // U+FFFD
    out += 3
    at += brokenLength(at, end)
  }
  return out
}

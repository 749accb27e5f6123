import { BACKSLASH } from './backslash'
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
 * while they are copied; from the first other byte on the rest is checked. Reads up to 15 bytes past `end`, writes up to 16 past what it returns.
 */
export function escape(start: usize, end: usize, out: usize): usize {
  let isChecked = false
  let at = start
  while (at < end) {
    const bytes = v128.load(at)
    const quotes = v128.or(i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)), i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH)))
    // Controls; as long as nothing is checked what is no ASCII too, which is below zero.
    const others = isChecked ? i8x16.lt_u(bytes, i8x16.splat(0x20)) : i8x16.lt_s(bytes, i8x16.splat(0x20))
    if (!v128.any_true(v128.or(quotes, others))) {
      v128.store(out, bytes)
      at += 16
      out += 16
      if (at > end) out -= at - end
      continue
    }
    const count = <u32>min<usize>(16, end - at)
    const wanted = <u32>((1 << count) - 1)
    if ((i8x16.bitmask(others) & wanted) == 0) out = spread(bytes, i8x16.bitmask(quotes) & wanted, count, out)
    else if (isChecked || (i8x16.bitmask(bytes) & wanted) == 0) out = escapeEach(at, at + count, out)
    else if (isUtf8(at, end)) {
      isChecked = true
      continue
    } else return repair(at, end, out, true)
    at += count
  }
  return out
}

/** `count` bytes of which `mask` tells the quotes and backslashes, eight at a time. */
function spread(bytes: v128, mask: u32, count: u32, out: usize): usize {
  const low = mask & 0xff
  v128.store(out, spreadEight(bytes, low))
  if (count <= 8) return out + count + popcnt(low)
  out += 8 + popcnt(low)
  const high = mask >> 8
  v128.store(
    out,
    spreadEight(i8x16.shuffle(bytes, bytes, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15), high),
  )
  return out + (count - 8) + popcnt(high)
}

function spreadEight(bytes: v128, mask: u32): v128 {
  const lanes = v128.load(SPREAD + (mask << 4))
  const backslashes = v128.and(i8x16.shr_s(lanes, 7), i8x16.splat(<i8>BACKSLASH))
  return v128.or(i8x16.swizzle(bytes, lanes), backslashes)
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

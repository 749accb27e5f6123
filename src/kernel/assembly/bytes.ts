// Bytes of a text: what they are, and where those of a kind end.

/** 0 from `end` on: nothing that is looked for begins with that. */
export function byteAt(at: usize, end: usize): u32 {
  return at < end ? load<u8>(at) : 0
}

/** The byte in front of `at`; 0 if that is the beginning. */
export function byteBefore(at: usize, start: usize): u32 {
  return at > start ? load<u8>(at - 1) : 0
}

export function isDigit(byte: u32): bool {
  return byte - 0x30 <= 9
}

/** The value of a hexadecimal digit; more than 15 for what is none. */
export function hexOf(byte: u32): u32 {
  if (isDigit(byte)) return byte - 0x30
  const letter = (byte | 0x20) - 0x61
  return letter <= 5 ? letter + 10 : 16
}

/** Colons and hexadecimal digits. */
export function isOfIp6(byte: u32): bool {
  return byte == 0x3a || hexOf(byte) <= 15
}

export function isCapital(byte: u32): bool {
  return byte - 0x41 <= 25
}

export function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 <= 25
}

export function isLetterOrDigit(byte: u32): bool {
  return isLetter(byte) || isDigit(byte)
}

/** Letters, digits and `_`. */
export function isOfWord(byte: u32): bool {
  return isLetterOrDigit(byte) || byte == 0x5f
}

export function isOfBase64(byte: u32): bool {
  return isLetterOrDigit(byte) || byte == 0x2b || byte == 0x2f || byte == 0x3d
}

/** What a name has besides: `.` and `-`. */
export function isOfName(byte: u32): bool {
  return isOfWord(byte) || byte == 0x2e || byte == 0x2d
}

export function isBlank(byte: u32): bool {
  return byte == 0x20 || byte == 0x09
}

/** Each byte 16 times. */
const SPLATS: usize = memory.data(256 * 16, 16)

/** Fills the table; to be called once. */
export function prepareBytes(): void {
  for (let byte: u32 = 0; byte < 256; byte += 1) v128.store(SPLATS + (byte << 4), i8x16.splat(<i8>byte))
}

/**
 * The byte in each lane, loaded: V8 makes a constant anew wherever it is used, in three instructions.
 * @inline
 */
export function each(byte: u32): v128 {
  return v128.load(SPLATS + (byte << 4))
}

/**
 * The lower half of each byte.
 * @inline
 */
export function lowerHalves(bytes: v128): v128 {
  return v128.and(bytes, each(0x0f))
}

/**
 * The upper half of each byte.
 * @inline
 */
export function upperHalves(bytes: v128): v128 {
  return v128.and(i16x8.shr_u(bytes, 4), each(0x0f))
}

/**
 * For each half what the table of 16 bytes at `table` has for it.
 * @inline
 */
export function lookUp(table: usize, halves: v128): v128 {
  return i8x16.relaxed_swizzle(v128.load(table), halves)
}

/** How many letters stand at `at`, 16 at the most. */
export function leadingLetters(at: usize): usize {
  return leading(letterLanes(v128.load(at)))
}

/** How many letters, digits, `-`, `.` and `_` stand at `at`, 16 at the most. */
export function leadingOfName(at: usize): usize {
  const bytes = v128.load(at)
  const marks = i8x16.le_u(i8x16.sub(bytes, each(0x2d)), each(1))
  return leading(v128.or(wordLanes(bytes), marks))
}

/** Ones where letters, digits and `_` stand. */
function wordLanes(bytes: v128): v128 {
  return v128.or(v128.or(letterLanes(bytes), digitLanes(bytes)), i8x16.eq(bytes, each(0x5f)))
}

/**
 * Ones where digits stand.
 * @inline
 */
export function digitLanes(bytes: v128): v128 {
  return i8x16.le_u(i8x16.sub(bytes, each(0x30)), each(9))
}

function letterLanes(bytes: v128): v128 {
  return i8x16.le_u(i8x16.sub(v128.or(bytes, each(0x20)), each(0x61)), each(25))
}

/** How many lanes are ones before the first that is not. */
function leading(lanes: v128): usize {
  return ctz(~(<u32>i8x16.bitmask(lanes)) | 0x10000)
}

/** Where the first such byte in [at, end) stands, or 0. Reads up to 63 bytes past `end`: blocks of 64 have fewer ends to be guessed wrong than of 16. */
export function placeOf(byte: u32, at: usize, end: usize): usize {
  const wanted = i8x16.splat(<i8>byte)
  for (; at < end; at += 64) {
    const places = placesOf(wanted, at)
    if (places == 0) continue
    at += <usize>ctz(places)
    return at < end ? at : 0
  }
  return 0
}

/**
 * A bit for each of the 64 bytes at `at` that is the one in each lane of `wanted`.
 * @inline
 */
export function placesOf(wanted: v128, at: usize): u64 {
  const a = i8x16.eq(v128.load(at), wanted)
  const b = i8x16.eq(v128.load(at, 16), wanted)
  const c = i8x16.eq(v128.load(at, 32), wanted)
  const d = i8x16.eq(v128.load(at, 48), wanted)
  if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return 0
  const low = <u64>i8x16.bitmask(a) | ((<u64>i8x16.bitmask(b)) << 16)
  return low | ((<u64>i8x16.bitmask(c)) << 32) | ((<u64>i8x16.bitmask(d)) << 48)
}

export function afterLetters(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const count = leadingLetters(at)
    if (count < 16) return min(at + count, end)
  }
  return end
}

export function afterDigits(at: usize, end: usize): usize {
  while (at < end && isDigit(load<u8>(at))) at += 1
  return at
}

export function afterName(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const count = leadingOfName(at)
    if (count < 16) return min(at + count, end)
  }
  return end
}

/** Behind letters, digits, `_`, `+`, `,`, `-`, `.`, `/`, and colons with a digit behind them. */
export function afterTimes(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const bytes = v128.load(at)
    const colons = v128.and(i8x16.eq(bytes, each(0x3a)), digitLanes(v128.load(at, 1)))
    const marks = i8x16.le_u(i8x16.sub(bytes, each(0x2b)), each(4))
    const count = leading(v128.or(v128.or(colons, marks), wordLanes(bytes)))
    if (count < 16) return min(at + count, end)
  }
  return end
}

export function afterBlanks(at: usize, end: usize): usize {
  while (at < end && isBlank(load<u8>(at))) at += 1
  return at
}

export function areCapitals(at: usize, end: usize): bool {
  for (; at < end; at += 1) if (!isCapital(load<u8>(at))) return false
  return true
}

/** `[` and digits and `]`: where they end, or 0. */
export function afterNumber(at: usize, end: usize): usize {
  if (byteAt(at, end) != 0x5b) return 0
  const numberEnd = afterDigits(at + 1, end)
  return numberEnd > at + 1 && byteAt(numberEnd, end) == 0x5d ? numberEnd + 1 : 0
}

/** Whether a letter or a digit stands in front of that place, and is none of an escape: `\n`, `\u000a`. */
export function isBehindWord(at: usize, start: usize): bool {
  if (!isLetterOrDigit(byteBefore(at, start))) return false
  return byteBefore(at - 1, start) != 0x5c && byteBefore(at - 5, start) != 0x5c
}

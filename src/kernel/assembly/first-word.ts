import { isDigit, isLetter, isOfName, leadingLetters, leadingOfName } from './bytes'
import { DATE_BYTES } from './level'
import { mayMean } from './level-words'

// Whether a text may tell its level, by its first word: most do not. Hot file while levels are looked for. Guarded by test/bench.

const TAB: u32 = 0x09
const ESCAPE: u32 = 0x1b
const SPACE: u32 = 0x20
const PLUS: u32 = 0x2b
const COMMA: u32 = 0x2c
const COLON: u32 = 0x3a
const OPENING_ANGLE: u32 = 0x3c
const EQUALS: u32 = 0x3d
const OPENING_BRACKET: u32 = 0x5b
const BACKSLASH: u32 = 0x5c
const OPENING_BRACE: u32 = 0x7b
const BAR: u32 = 0x7c

/** By byte: what it is as the first one of a text, behind its first word, and as the next one, two bits each; and whether a time may have it. */
const KINDS: usize = memory.data(256, 16)
const FIRST_LETTER: u32 = 1
const FIRST_DIGIT: u32 = 2
const FIRST_OTHER: u32 = 3
const FIRST_BITS: u32 = 3
const BEHIND_SPACE: u32 = 1 << 2
const BEHIND_SIGN: u32 = 2 << 2
const BEHIND_BITS: u32 = 3 << 2
const NEXT_DIGIT: u32 = 1 << 4
const NEXT_SMALL: u32 = 2 << 4
const NEXT_OTHER: u32 = 3 << 4
const NEXT_BITS: u32 = 3 << 4
const COLON_SHIFT: u32 = 6

/** By the three kinds together, one bit for each of the 16 cases that the bits below make: whether the text may tell a level. */
const CASES: usize = memory.data(128, 16)
/** By its first two letters the word may be one that means something. */
const MAY_MEAN: u32 = 1
/** It has letters only, and the second one is a capital. */
const IS_LOUD: u32 = 2
/** The third byte behind it is a colon, as in a time behind a space. */
const HAS_COLON: u32 = 4
/** It is as long as a date. */
const IS_LONG: u32 = 8

/** Fills the tables; to be called once. */
export function prepareCases(): void {
  for (let byte: u32 = 0; byte < 256; byte += 1)
    store<u8>(KINDS + byte, <u8>(firstKind(byte) | behindKind(byte) | nextKind(byte) | colonKind(byte)))
  for (let kinds: u32 = 0; kinds < 64; kinds += 1) {
    let cases: u32 = 0
    for (let bits: u32 = 0; bits < 16; bits += 1) cases |= (<u32>tells(kinds, bits)) << bits
    store<u16>(CASES + (kinds << 1), <u16>cases)
  }
}

/** What begins an escape sequence, in a JSON string stands for another byte, or opens a bracket. */
function isUnclear(byte: u32): bool {
  return byte == ESCAPE || byte == OPENING_BRACKET || byte == BACKSLASH
}

function firstKind(byte: u32): u32 {
  if (isLetter(byte)) return FIRST_LETTER
  if (isDigit(byte)) return FIRST_DIGIT
  return isUnclear(byte) || byte == SPACE || byte == OPENING_ANGLE || byte == OPENING_BRACE ? FIRST_OTHER : 0
}

function behindKind(byte: u32): u32 {
  if (byte == SPACE) return BEHIND_SPACE
  const isSign = byte == COLON || byte == EQUALS || byte == COMMA || byte == PLUS || byte == TAB || byte == BAR
  // A word of more than 16 bytes has one of its own there.
  return isSign || isUnclear(byte) || isOfName(byte) ? BEHIND_SIGN : 0
}

function nextKind(byte: u32): u32 {
  if (isDigit(byte)) return NEXT_DIGIT
  if (byte - 0x61 <= 25) return NEXT_SMALL
  return byte == SPACE || isUnclear(byte) ? NEXT_OTHER : 0
}

/** A colon, or what one may be written as: `\u003a`, and the byte before it escaped; or behind a colour. */
function colonKind(byte: u32): u32 {
  return (<u32>(byte == COLON || byte == 0x75 || isUnclear(byte))) << COLON_SHIFT
}

function tells(kinds: u32, bits: u32): bool {
  const first = kinds & FIRST_BITS
  const next = kinds & NEXT_BITS
  const isSpace = (kinds & BEHIND_BITS) == BEHIND_SPACE
  // `17 rows` has no time.
  if (first == FIRST_DIGIT) return !isSpace || next != NEXT_SMALL || (bits & IS_LONG) != 0
  if (first != FIRST_LETTER) return first == FIRST_OTHER
  if (!isSpace) return (kinds & BEHIND_BITS) == BEHIND_SIGN
  if ((bits & (MAY_MEAN | IS_LOUD)) == (MAY_MEAN | IS_LOUD) || next == NEXT_OTHER) return true
  return next == NEXT_DIGIT && (bits & (MAY_MEAN | HAS_COLON)) != 0
}

/**
 * 1 if the text may tell a level, by its first word; 0 if not. Of content of a JSON string too. No branches: nobody can foresee words. Reads 20 bytes.
 * @inline
 */
export function mayTell(start: usize): u32 {
  const wordBytes = leadingOfName(start)
  const word = start + wordBytes
  const first: u32 = load<u8>(start)
  const second: u32 = load<u8>(start, 1)
  const behind = load<u8>(KINDS + load<u8>(word)) & BEHIND_BITS
  const next = load<u8>(KINDS + load<u8>(word, 1)) & NEXT_BITS
  const kinds = (load<u8>(KINDS + first) & FIRST_BITS) | behind | next
  const isLoud = ((~second >> 5) & <u32>(leadingLetters(start) == wordBytes)) * IS_LOUD
  const hasColon = (<u32>load<u8>(KINDS + load<u8>(word, 3)) >> COLON_SHIFT) * HAS_COLON
  const isLong = <u32>(wordBytes >= DATE_BYTES) * IS_LONG
  return (<u32>load<u16>(CASES + (kinds << 1)) >> (mayMean(first, second) | isLoud | hasColon | isLong)) & 1
}

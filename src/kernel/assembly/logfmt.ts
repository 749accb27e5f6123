import { afterName, byteAt, each, isBlank, isDigit, isOfWord, placeOf } from './bytes'
import { IS_NAME, levelOfValue, mayMean, meaningOf } from './level-words'

const QUOTE: u32 = 0x22
const COMMA: u32 = 0x2c
const EQUALS: u32 = 0x3d
/** `level`, `lvl`, `log_level`, `severity` begin with these. */
const LETTER_L: u32 = 0x6c
const LETTER_S: u32 = 0x73
const BACKSLASH: u32 = 0x5c

/** The `=` of the pair whose name begins at `at`, or 0. */
export function equalsOfPair(at: usize, end: usize): usize {
  const start = at
  at = afterName(at, end)
  return at > start && byteAt(at, end) == EQUALS ? at : 0
}

/** The level among the pairs that begin at `at`, up to the first word that is none: `time="…" level=info`. 0: none. `equals`: of the first pair. */
export function levelInPairs(at: usize, equals: usize, end: usize): u32 {
  if (mayMean(load<u8>(at), load<u8>(at, 1)) == 0 && isLastEquals(equals, end)) return 0
  while (equals != 0) {
    const value = equals + 1
    const isQuoted = byteAt(value, end) == QUOTE
    const valueEnd = isQuoted ? endOfQuoted(value + 1, end) : endOfBare(value, end)
    if (valueEnd == 0) return 0
    // Capitals are the environment's: `LEVEL=debug make test`.
    const first: u32 = load<u8>(at)
    if ((first == LETTER_L || first == LETTER_S) && meaningOf(at, equals) == IS_NAME)
      return isQuoted ? levelOfPair(value + 1, valueEnd) : levelOfPair(value, valueEnd)
    at = isQuoted ? valueEnd + 1 : valueEnd
    if (at < end && !isBlank(load<u8>(at))) return 0
    while (at < end && isBlank(load<u8>(at))) at += 1
    equals = equalsOfPair(at, end)
  }
  return 0
}

/** Whether that `=` is the last one of a short text, as where a line only begins with a pair. */
function isLastEquals(at: usize, end: usize): bool {
  return end - at <= 64 && placeOf(EQUALS, at + 1, end) == 0
}

/** The closing quote, or 0. Reads up to 15 bytes past the end. */
function endOfQuoted(at: usize, end: usize): usize {
  while (at < end) {
    const bytes = v128.load(at)
    const signs = v128.or(i8x16.eq(bytes, each(QUOTE)), i8x16.eq(bytes, each(BACKSLASH)))
    const stops = i8x16.bitmask(signs)
    at += stops == 0 ? 16 : <usize>ctz(stops)
    if (stops == 0) continue
    if (load<u8>(at) == QUOTE) return at < end ? at : 0
    at += 2
  }
  return 0
}

/** Where the value ends that has no quotes, or 0 if there is one in it. */
function endOfBare(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const bytes = v128.load(at)
    const blanks = v128.or(i8x16.eq(bytes, each(0x20)), i8x16.eq(bytes, each(0x09)))
    const stops = i8x16.bitmask(v128.or(blanks, i8x16.eq(bytes, each(QUOTE))))
    if (stops == 0) continue
    at += ctz(stops)
    if (at >= end) return end
    return load<u8>(at) == QUOTE ? 0 : at
  }
  return end
}

/** A word, a comma behind it allowed, or what slog makes of a level between two: `INFO+2`. */
function levelOfPair(start: usize, end: usize): u32 {
  let wordEnd = start
  while (wordEnd < end && isOfWord(load<u8>(wordEnd))) wordEnd += 1
  if (wordEnd < end && !(load<u8>(wordEnd) == COMMA && wordEnd + 1 == end) && !isOffset(wordEnd, end)) return 0
  return levelOfValue(start, wordEnd)
}

/** `+2` or `-4`, and nothing behind it. */
export function isOffset(at: usize, end: usize): bool {
  if (byteAt(at, end) != 0x2b && byteAt(at, end) != 0x2d) return false
  return at + 2 == end && isDigit(load<u8>(at, 1))
}

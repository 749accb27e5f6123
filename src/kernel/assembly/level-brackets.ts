import { afterLetters, areCapitals, byteAt, isDigit, isLetter, isOfWord, placeOf } from './bytes'
import { HAS_TIME } from './level-seen'
import { found, IS_COMMON, IS_ODD, IS_SHORT, isLevel, meaningOf } from './level-words'

// Hot file while levels are looked for. Guarded by test/bench.

/** Bytes: of thread names, and of dates with zones. */
const LONGEST_BRACKET: usize = 100

const SPACE: u32 = 0x20
const SLASH: u32 = 0x2f
const COLON: u32 = 0x3a
const LESS: u32 = 0x3c
const OPENING_BRACKET: u32 = 0x5b
const LETTER_T: u32 = 0x54
const LETTER_Z: u32 = 0x5a

/** Where the bracket closes that `byte` at `at` opens, or 0. */
export function endOfBracket(at: usize, end: usize, byte: u32): usize {
  let closing: u32 = 0
  if (byte == OPENING_BRACKET || byte == 0x7b || byte == LESS) closing = byte + 2
  else if (byte == 0x28) closing = 0x29
  else return 0
  return placeOf(closing, at, min(end, at + LONGEST_BRACKET))
}

/** `2026-11-22 07:00:00` and `Sun Nov 22 07:00:00 2026`, whatever stands behind it. */
export function isTimeInBracket(opening: usize, closing: usize): bool {
  if (closing - opening < 9) return false
  const isNamed = load<u8>(opening, 4) == SPACE && load<u8>(opening, 8) == SPACE
  if (!isNamed && !isDigit(load<u8>(opening, 1))) return false
  for (let at = opening + 2; at < closing; at += 1) if (load<u8>(at) == COLON && isDigit(load<u8>(at - 1))) return true
  return false
}

/** The level that stands between `opening` and `closing`, or 0. */
export function levelInBracket(opening: usize, closing: usize, seen: u32): u32 {
  const byte: u32 = load<u8>(opening)
  let start = opening + 1
  let end = closing
  while (start < end && load<u8>(start) == SPACE) start += 1
  while (start < end && load<u8>(end - 1) == SPACE) end -= 1
  if (start == end) return 0
  const first: u32 = load<u8>(start)
  if (byte == LESS) return afterLetters(start, end) == end ? levelOfAll(start, end, seen, true) : 0
  if (byte != OPENING_BRACKET) return 0
  if (isDigit(first)) return levelBehindTime(start, end)
  if (!isLetter(first)) return 0
  const wordEnd = afterLetters(start, end)
  if (wordEnd == end) return levelOfAll(start, end, seen, false)
  return (seen & HAS_TIME) != 0 ? levelOfLast(start, end) : 0
}

/** `[INFO]`, `[warn]`, `<Information>` */
function levelOfAll(start: usize, end: usize, seen: u32, isAngle: bool): u32 {
  const meaning = meaningOf(start, end)
  if (!isLevel(meaning)) return 0
  // MySQL's `[Note]` and `[System]`
  if ((meaning & IS_ODD) != 0)
    return (seen & HAS_TIME) != 0 && (meaning & IS_SHORT) != 0 ? found(start, end, meaning) : 0
  if (!isAngle && (meaning & (IS_COMMON | IS_SHORT)) != 0 && !areCapitals(start, end)) return 0
  return found(start, end, meaning)
}

/** Apache's `[core:error]`, and `[Server thread/INFO]` */
function levelOfLast(start: usize, end: usize): u32 {
  let at = end
  while (at > start && isLetter(load<u8>(at - 1))) at -= 1
  if (at == start || at == end) return 0
  const before: u32 = load<u8>(at - 1)
  if (before == SLASH) return areCapitals(at, end) ? levelOfPlain(at, end) : 0
  if (before != COLON) return 0
  for (let name = start; name < at - 1; name += 1)
    if (!isOfWord(load<u8>(name)) || load<u8>(name) - 0x41 <= 25) return 0
  return areCapitals(at, at + 1) ? 0 : levelOfPlain(at, end)
}

/** `[2026-11-22T07:00:00Z INFO  app]`, `[07:00:00 INF]`, `[…,123: INFO/MainProcess]`, `[1122/070000.123:ERROR:x.cc(1)]` */
function levelBehindTime(start: usize, end: usize): u32 {
  let at = start + 1
  while (at < end && isOfTime(at)) at += 1
  const before: u32 = load<u8>(at - 1)
  if (before != SPACE && before != COLON) return 0
  const wordEnd = afterLetters(at, end)
  if (wordEnd == at || !areCapitals(at, wordEnd)) return 0
  const behind = byteAt(wordEnd, end)
  return wordEnd == end || behind == SPACE || behind == COLON || behind == SLASH ? levelOfPlain(at, wordEnd) : 0
}

/** Digits, `-/:.,+` and spaces, and behind a digit `T` and `Z`. */
function isOfTime(at: usize): bool {
  const byte: u32 = load<u8>(at)
  if (byte == LETTER_T || byte == LETTER_Z) return isDigit(load<u8>(at - 1))
  return byte - 0x2b <= 15 || byte == SPACE
}

function levelOfPlain(start: usize, end: usize): u32 {
  const meaning = meaningOf(start, end)
  if (!isLevel(meaning) || (meaning & (IS_ODD | IS_COMMON)) != 0) return 0
  return found(start, end, meaning)
}

import {
  afterBlanks,
  afterDigits,
  afterName,
  afterNumber,
  areCapitals,
  byteAt,
  isBlank,
  isCapital,
  isDigit,
  isOfWord,
} from './bytes'
import { HAS_BRACKET, HAS_NAME, HAS_TIME, IS_FIRST, IS_INDENTED } from './level-seen'
import { found, IS_COMMON, IS_CORE, IS_ODD, IS_SHORT, isLevel, LEVEL_BITS, meaningOf } from './level-words'
import { isOffset } from './logfmt'

// Hot file while levels are looked for. Guarded by test/bench.

const TRACE: u32 = 1
const DEBUG: u32 = 2
const ERROR: u32 = 5
const FATAL: u32 = 6

const TAB: u32 = 0x09
const SPACE: u32 = 0x20
const SLASH: u32 = 0x2f
const COLON: u32 = 0x3a
const OPENING_BRACKET: u32 = 0x5b
const BAR: u32 = 0x7c

/** `pani`, `log` and `PHP`, as they are loaded; letters small but in the last one. */
const PANI: u32 = 0x696e6170
const LOG: u32 = 0x676f6c
const PHP: u32 = 0x504850
/** ` error:` */
const ERROR_BEHIND: u64 = 0x3a726f72726520

/** The level that the letters [at, wordEnd) are in the place where they stand, or 0. */
export function levelOfWord(at: usize, wordEnd: usize, end: usize, seen: u32, meaning: u32): u32 {
  if (!isLevel(meaning) || (seen & (IS_FIRST | HAS_TIME | HAS_BRACKET)) == 0) return 0
  return areCapitals(at, wordEnd)
    ? levelOfCapitals(at, wordEnd, end, seen, meaning)
    : levelOfSmall(at, wordEnd, end, seen, meaning)
}

/** `INFO `, `INFO: `, `INFO[0000]`, `INFO+2 ` */
function levelOfCapitals(at: usize, wordEnd: usize, end: usize, seen: u32, meaning: u32): u32 {
  const isFirst = (seen & IS_FIRST) != 0
  const next = byteAt(wordEnd, end)
  if (next == OPENING_BRACKET) {
    const isLevel = (meaning & IS_ODD) == 0 && afterNumber(wordEnd, end) != 0
    return isLevel ? found(at, wordEnd, meaning) : 0
  }
  if ((meaning & IS_ODD) != 0 && !isLog(at, wordEnd, seen)) return 0
  if ((meaning & IS_SHORT) != 0 && isFirst) return 0
  if (next == COLON) {
    if (isFirst && isBareNumber(wordEnd + 1, end)) return 0
    return found(at, wordEnd, isPanic(at, wordEnd) ? FATAL : meaning)
  }
  if (next == SPACE || next == TAB || next == BAR) {
    if (isFirst && (meaning & IS_CORE) == 0) return 0
    if ((meaning & IS_COMMON) != 0 && (seen & HAS_TIME) == 0) return 0
    // The method of a request.
    if ((meaning & LEVEL_BITS) == TRACE && byteAt(wordEnd + 1, end) == SLASH) return 0
    return found(at, wordEnd, meaning)
  }
  if ((seen & HAS_TIME) == 0) return 0
  const behind = byteAt(wordEnd + 1, end)
  if (next == 0x2b || next == 0x2d)
    return isOffset(wordEnd, wordEnd + 2) && byteAt(wordEnd + 2, end) == SPACE ? found(at, wordEnd, meaning) : 0
  // PostgreSQL's `DEBUG1:`
  return next - 0x31 <= 4 && behind == COLON && meaning == (DEBUG | IS_CORE) ? found(at, wordEnd, meaning) : 0
}

/** `info: `, and between tabs behind a time. A name before it makes it part of a sentence. */
function levelOfSmall(at: usize, wordEnd: usize, end: usize, seen: u32, meaning: u32): u32 {
  if ((seen & (HAS_NAME | IS_INDENTED)) != 0 || (meaning & IS_COMMON) != 0) return 0
  const next = byteAt(wordEnd, end)
  if (next == TAB)
    return (seen & HAS_TIME) != 0 && load<u8>(at - 1) == TAB && (meaning & (IS_ODD | IS_SHORT)) == 0
      ? found(at, wordEnd, meaning)
      : 0
  if (next != COLON || !isBlank(byteAt(wordEnd + 1, end))) return 0
  const isDotnet = isCategory(wordEnd + 2, end)
  if (isDotnet && isFail(at, wordEnd)) return found(at, wordEnd, ERROR)
  if (isDotnet && isCrit(at, wordEnd)) return found(at, wordEnd, FATAL)
  if ((meaning & (IS_ODD | IS_SHORT)) != 0) return 0
  // `error: true` is no line of a log.
  if ((seen & IS_FIRST) != 0 && !isDotnet && isOneWord(wordEnd + 1, end)) return 0
  return found(at, wordEnd, isPanic(at, wordEnd) ? FATAL : meaning)
}

/** Monolog's `app.INFO: ` */
export function levelOfChannel(at: usize, nameEnd: usize, end: usize): u32 {
  if (byteAt(nameEnd, end) != COLON || byteAt(nameEnd + 1, end) != SPACE) return 0
  let word = nameEnd
  while (isCapital(load<u8>(word - 1))) word -= 1
  if (word == nameEnd || word <= at || load<u8>(word - 1) != 0x2e) return 0
  const meaning = meaningOf(word, nameEnd)
  if (!isLevel(meaning) || (meaning & (IS_ODD | IS_SHORT | IS_COMMON)) != 0) return 0
  return found(word, nameEnd, meaning)
}

/** PHP's own: `PHP Warning:  Undefined variable` */
export function levelOfPhp(at: usize, end: usize, seen: u32): u32 {
  if ((load<u32>(at) & 0xffffff) != PHP || byteAt(at + 3, end) != SPACE || (seen & HAS_NAME) != 0) return 0
  const word = at + 4
  let wordEnd = word
  while (wordEnd < end && isOfWord(load<u8>(wordEnd))) wordEnd += 1
  const next = byteAt(wordEnd, end)
  const meaning = wordEnd > word ? meaningOf(word, wordEnd) : 0
  if (!isLevel(meaning) || (meaning & (IS_ODD | IS_SHORT | IS_COMMON)) != 0) return 0
  if (next == COLON) return found(word, wordEnd, meaning)
  // `PHP Fatal error:  `
  const isFatal = (meaning & LEVEL_BITS) == FATAL && wordEnd + 7 <= end && load<u64>(wordEnd - 1) >> 8 == ERROR_BEHIND
  return isFatal ? found(word, wordEnd, meaning) : 0
}

/** PostgreSQL's, pgbouncer's and Nest's LOG, behind a time and the number of a process. */
function isLog(at: usize, wordEnd: usize, seen: u32): bool {
  const isBehind = (seen & (HAS_TIME | HAS_BRACKET)) == (HAS_TIME | HAS_BRACKET)
  return isBehind && wordEnd - at == 3 && ((load<u32>(at) | 0x202020) & 0xffffff) == LOG
}

/** What Go and PostgreSQL end with; zap's panic is less than fatal. */
function isPanic(at: usize, wordEnd: usize): bool {
  return wordEnd - at == 5 && (load<u32>(at) | 0x20202020) == PANI
}

function isFail(at: usize, wordEnd: usize): bool {
  return wordEnd - at == 4 && load<u32>(at) == 0x6c696166
}

function isCrit(at: usize, wordEnd: usize): bool {
  return wordEnd - at == 4 && load<u32>(at) == 0x74697263
}

/** `Microsoft.Hosting.Lifetime[14]`, and nothing behind it. */
function isCategory(at: usize, end: usize): bool {
  const nameEnd = afterName(at, end)
  return nameEnd > at && afterNumber(nameEnd, end) == end
}

function isOneWord(at: usize, end: usize): bool {
  at = afterBlanks(at, end)
  while (at < end && !isBlank(load<u8>(at))) at += 1
  return afterBlanks(at, end) == end
}

/** `ERROR: 0`, `DEBUG: true`: a count or a setting. */
function isBareNumber(at: usize, end: usize): bool {
  at = afterBlanks(at, end)
  if (isDigit(byteAt(at, end))) {
    at = afterDigits(at, end)
    return at == end || byteAt(at, end) == 0x2c
  }
  const letters = afterName(at, end)
  if (letters != end) return false
  const word = load<u32>(at) | 0x20202020
  return (end - at == 4 && word == 0x65757274) || (end - at == 5 && word == 0x736c6166)
}

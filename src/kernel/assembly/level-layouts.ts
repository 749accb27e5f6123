import { afterDigits, areCapitals, byteAt, isDigit, isLetter } from './bytes'
import { found } from './level-words'

// Layouts of single programs, which have letters and numbers for levels. Seldom run.

const SPACE: u32 = 0x20
const COMMA: u32 = 0x2c
const COLON: u32 = 0x3a
const LESS: u32 = 0x3c
const GREATER: u32 = 0x3e
const OPENING_BRACKET: u32 = 0x5b
const CLOSING_BRACKET: u32 = 0x5d
const BAR: u32 = 0x7c

/** Levels of the letters T, D, I, N, W, E, F and C; others have none. */
export function levelOfLetter(letter: u32): u32 {
  if (letter == 0x54) return 1 // T
  if (letter == 0x44) return 2 // D
  if (letter == 0x49 || letter == 0x4e) return 3 // I, N
  if (letter == 0x57) return 4 // W
  if (letter == 0x45) return 5 // E
  return letter == 0x46 || letter == 0x43 ? 6 : 0 // F, C
}

/** Of syslog's numbers, from 0, emergency, to 7, debug. As OpenTelemetry has it only the first one is fatal. */
export function levelOfSyslog(number: u32): u32 {
  if (number == 0) return 6
  return number < 4 ? 5 : number == 4 ? 4 : number < 7 ? 3 : 2
}

/** What the line's first bytes alone tell. 0: nothing. */
export function levelOfLayout(start: usize, end: usize): u32 {
  const first: u32 = load<u8>(start)
  if (first == LESS) return levelOfPriority(start, end)
  if (isDigit(first)) return levelOfRedis(start, end)
  const second = byteAt(start + 1, end)
  if (first == OPENING_BRACKET) return levelOfTornado(start, end)
  if (second == COMMA) return levelOfRuby(start, end)
  return isDigit(second) ? levelOfKlog(start, end) : 0
}

/** klog and glog: `I1122 07:00:00`, of other programs with the year before it. */
function levelOfKlog(start: usize, end: usize): u32 {
  const letter: u32 = load<u8>(start)
  if (letter != 0x49 && letter != 0x57 && letter != 0x45 && letter != 0x46) return 0
  const dateEnd = afterDigits(start + 1, end)
  const digits = dateEnd - start - 1
  if ((digits != 4 && digits != 6 && digits != 8) || byteAt(dateEnd, end) != SPACE) return 0
  return isTimeOfDay(dateEnd + 1, end) ? found(start, start + 1, levelOfLetter(letter)) : 0
}

/** `07:00:00` */
function isTimeOfDay(at: usize, end: usize): bool {
  if (at + 8 > end) return false
  for (let index: usize = 0; index < 8; index += 1) {
    const byte: u32 = load<u8>(at + index)
    if (index == 2 || index == 5 ? byte != COLON : !isDigit(byte)) return false
  }
  return true
}

/** Ruby's logger: `I, [2026-11-22T07:00:00` */
function levelOfRuby(start: usize, end: usize): u32 {
  const letter: u32 = load<u8>(start)
  if (letter != 0x44 && letter != 0x49 && letter != 0x57 && letter != 0x45 && letter != 0x46) return 0
  if (byteAt(start + 2, end) != SPACE || byteAt(start + 3, end) != OPENING_BRACKET) return 0
  return afterDigits(start + 4, end) == start + 8 ? found(start, start + 1, levelOfLetter(letter)) : 0
}

/** Tornado and Jupyter: `[I 2026-11-22 07:00:00` and `[I 261122 07:00:00` */
function levelOfTornado(start: usize, end: usize): u32 {
  const letter = byteAt(start + 1, end)
  if (
    byteAt(start + 2, end) != SPACE ||
    (letter != 0x43 && letter != 0x44 && letter != 0x45 && letter != 0x49 && letter != 0x57)
  )
    return 0
  let at = start + 3
  while (at < end && (isDigit(load<u8>(at)) || load<u8>(at) == 0x2d)) at += 1
  if (at - start - 3 < 6 || byteAt(at, end) != SPACE || !isTimeOfDay(at + 1, end)) return 0
  return found(start + 1, start + 2, levelOfLetter(letter))
}

/** Syslog's `<34>`, whose lowest three bits are the severity. */
function levelOfPriority(start: usize, end: usize): u32 {
  const numberEnd = afterDigits(start + 1, end)
  if (numberEnd == start + 1 || numberEnd > start + 4 || byteAt(numberEnd, end) != GREATER) return 0
  let priority: u32 = 0
  for (let at = start + 1; at < numberEnd; at += 1) priority = priority * 10 + (load<u8>(at) - 0x30)
  return priority > 191 ? 0 : found(start + 1, numberEnd, levelOfSyslog(priority & 7))
}

/** Redis: `1:M 22 Nov 2026 07:00:00.123 * `, with `.`, `-`, `*` and `#` for debug, verbose, notice and warning. */
function levelOfRedis(start: usize, end: usize): u32 {
  let at = afterDigits(start, end)
  if (byteAt(at, end) != COLON) return 0
  const role = byteAt(at + 1, end)
  if ((role != 0x4d && role != 0x53 && role != 0x43 && role != 0x58) || byteAt(at + 2, end) != SPACE) return 0
  at += 3
  while (
    at < end &&
    (isDigit(load<u8>(at)) || isLetter(load<u8>(at)) || load<u8>(at) == SPACE || load<u8>(at) == COLON)
  )
    at += 1
  if (byteAt(at, end) != 0x2e || !isTimeOfDay(at - 8, end)) return 0
  at = afterDigits(at + 1, end)
  const sign = byteAt(at + 1, end)
  if (byteAt(at, end) != SPACE || byteAt(at + 2, end) != SPACE) return 0
  const level: u32 = sign == 0x2e || sign == 0x2d ? 2 : sign == 0x2a ? 3 : sign == 0x23 ? 4 : 0
  return level == 0 ? 0 : found(at + 1, at + 2, level)
}

/**
 * A letter by itself behind a time: `I! ` of Telegraf, `I | ` of etcd and Rook, `I NETWORK  [` of MongoDB, `I tensorflow/core/x.cc:1] `.
 */
export function levelOfSingleLetter(at: usize, end: usize): u32 {
  const letter: u32 = load<u8>(at)
  const level = levelOfLetter(letter)
  if (level == 0) return 0
  const next = byteAt(at + 1, end)
  if (next == 0x21) return byteAt(at + 2, end) == SPACE ? found(at, at + 1, level) : 0
  const behind = letter == 0x44 && isDigit(next) ? at + 2 : at + 1
  if (byteAt(behind, end) != SPACE) return 0
  let word = behind + 1
  if (byteAt(word, end) == BAR) return byteAt(word + 1, end) == SPACE ? found(at, behind, level) : 0
  const wordEnd = afterNonBlanks(word, end)
  if (wordEnd - word >= 2 && areCapitals(word, wordEnd)) {
    word = wordEnd
    while (byteAt(word, end) == SPACE) word += 1
    return byteAt(word, end) == OPENING_BRACKET ? found(at, behind, level) : 0
  }
  if (wordEnd - word < 3 || load<u8>(wordEnd - 1) != CLOSING_BRACKET || !isDigit(load<u8>(wordEnd - 2))) return 0
  return found(at, behind, level)
}

function afterNonBlanks(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != SPACE) at += 1
  return at
}

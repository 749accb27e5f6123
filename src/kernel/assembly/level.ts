import {
  afterLetters,
  afterName,
  afterTimes,
  byteAt,
  isCapital,
  isDigit,
  isLetter,
  isOfWord,
  leadingOfName,
  placeOf,
} from './bytes'
import { endOfBracket, isTimeInBracket, levelInBracket } from './level-brackets'
import { levelOfChannel, levelOfPhp, levelOfWord } from './level-in-place'
import { levelOfLayout, levelOfSingleLetter } from './level-layouts'
import { afterNames } from './level-names'
import { HAS_BRACKET, HAS_DAY, HAS_NAME, HAS_TIME, IS_FIRST, IS_INDENTED } from './level-seen'
import { IS_DAY, IS_PHP, meaningOf } from './level-words'
import { equalsOfPair, levelInPairs } from './logfmt'
import { hasEscapes, PLAIN, withoutEscapes } from './terminal'

// Hot file while levels are looked for: runs over the beginning of each text. Guarded by test/bench.

/** Bytes of a text in which its level is looked for. */
export const HEAD_BYTES: usize = 512
/** Bytes of it before the level, and how many words, times and brackets. */
const PREFIX_BYTES: usize = 160
const MOST_PARTS: u32 = 16
/** The shortest date, `26/11/22`. */
export const DATE_BYTES: usize = 8

const SPACE: u32 = 0x20
const PLUS: u32 = 0x2b
const COLON: u32 = 0x3a
const OPENING_ANGLE: u32 = 0x3c
const EQUALS: u32 = 0x3d
const OPENING_BRACKET: u32 = 0x5b

/** Where the part ends that was looked at last, or 0 where nothing may stand behind it. */
let next: usize = 0
/** See level-seen.ts. */
let seen: u32 = 0

/** The level that the beginning of the text says it has, from 1 on, or 0. docs/kernel.md tells what it knows. */
export function levelInText(start: usize, end: usize): u32 {
  end = min(end, start + HEAD_BYTES)
  if (hasEscapes(start, end)) {
    end = withoutEscapes(start, end)
    start = PLAIN
    if (start == end) return 0
  }
  if (isLetter(load<u8>(start)) && isLetter(load<u8>(start, 1))) {
    const name = start + leadingOfName(start)
    return byteAt(name, end) == EQUALS ? levelInPairs(start, name, end) : levelBehindPrefix(start, end)
  }
  const level = levelOfLayout(start, end)
  return level == 0 ? levelBehindPrefix(start, end) : level
}

/** Passes over times, brackets and names, up to a word that is the level or none. */
function levelBehindPrefix(start: usize, end: usize): u32 {
  const last = min(end, start + PREFIX_BYTES)
  let at = start
  while (at < last && load<u8>(at) == SPACE) at += 1
  if (at > start + 1 && at < end && isLetter(load<u8>(at))) return 0
  seen = at > start ? IS_FIRST | IS_INDENTED : IS_FIRST
  for (let part: u32 = 0; part < MOST_PARTS && at < last; part += 1) {
    const byte: u32 = load<u8>(at)
    let level: u32 = 0
    if (isDigit(byte)) next = afterTime(at, end)
    else if (isLetter(byte)) level = levelAtWord(start, at, end)
    else level = levelAtBracket(at, end, byte)
    if (level != 0 || next == 0) return level
    seen &= ~(IS_FIRST | IS_INDENTED)
    at = next
    while (at < last && isSeparator(load<u8>(at))) at += 1
  }
  return 0
}

/** `|`, `,`, `-`, `+`, `:` and spaces. */
function isSeparator(byte: u32): bool {
  return byte == SPACE || byte == 0x09 || byte - 0x2b <= 2 || byte == COLON || byte == 0x7c
}

/** What begins with a digit: a date, the time of day, a process. */
function afterTime(at: usize, end: usize): usize {
  const start = at
  at = afterTimes(at, end)
  if (at - start >= DATE_BYTES || placeOf(COLON, start, at) != 0) seen |= HAS_TIME
  return at
}

function levelAtWord(start: usize, at: usize, end: usize): u32 {
  const wordEnd = afterLetters(at, end)
  const behind = byteAt(wordEnd, end)
  const mayBePair = behind != SPACE && behind != COLON && (seen & (IS_FIRST | HAS_TIME)) != 0 && (seen & HAS_NAME) == 0
  const equals = mayBePair ? equalsOfPair(at, end) : 0
  if (equals != 0) {
    const level = levelInPairs(at, equals, end)
    if (level != 0 || (seen & IS_FIRST) != 0) {
      next = 0
      return level
    }
  }
  next = 0
  const meaning = meaningOf(at, wordEnd)
  if (meaning == IS_DAY && isCapital(load<u8>(at)) && !isOfWord(byteAt(wordEnd, end))) {
    if ((seen & IS_FIRST) != 0) seen |= HAS_DAY
    next = wordEnd
    return 0
  }
  let level: u32 = 0
  if (meaning == IS_PHP) level = levelOfPhp(at, end, seen)
  else if (meaning != 0) level = levelOfWord(at, wordEnd, end, seen, meaning)
  if (level != 0) return level
  const nameEnd = afterName(wordEnd, end)
  if ((seen & HAS_TIME) != 0) {
    if (wordEnd - at == 1) level = levelOfSingleLetter(at, end)
    else if (meaning == 0 && nameEnd > wordEnd) level = levelOfChannel(at, nameEnd, end)
    if (level != 0) return level
  }
  return levelBehindNames(start, at, nameEnd, end)
}

function levelBehindNames(start: usize, at: usize, nameEnd: usize, end: usize): u32 {
  next = afterNames(start, at, nameEnd, end, seen)
  if (next == 0) return 0
  // Behind `app[12]:` a level may stand as behind a bracket.
  seen |= (seen & IS_FIRST) != 0 && load<u8>(next - 1) == COLON ? HAS_NAME | HAS_BRACKET : HAS_NAME
  return 0
}

function levelAtBracket(at: usize, end: usize, byte: u32): u32 {
  next = 0
  if (byte != OPENING_BRACKET && (seen & (byte == OPENING_ANGLE ? HAS_TIME : HAS_TIME | HAS_BRACKET)) == 0) return 0
  const bracketEnd = endOfBracket(at, end, byte)
  if (bracketEnd == 0) return 0
  const level = levelInBracket(at, bracketEnd, seen)
  if (level != 0) return level
  if (isTimeInBracket(at, bracketEnd)) seen |= HAS_TIME
  seen |= HAS_BRACKET
  next = bracketEnd + 1
  return 0
}

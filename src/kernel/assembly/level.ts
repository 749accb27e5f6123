import { afterLetters, byteAt, isCapital, isDigit, isLetter, isOfWord, leadingOfName } from './bytes'
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
const DATE_BYTES: usize = 8

const TAB: u32 = 0x09
const ESCAPE: u32 = 0x1b
const SPACE: u32 = 0x20
const PLUS: u32 = 0x2b
const COMMA: u32 = 0x2c
const COLON: u32 = 0x3a
const OPENING_ANGLE: u32 = 0x3c
const EQUALS: u32 = 0x3d
const OPENING_BRACKET: u32 = 0x5b
const BAR: u32 = 0x7c

/** Where the part ends that was looked at last, or 0 where nothing may stand behind it. */
let next: usize = 0
/** See level-seen.ts. */
let seen: u32 = 0

/** By byte, what it is good for in a text that tells its level; see below. */
const USES: usize = memory.data(256, 16)

/** It may be first, as a letter or as another byte; stand behind the first word; or behind that and a space. */
const FIRST_LETTER: u32 = 1
const FIRST: u32 = 2
const BEHIND: u32 = 4
const NEXT: u32 = 8

/** Fills the table; to be called once. */
export function prepareUses(): void {
  for (let byte: u32 = 0; byte < 256; byte += 1) {
    // What begins an escape sequence, in a JSON string stands for another byte, or opens a bracket.
    const isUnclear = byte == ESCAPE || byte - OPENING_BRACKET <= 1
    const isBehind = byte == COLON || byte == EQUALS || byte == COMMA || byte == PLUS || byte == TAB || byte == BAR
    let uses: u32 = isLetter(byte) ? FIRST_LETTER : isBehind ? BEHIND : 0
    if (isUnclear) uses = FIRST | BEHIND | NEXT
    if (isDigit(byte) || byte == SPACE) uses = FIRST | NEXT
    if (byte == OPENING_ANGLE) uses = FIRST
    store<u8>(USES + byte, <u8>uses)
  }
}

/**
 * Whether the text may tell a level, by its first word: most do not. Of content of a JSON string too. Reads 16 bytes. With few branches, since nobody can
 * foresee the words of a text.
 */
export function mayTellLevel(start: usize, end: usize): bool {
  const first: u32 = load<u8>(start)
  const uses: u32 = load<u8>(USES + first)
  if ((uses & FIRST_LETTER) == 0) return (uses & FIRST) != 0 && !(isDigit(first) && isCount(start))
  const word = start + leadingOfName(start)
  const behind: u32 = load<u8>(word)
  const next: u32 = load<u8>(word, 1)
  const isSpace = behind == SPACE
  const use: u32 = select<u32>(load<u8>(USES + next) & NEXT, load<u8>(USES + behind) & BEHIND, isSpace)
  const isLong: u32 = <u32>(word == start + 16) & <u32>!isSpace
  if (((use | isLong) != 0) & (word < end)) return true
  // A word in capitals.
  return isSpace && isCapital(load<u8>(start, 1)) && word < end && meaningOf(start, word) != 0
}

/** A number of few digits before a word in small letters. */
function isCount(at: usize): bool {
  const start = at
  while (isDigit(load<u8>(at))) at += 1
  return at - start < DATE_BYTES && load<u8>(at) == SPACE && load<u8>(at, 1) - 0x61 <= 25
}

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
    return byteAt(name, end) == EQUALS ? levelInPairs(start, end) : levelBehindPrefix(start, end)
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
  let hasColon = false
  for (; at < end; at += 1) {
    const byte: u32 = load<u8>(at)
    if (byte == COLON && isDigit(byteAt(at + 1, end))) hasColon = true
    else if (!isOfWord(byte) && (byte < 0x2b || byte > 0x2f)) break
  }
  if (hasColon || at - start >= DATE_BYTES) seen |= HAS_TIME
  return at
}

function levelAtWord(start: usize, at: usize, end: usize): u32 {
  const wordEnd = afterLetters(at, end)
  const behind = byteAt(wordEnd, end)
  const mayBePair = behind != SPACE && behind != COLON && (seen & (IS_FIRST | HAS_TIME)) != 0 && (seen & HAS_NAME) == 0
  if (mayBePair && equalsOfPair(at, end) != 0) {
    const level = levelInPairs(at, end)
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
  if ((seen & HAS_TIME) != 0) {
    level = wordEnd - at == 1 ? levelOfSingleLetter(at, end) : meaning == 0 ? levelOfChannel(at, wordEnd, end) : 0
    if (level != 0) return level
  }
  return levelBehindNames(start, at, end)
}

function levelBehindNames(start: usize, at: usize, end: usize): u32 {
  next = afterNames(start, at, end, seen)
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

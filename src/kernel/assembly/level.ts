import { SPAN_END, SPAN_SIZE, SPAN_START } from '../layout'
import { MEMBERS, VALUES } from './json'
import { firstBytes } from './utf8'

// Hot file while levels are looked for. Guarded by test/bench. The same rules in TypeScript, for the page: src/pipeline/level.ts.

/** Words for levels, 16 bytes each, padded with zeros, and what each means; written by the TypeScript side. */
export const WORDS: usize = memory.data(512, 16)
/** A level's place from 1 on, and 128 for a word that means something else in a text as often as not. */
export const WORD_LEVELS: usize = memory.data(32, 16)

const MOST_WORDS: u32 = 32
const COMMON: u32 = 128

/** Bytes of a text in which its level is looked for. */
export const HEAD_BYTES: usize = 256
/** Bytes of a member's value that are looked at. */
const VALUE_BYTES: usize = 32
/** Characters before a bracket. */
const BEFORE_BRACKET: usize = 60

const SPACE: u32 = 0x20
const QUOTE: u32 = 0x22
const MINUS: u32 = 0x2d
const POINT: u32 = 0x2e
const COLON: u32 = 0x3a
const EQUALS: u32 = 0x3d
const LETTER_T: u32 = 0x54
const OPENING_BRACKET: u32 = 0x5b
const CLOSING_BRACKET: u32 = 0x5d

/** `level`, `lvl` and `severity`, as they are loaded. */
const LEVEL_4: u32 = 0x6576656c
const LVL: u32 = 0x6c766c
const SEVERITY: u64 = 0x7974697265766573
/** All letters small. */
const SMALL_4: u32 = 0x20202020
const SMALL_8: u64 = 0x2020202020202020

/** The level of the JSON object that was recognised last, from 1 on, or 0. */
export function levelInJson(): u32 {
  for (let index: u32 = 0; index < MEMBERS; index += 1) {
    const start: usize = load<u32>(VALUES + index * SPAN_SIZE, SPAN_START)
    const end: usize = load<u32>(VALUES + index * SPAN_SIZE, SPAN_END)
    if (start == 0) continue
    const first: u32 = load<u8>(start)
    if (first == QUOTE) return end - start > VALUE_BYTES ? 0 : wordAt(start + 1, end - 1) & ~COMMON
    if (first == MINUS || isDigit(first)) return end - start > VALUE_BYTES ? 0 : levelOfNumber(start, end)
  }
  return 0
}

/** pino and bunyan count in tens from 10, trace, to 60, fatal. Syslog and GELF count down from 7: a 3 is an error, not a trace. */
function levelOfNumber(start: usize, end: usize): u32 {
  if (load<u8>(start) == MINUS) return 0
  let value: f64 = 0
  let scale = 0
  let at = start
  let isFraction = false
  for (; at < end && (isDigit(load<u8>(at)) || load<u8>(at) == POINT); at += 1) {
    if (load<u8>(at) == POINT) isFraction = true
    else {
      value = value * 10 + (load<u8>(at) - 0x30)
      if (isFraction) scale -= 1
    }
  }
  if (at < end) scale += exponent(at + 1, end)
  for (; scale > 0; scale -= 1) value *= 10
  let divisor: f64 = 1
  for (; scale < 0; scale += 1) divisor *= 10
  value /= divisor
  return value < 10 ? 0 : <u32>min<f64>(Math.floor(value / 10), 6)
}

function exponent(at: usize, end: usize): i32 {
  let value = 0
  const isNegative = load<u8>(at) == MINUS
  for (; at < end; at += 1) if (isDigit(load<u8>(at))) value = min(value * 10 + (load<u8>(at) - 0x30), 400)
  return isNegative ? -value : value
}

/** The level that the beginning of the text says it has, from 1 on, or 0. */
export function levelInText(start: usize, end: usize): u32 {
  end = min(end, start + HEAD_BYTES)
  const klog = levelOfKlog(start, end)
  if (klog != 0) return klog
  const leading = leadingWord(start, end)
  if (leading != 0) return leading
  const bracketed = bracketedWord(start, end)
  return bracketed != 0 ? bracketed : logfmtWord(start, end)
}

/** Its letter, month and day, and the time of day. */
function levelOfKlog(start: usize, end: usize): u32 {
  if (end - start < 14) return 0
  const letter: u32 = load<u8>(start)
  const level: u32 = letter == 0x49 ? 3 : letter == 0x57 ? 4 : letter == 0x45 ? 5 : letter == 0x46 ? 6 : 0
  if (level == 0 || load<u8>(start, 5) != SPACE || load<u8>(start, 8) != COLON || load<u8>(start, 11) != COLON) return 0
  for (let index: usize = 1; index < 14; index += 1) {
    if (index != 5 && index != 8 && index != 11 && !isDigit(load<u8>(start + index))) return 0
  }
  return level
}

/** A word in capitals by itself, first or behind a time, of which `T` may be a part. */
function leadingWord(start: usize, end: usize): u32 {
  let at = start
  while (at < end && isOfTime(load<u8>(at))) at += 1
  let wordEnd = at
  while (wordEnd < end && isCapital(load<u8>(wordEnd))) wordEnd += 1
  if (wordEnd == end || !mayFollow(load<u8>(wordEnd))) return 0
  const level = wordEnd > at ? textWord(at, wordEnd) : 0
  if (level != 0 || at == start || load<u8>(at - 1) != LETTER_T) return level
  return textWord(at - 1, wordEnd)
}

/** `[WARN]` near the beginning. */
function bracketedWord(start: usize, end: usize): u32 {
  const last = min(end, start + BEFORE_BRACKET + 1)
  let at = start
  while (at < last && load<u8>(at) != OPENING_BRACKET) at += 1
  if (at == last) return 0
  at = afterSpaces(at + 1, end)
  const wordEnd = afterLetters(at, end)
  const closing = afterSpaces(wordEnd, end)
  return closing < end && load<u8>(closing) == CLOSING_BRACKET ? textWord(at, wordEnd) : 0
}

/** `level=warn`, as logfmt has it. */
function logfmtWord(start: usize, end: usize): u32 {
  for (let at = start + 3; at < end; at += 1) {
    if (load<u8>(at) != EQUALS) continue
    const name = beginningOfName(start, at)
    if (name == 0 || (name > start && load<u8>(name - 1) != 0x2c && !isSpace(load<u8>(name - 1)))) continue
    const word = at + 1 < end && load<u8>(at + 1) == QUOTE ? at + 2 : at + 1
    const wordEnd = afterLetters(word, end)
    const level = wordEnd < end && isOfWord(load<u8>(wordEnd)) ? 0 : textWord(word, wordEnd)
    if (level != 0) return level
  }
  return 0
}

/** Where the name begins that ends at `end`, if it is one of a level's; else 0. */
function beginningOfName(start: usize, end: usize): usize {
  if (end - start >= 8 && (load<u64>(end - 8) | SMALL_8) == SEVERITY) return end - 8
  if (end - start >= 5 && (load<u32>(end - 5) | SMALL_4) == LEVEL_4 && (<u32>load<u8>(end - 1) | SPACE) == 0x6c)
    return end - 5
  return ((load<u32>(end - 3) | SMALL_4) & 0xffffff) == LVL ? end - 3 : 0
}

/** The level that the word [start, end) stands for in a text, from 1 on, or 0. */
function textWord(start: usize, end: usize): u32 {
  const level = wordAt(start, end)
  return level < COMMON ? level : 0
}

function wordAt(start: usize, end: usize): u32 {
  if (end <= start || end - start > 16) return 0
  const bytes = firstBytes(start, end - start)
  const capitals = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x41)), i8x16.splat(25))
  const word = v128.or(bytes, v128.and(capitals, i8x16.splat(0x20)))
  for (let index: u32 = 0; index < MOST_WORDS; index += 1) {
    if (!v128.any_true(v128.xor(word, v128.load(WORDS + (index << 4))))) return load<u8>(WORD_LEVELS + index)
  }
  return 0
}

function afterLetters(at: usize, end: usize): usize {
  while (at < end && isCapital(load<u8>(at) & ~SPACE)) at += 1
  return at
}

function afterSpaces(at: usize, end: usize): usize {
  while (at < end && isSpace(load<u8>(at))) at += 1
  return at
}

function isDigit(byte: u32): bool {
  return byte - 0x30 <= 9
}

function isCapital(byte: u32): bool {
  return byte - 0x41 <= 25
}

function isOfWord(byte: u32): bool {
  return isDigit(byte) || isCapital(byte & ~SPACE) || byte == 0x5f
}

/** As `\s` has it, of the first 256 characters. */
function isSpace(byte: u32): bool {
  return byte - 0x09 <= 4 || byte == SPACE || byte == 0xa0
}

/** Digits, `-/:.,TZ+` and spaces. */
function isOfTime(byte: u32): bool {
  return byte - 0x2b <= 15 || byte == SPACE || byte == LETTER_T || byte == 0x5a
}

/** What stands behind a word that is by itself. */
function mayFollow(byte: u32): bool {
  return isSpace(byte) || byte == COLON || byte == 0x7c || byte == CLOSING_BRACKET || byte == MINUS
}

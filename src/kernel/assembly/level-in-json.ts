import { afterDigits, byteAt, each, isDigit } from './bytes'
import { levelOfLetter, levelOfSyslog } from './level-layouts'
import { found, IS_NAME, levelOfValue, meaningOf } from './level-words'

// Hot file: runs over members of JSON objects up to the first one that tells the level. Guarded by test/bench.

/** Digits of java.util.logging's SEVERE, the largest number that is known. */
const MOST_DIGITS: usize = 4

const QUOTE: u32 = 0x22
const LETTER_S: u32 = 0x73

/** `{"t":{"` and `$date":`, seven bytes each, as MongoDB begins a line. */
const MONGO: u64 = 0x227b3a2274227b
const DATE: u64 = 0x3a226574616424

/** `short_message`, which each object of GELF has, in two parts that meet in the middle. */
const GELF_FIRST: u64 = 0x656d5f74726f6873
const GELF_LAST: u64 = 0x6567617373656d5f

/** The object has told its level, or told something that is none. */
export let isDecided = false
/** From 1 on, or 0. */
export let levelInJson: u32 = 0

let isMongo = false
let isGelf = false

/** `{"level"` and `:"`, as they are loaded. */
const LEVEL_FIRST: u64 = 0x226c6576656c227b
const COLON_QUOTE: u32 = 0x223a

/** Takes the first member if it is a level that is known, as most loggers write it: `"level":"…"`. Reads 32 bytes. */
export function takeFirstMember(start: usize, end: usize): bool {
  if (end - start < 16 || load<u64>(start) != LEVEL_FIRST || <u32>load<u16>(start, 8) != COLON_QUOTE) return false
  const word = start + 10
  const wordEnd = word + ctz(i8x16.bitmask(i8x16.eq(v128.load(word), each(QUOTE))) | 0x10000)
  if (wordEnd + 1 >= end || (load<u8>(wordEnd, 1) != 0x2c && load<u8>(wordEnd, 1) != 0x7d)) return false
  // Zeros behind a word are what words are padded with.
  levelInJson = load<u8>(wordEnd - 1) == 0 ? 0 : levelOfValue(word, wordEnd)
  isDecided = levelInJson != 0
  return isDecided
}

/** To be called before the members of an object. */
export function beginMembers(start: usize, end: usize): void {
  isDecided = false
  levelInJson = 0
  isGelf = false
  isMongo = end - start > 14 && load<u64>(start) << 8 == MONGO << 8 && load<u64>(start, 7) << 8 == DATE << 8
}

/** A member of the object itself. A name that is written with escapes is not recognised. */
export function takeMember(name: usize, nameEnd: usize, value: usize, valueEnd: usize): void {
  if (meaningOf(name, nameEnd) != IS_NAME) {
    if (isMongo && nameEnd - name == 1 && load<u8>(name) == LETTER_S) takeMongo(value, valueEnd)
    else if (nameEnd - name == 13 && load<u64>(name) == GELF_FIRST && load<u64>(nameEnd - 8) == GELF_LAST) isGelf = true
    return
  }
  const isQuoted = load<u8>(value) == QUOTE
  if (isQuoted) {
    value += 1
    valueEnd -= 1
  }
  if (isDigit(byteAt(value, valueEnd))) {
    isDecided = true
    const level = afterDigits(value, valueEnd) == valueEnd ? levelOfNumber(value, valueEnd) : 0
    if (level != 0) levelInJson = found(value, valueEnd, level)
  } else if (isQuoted) {
    isDecided = true
    levelInJson = levelOfValue(value, valueEnd)
    if (levelInJson == 2 && isVerboseOfSerilog(name, nameEnd, value)) levelInJson = 1
  }
}

/**
 * pino and bunyan count in tens from 10, trace, to 60, fatal; java.util.logging in hundreds from 300, finest, to 1000, severe; GELF as syslog, down from 7:
 * elsewhere a number below 10 may mean anything.
 */
function levelOfNumber(start: usize, end: usize): u32 {
  if (end - start > MOST_DIGITS) return 0
  let value: u32 = 0
  for (let at = start; at < end; at += 1) value = value * 10 + (load<u8>(at) - 0x30)
  if (value < 10) return isGelf && value < 8 && end - start == 1 ? levelOfSyslog(value) : 0
  if (value < 70) return value / 10
  if (value == 300) return 1
  if (value == 400 || value == 500 || value == 700) return 2
  return value == 800 ? 3 : value == 900 ? 4 : value == 1000 ? 5 : 0
}

/** Serilog's least level, `"@l":"Verbose"`. */
function isVerboseOfSerilog(name: usize, nameEnd: usize, value: usize): bool {
  return nameEnd - name == 2 && (<u32>load<u8>(value) | 0x20) == 0x76
}

/** `"s":"I"`, `"s":"D2"` */
function takeMongo(value: usize, valueEnd: usize): void {
  isDecided = true
  if (load<u8>(value) != QUOTE || valueEnd - value < 3 || valueEnd - value > 4) return
  const level = levelOfLetter(load<u8>(value, 1))
  const isLevel = valueEnd - value == 3 || (level == 2 && isDigit(load<u8>(value, 2)))
  if (level != 0 && isLevel) levelInJson = found(value + 1, valueEnd - 1, level)
}

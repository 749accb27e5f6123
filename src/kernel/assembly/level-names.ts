import { afterLetters, afterNumber, byteAt, isLetter, isOfName, isOfWord } from './bytes'
import { HAS_DAY, HAS_NAME, HAS_TIME, IS_FIRST } from './level-seen'

// Names that may stand between a time and a level. Seldom run: most texts end a prefix with their first word.

const SPACE: u32 = 0x20
const COMMA: u32 = 0x2c
const MINUS: u32 = 0x2d
const POINT: u32 = 0x2e
const SLASH: u32 = 0x2f
const COLON: u32 = 0x3a
const EQUALS: u32 = 0x3d
const AT_SIGN: u32 = 0x40
const OPENING_BRACKET: u32 = 0x5b

/** Where what names a program, a host or a logger ends, or 0 where no level may stand behind it. `nameEnd`: behind its letters, digits, `-`, `.` and `_`. */
export function afterNames(start: usize, at: usize, nameEnd: usize, end: usize, seen: u32): usize {
  const tagEnd = afterTag(at, nameEnd, end)
  if (tagEnd != 0) return (seen & (IS_FIRST | HAS_TIME)) != 0 ? tagEnd : 0
  if ((seen & IS_FIRST) != 0) return at == start ? afterFirstName(at, nameEnd, end) : 0
  if ((seen & HAS_TIME) == 0) return 0
  const next = byteAt(nameEnd, end)
  if (next == SPACE) {
    // Python's ` - name - `
    const isBetween = load<u8>(at - 1) == SPACE && load<u8>(at - 2) == MINUS
    if (isBetween && byteAt(nameEnd + 1, end) == MINUS && byteAt(nameEnd + 2, end) == SPACE) return nameEnd + 1
    if ((seen & (HAS_DAY | HAS_NAME)) == HAS_DAY) {
      // Syslog's host, if its tag is behind it.
      const tag = nameEnd + 1
      return isLetter(byteAt(tag, end)) ? afterSyslogTag(tag, end) : 0
    }
    // A word of a sentence.
    if (afterLetters(at, nameEnd) == nameEnd) return 0
  }
  return afterOddName(at, end)
}

/** `app[12]:` */
function afterTag(at: usize, nameEnd: usize, end: usize): usize {
  const numberEnd = afterNumber(nameEnd, end)
  return numberEnd != 0 && byteAt(numberEnd, end) == COLON ? numberEnd + 1 : 0
}

/** `app[12]: ` and `app: ` */
function afterSyslogTag(at: usize, end: usize): usize {
  let nameEnd = at
  while (nameEnd < end && (isOfName(load<u8>(nameEnd)) || load<u8>(nameEnd) == SLASH)) nameEnd += 1
  const tagEnd = afterTag(at, nameEnd, end)
  if (tagEnd != 0) return tagEnd
  return byteAt(nameEnd, end) == COLON && byteAt(nameEnd + 1, end) == SPACE ? nameEnd + 1 : 0
}

/** `nginx: [`, whose level is in the bracket; and Bitnami's `nginx 07:00:00.12 INFO  ==> `. */
function afterFirstName(at: usize, nameEnd: usize, end: usize): usize {
  if (byteAt(nameEnd, end) == COLON) {
    const isBracketed = byteAt(nameEnd + 1, end) == SPACE && byteAt(nameEnd + 2, end) == OPENING_BRACKET
    return isBracketed && load<u8>(at) >= 0x61 ? nameEnd + 2 : 0
  }
  if (byteAt(nameEnd, end) != SPACE) return 0
  let arrow = nameEnd + 1
  while (byteAt(arrow, end) == SPACE) arrow += 1
  // Any time first, so that a sentence is soon done with.
  if (byteAt(arrow + 2, end) != COLON || byteAt(arrow + 5, end) != COLON) return 0
  for (const last = min(end, arrow + 40); arrow + 4 <= last; arrow += 1) {
    if (load<u32>(arrow) == 0x203e3d3d) return nameEnd
  }
  return 0
}

/** `user@db`, `pid=1`, `my.app`, `main.go:12:`: what no sentence has. */
function afterOddName(at: usize, end: usize): usize {
  let isOdd = false
  for (; at < end; at += 1) {
    const byte: u32 = load<u8>(at)
    if (isOfWord(byte) || byte == MINUS || byte == SLASH || byte == COMMA) continue
    if (byte != POINT && byte != COLON && byte != EQUALS && byte != AT_SIGN) break
    if (isOfWord(byteAt(at + 1, end))) isOdd = true
  }
  return isOdd && (at == end || load<u8>(at) == SPACE || load<u8>(at) == 0x09) ? at : 0
}

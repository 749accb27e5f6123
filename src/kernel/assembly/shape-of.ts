import { afterBlanks, afterDigits, byteAt, isBlank, isCapital, isDigit, isLetter, isOfName, isOfWord } from './bytes'
import { isExceptionName } from './exception-name'
import { keyword } from './keyword'
import { afterPlace, isCause, isPlace } from './places'
import * as shape from './shape'
import { isOfFunction } from './special'
import { is, starts } from './text'

const TAB: u32 = 0x09
const RETURN: u32 = 0x0d
const SPACE: u32 = 0x20
const HASH_SIGN: u32 = 0x23
const OPENING_PARENTHESIS: u32 = 0x28
const CLOSING_PARENTHESIS: u32 = 0x29
const POINT: u32 = 0x2e
const SLASH: u32 = 0x2f
const COLON: u32 = 0x3a
const CLOSING_ANGLE: u32 = 0x3e
const OPENING_BRACKET: u32 = 0x5b
const CLOSING_BRACKET: u32 = 0x5d
const CARET_SIGN: u32 = 0x5e
const OPENING_BRACE: u32 = 0x7b
const BAR: u32 = 0x7c
const TILDE: u32 = 0x7e

/** What the line [start, end) is: see shape.ts. The oracle has the same as regular expressions. */
export function shapeOf(start: usize, end: usize): u32 {
  const first = byteAt(start, end)
  if (start == end || isBlank(first) || first == RETURN) return indented(start, end)
  if (isLetter(first) || first == 0x5f) return worded(start, end, first)
  if (first == OPENING_BRACE) return end - start == 1 ? shape.OPEN : shape.BRACED
  if (first == 0x7d) return end - start == 1 ? shape.CLOSE : shape.OTHER
  if (first == HASH_SIGN) return hash(start, end)
  if (first == 0x2d) {
    if (starts(start, end, '--- End of ')) return shape.NET_END
    return starts(start, end, '-----BEGIN ') && endsWithDashes(start, end) ? shape.PEM : shape.OTHER
  }
  if (first == OPENING_BRACKET) {
    if (starts(start, end, '[signal ')) return shape.SIGNAL
    return is(start, end, '[stacktrace]') || starts(start, end, '[previous exception]') ? shape.STACK : shape.OTHER
  }
  if (first == 0x2a) {
    if (starts(start, end, '** (')) return shape.ELIXIR
    return starts(start, end, '** ') ? shape.STARS : shape.OTHER
  }
  if (first == 0x3d) return erlang(start, end)
  if (first == 0x22) return starts(start, end, '"}') ? shape.PHP_END : shape.OTHER
  if (first == 0x3c) return is(start, end, '<asynchronous suspension>') ? shape.ASYNC : shape.OTHER
  if (first == CARET_SIGN) return isCaret(start, end) ? shape.CARET : shape.OTHER
  if (first == POINT) return elided(start, end)
  if (first == SLASH) return isPlace(start, end) ? shape.NODE_PATH : ruby(start, end)
  return shape.OTHER
}

function indented(start: usize, end: usize): u32 {
  let at = start
  while (at < end && (isBlank(load<u8>(at)) || load<u8>(at) == RETURN)) at += 1
  if (at == end) return shape.BLANK
  if (load<u8>(start) == RETURN) return shape.OTHER
  at = afterBlanks(start, end)
  const first: u32 = load<u8>(at)
  if (first == 0x61 && starts(at, end, 'at ')) return frame(at + 3, end)
  if (first == 0x65 && starts(at, end, 'eval at ')) return frame(at + 8, end)
  if (first == POINT) return starts(at, end, '... ') && isDigit(byteAt(at + 4, end)) ? shape.MORE : shape.INDENTED
  if (isCapital(first)) {
    if (starts(at, end, 'File "')) return shape.PY_FILE
    if (isCause(at, end)) return shape.CAUSE
    return placed(start, at, end)
  }
  if (first == 0x2d) return starts(at, end, '--- End of ') || starts(at, end, '---> ') ? shape.NET : shape.INDENTED
  if ((first == BAR || first == 0x2b) && load<u8>(start) == SPACE) return pyGroup(at, end, first)
  if (first == CARET_SIGN || first == TILDE) return isCaret(at, end) ? shape.CARET : shape.INDENTED
  if (isDigit(first)) {
    const digitsEnd = afterDigits(at, end)
    if (starts(digitsEnd, end, ': ') && load<u8>(start) == SPACE) return shape.RUST_FRAME
  }
  if (starts(at, end, 'thrown in ')) return shape.THROWN
  return placed(start, at, end)
}

/** `  |` and a space or its end, `  +-`. */
function pyGroup(at: usize, end: usize, first: u32): u32 {
  if (first == BAR) return at + 1 == end || byteAt(at + 1, end) == SPACE ? shape.PY_GROUP : shape.INDENTED
  if (is(at, end, '+ Exception Group Traceback (most recent call last):')) return shape.PY_GROUP_HEAD
  return byteAt(at + 1, end) == 0x2d ? shape.PY_GROUP : shape.INDENTED
}

/** A frame behind `at `: it ends in a closing bracket, a digit, or one of them and ` {`. */
function frame(at: usize, end: usize): u32 {
  if (at >= end || isBlank(load<u8>(at))) return shape.INDENTED
  let has: u32 = shape.AT
  if (end - at > 2 && load<u8>(end - 1) == OPENING_BRACE && load<u8>(end - 2) == SPACE) {
    has = shape.AT_BRACE
    end -= 2
  }
  const last: u32 = load<u8>(end - 1)
  if (last == 0x2d && end - at > 4 && is(end - 4, end, '<---')) return has
  const isEnd = last == CLOSING_PARENTHESIS || last == CLOSING_BRACKET || last == CLOSING_ANGLE || isDigit(last)
  return isEnd ? has : shape.INDENTED
}

/** `from x.rb:1:in `, `\t/x.go:1`. */
function placed(start: usize, at: usize, end: usize): u32 {
  const word = starts(at, end, 'from ') ? at + 5 : at
  const place = afterPlace(word, end)
  if (place == 0) return shape.INDENTED
  if (starts(place, end, ':in ')) return shape.FROM
  const isFile = load<u8>(start) == TAB && at == start + 1 && word == at
  return isFile && (place == end || load<u8>(place) == SPACE) ? shape.GO_FILE : shape.INDENTED
}

function isCaret(at: usize, end: usize): bool {
  let hasCaret = false
  for (; at < end; at += 1) {
    const byte: u32 = load<u8>(at)
    if (byte == CARET_SIGN) hasCaret = true
    else if (byte != TILDE && !isBlank(byte)) return false
  }
  return hasCaret
}

/** `#12 `, and what ends in the arguments of a call or a place in brackets, or is PHP's `{main}`. */
function hash(start: usize, end: usize): u32 {
  const at = afterDigits(start + 1, end)
  if (at == start + 1 || byteAt(at, end) != SPACE) return shape.OTHER
  if (load<u8>(end - 1) != CLOSING_PARENTHESIS && !is(at, end, ' {main}')) return shape.OTHER
  return at == start + 2 && load<u8>(start, 1) == 0x30 ? shape.HASH_FIRST : shape.HASH
}

function endsWithDashes(start: usize, end: usize): bool {
  return end - start >= 16 && is(end - 5, end, '-----')
}

/** `=CRASH REPORT==== ` */
function erlang(start: usize, end: usize): u32 {
  const isReport =
    starts(start, end, '=CRASH REPORT====') ||
    starts(start, end, '=ERROR REPORT====') ||
    starts(start, end, '=SUPERVISOR REPORT====')
  return isReport ? shape.ERLANG : shape.OTHER
}

/** `...additional frames elided...`, `...23 frames elided...` */
function elided(start: usize, end: usize): u32 {
  if (!starts(start, end, '...')) return shape.OTHER
  let at = afterDigits(start + 3, end)
  if (at == start + 3) {
    if (!starts(at, end, 'additional')) return shape.OTHER
    at += 10
  }
  return is(at, end, ' frames elided...') ? shape.GO_ELIDED : shape.OTHER
}

/** What begins with a letter or `_`. */
function worded(start: usize, end: usize, first: u32): u32 {
  const known = keyword(start, end, first)
  return known == shape.OTHER ? named(start, end) : known
}

/** A name and what stands behind it. */
function named(start: usize, end: usize): u32 {
  let at = start
  while (at < end && isOfDotted(load<u8>(at))) at += 1
  const isAlone = at == end || (load<u8>(at) == COLON && at + 1 == end)
  const isMessage = starts(at, end, ': ')
  if (isAlone || isMessage || starts(at, end, ' [') || starts(at, end, ' (')) {
    if (isExceptionName(start, at, isAlone || isMessage)) return shape.HEADER
    if (isMessage) return shape.NAME
    if (isAlone) return shape.WORD
  }
  const has = ruby(start, end)
  return has == shape.OTHER && isCall(start, end) ? shape.GO_FUNC : has
}

/** `x.rb:1:in `, also where it ends in an exception's class. */
function ruby(start: usize, end: usize): u32 {
  const place = afterPlace(start, end)
  if (place == 0 || !starts(place, end, ':in ')) return shape.OTHER
  return load<u8>(end - 1) == CLOSING_PARENTHESIS ? shape.RB_HEAD : shape.RB_FRAME
}

/** Letters, digits, `_`, `.` and `$`. */
function isOfDotted(byte: u32): bool {
  return isOfWord(byte) || byte == POINT || byte == 0x24
}

/** It ends in `)`, and has nothing but a function's name before the first `(`. */
function isCall(start: usize, end: usize): bool {
  if (load<u8>(end - 1) != CLOSING_PARENTHESIS) return false
  for (let at = start; at < end; at += 1) {
    const byte: u32 = load<u8>(at)
    if (byte == OPENING_PARENTHESIS) return true
    if (!isOfName(byte) && !isOfFunction(byte)) return false
  }
  return false
}

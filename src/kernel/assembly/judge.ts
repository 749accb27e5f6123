import * as layout from '../layout'
import { endOfLine } from './end-of-line'
import { mayTell } from './first-word'
import { isTrace } from './groups'
import { findLevelInJson, isJsonObject } from './json'
import { HEAD_BYTES, levelInText } from './level'
import { isDecided, levelInJson } from './level-in-json'
import { foundEnd, foundStart } from './level-words'
import { addFlags, flagsOf, rowAt, SETTINGS, setting } from './row'
import { unescape } from './unescape'

// Hot file: runs over each record while levels or JSON are looked for. Guarded by test/bench.

const OPENING_BRACE: u32 = 0x7b
/** What is not whole, or no line of the container's, has no level and is delivered whatever it says. */
const UNJUDGED: u32 = layout.PARTIAL | layout.MALFORMED | layout.LOST | layout.DROPPED
/** Of a stack trace whose first line has none. */
const ERROR: u32 = 5
/** More content of a JSON string than makes a head. */
const ESCAPED_HEAD_BYTES: usize = HEAD_BYTES * 8

/**
 * A stage: finds the levels of rows, drops those below the least one, and marks bodies that stand as the JSON objects that they are. Returns the end of
 * those that are done: 64 rows at the most, and fewer where the room ends in which bodies of docker's records are decoded.
 */
export function judge(from: u32, to: u32): u32 {
  const least = setting(layout.LEAST_LEVEL)
  const takesJson = setting(layout.TAKES_JSON) != 0
  const findsLevel = setting(layout.FINDS_LEVEL) != 0
  to = min(to, from + 64)
  for (let rest = rowsToJudge(from, to); rest != 0; rest &= rest - 1) {
    const index = from + <u32>ctz(rest)
    const row = rowAt(index)
    const flags = flagsOf(row)
    let start: usize = load<u32>(row, layout.ROW_BODY)
    let end = start + load<u32>(row, layout.ROW_BODY_BYTES)
    const isTraced = (flags & layout.NO_LINE) != 0 && isTrace(row, flags)
    if (isTraced) {
      // Its first line tells the level.
      const lineEnd = endOfLine(start, end)
      if (lineEnd != 0) end = lineEnd
    } else if (start == end) continue
    if ((flags & layout.ESCAPED) != 0) {
      if (!decode(start, end, takesJson)) return index
      start = setting(layout.STAGE_NEXT)
      end = decodedEnd
      if (start == end) continue
    }
    const isBraced = load<u8>(start) == OPENING_BRACE
    const isJson = isBraced && takesJson && isJsonObject(start, end)
    // Of what was decoded it is known.
    if (isBraced && !takesJson && (flags & layout.ESCAPED) == 0) findLevelInJson(start, end)
    let level = isBraced ? levelInJson : !isTraced || mayTell(start) != 0 ? levelInText(start, end) : 0
    const isKnown = level != 0
    if (isTraced && !isKnown) level = ERROR
    if (level != 0) {
      if (level < least) {
        addFlags(row, layout.DROPPED | layout.ODD)
        continue
      }
      if (findsLevel) {
        v128.store(row, v128.load(foundStart), layout.ROW_WORD)
        store<u8>(row, <u8>level, layout.ROW_LEVEL)
        store<u8>(row, isKnown ? <u8>(foundEnd - foundStart) : 0, layout.ROW_WORD_BYTES)
      }
    }
    if (isJson) takeJson(row, flags, start, end)
  }
  return to
}

/** One bit for each of up to 64 rows whose text may tell a level, and for stack traces, which have one in any case. */
function rowsToJudge(from: u32, to: u32): u64 {
  let found: u64 = 0
  let allFlags: u32 = 0
  let bit: u64 = 1
  const last = rowAt(to)
  for (let row = rowAt(from); row < last; row += layout.ROW_SIZE) {
    allFlags |= flagsOf(row)
    found |= select<u64>(bit, 0, mayTell(load<u32>(row, layout.ROW_BODY)) != 0)
    bit <<= 1
  }
  return (allFlags & (layout.NO_LINE | UNJUDGED)) == 0 ? found : byFlags(from, to, found)
}

/** The same where some of the rows are no whole lines. */
function byFlags(from: u32, to: u32, found: u64): u64 {
  for (let index = from; index < to; index += 1) {
    const row = rowAt(index)
    const flags = flagsOf(row)
    const bit = (<u64>1) << (index - from)
    if ((flags & UNJUDGED) != 0) found &= ~bit
    else if (isTrace(row, flags)) found |= bit
  }
  return found
}

/** Where the decoded body ends that begins at STAGE_NEXT. */
let decodedEnd: usize = 0

/**
 * Decodes as much of the content [start, end) of a JSON string as its level may be in: all of it only if that is an object that is to stand as such, or has
 * not told its level so far. Returns false when there is no room.
 */
export function decode(start: usize, end: usize, takesJson: bool): bool {
  const out: usize = setting(layout.STAGE_NEXT)
  const room: usize = setting(layout.STAGE_END) - min<u32>(setting(layout.STAGE_END), <u32>out)
  const headEnd = min(end, start + ESCAPED_HEAD_BYTES)
  if (headEnd - start > room) return false
  decodedEnd = unescape(start, headEnd, out)
  if (decodedEnd == out || load<u8>(out) != OPENING_BRACE) return true
  if (!takesJson) {
    findLevelInJson(out, decodedEnd)
    if (isDecided || headEnd == end) return true
  }
  if (end - start > room) return false
  decodedEnd = unescape(start, end, out)
  if (!takesJson) findLevelInJson(out, decodedEnd)
  return true
}

/** Makes the body stand as the JSON object that it is, unless it is too long. */
export function takeJson(row: usize, flags: u32, start: usize, end: usize): void {
  if (end - start > setting(layout.MAXIMUM_BODY)) return
  // A docker record's text may have newlines between its tokens, and an entry is one line.
  if ((flags & (layout.ESCAPED | layout.COMPLETES | layout.ODD)) != 0 && endOfLine(start, end) != 0) return
  if ((flags & layout.ESCAPED) != 0) {
    store<u32>(row, <u32>start, layout.ROW_BODY)
    store<u32>(row, <u32>(end - start), layout.ROW_BODY_BYTES)
    store<u32>(SETTINGS, <u32>((end + 79) & ~15), layout.STAGE_NEXT)
  }
  store<u16>(row, <u16>((flags & ~(layout.ESCAPED | layout.LONG)) | layout.JSON_FORM), layout.ROW_FLAGS)
}

import * as layout from '../layout'
import { endOfLine } from './end-of-line'
import { isJsonObject } from './json'
import { HEAD_BYTES, levelInJson, levelInText } from './level'
import { addFlags, flagsOf, rowAt, SETTINGS, setting } from './row'
import { unescape } from './unescape'

// Hot file while lines are judged. Guarded by test/bench.

const OPENING_BRACE: u32 = 0x7b
const BACKSLASH: u32 = 0x5c
/** What is not whole, or no line of the container's, is delivered whatever it says. */
const UNJUDGED: u32 = layout.PARTIAL | layout.MALFORMED | layout.LOST | layout.DROPPED
/** More content of a JSON string than makes a head. */
const ESCAPED_HEAD_BYTES: usize = HEAD_BYTES * 8

/**
 * A stage: finds the levels of rows, drops those below the least one, and marks bodies that stand as the JSON objects that they are. Returns the end of
 * those that are done; bodies of docker's records are decoded, for which the room may end.
 */
export function judge(from: u32, to: u32): u32 {
  const least = setting(layout.LEAST_LEVEL)
  const takesJson = setting(layout.TAKES_JSON) != 0
  let scratch: usize = setting(layout.STAGE_NEXT)
  for (let index = from; index < to; index += 1) {
    const row = rowAt(index)
    let flags = flagsOf(row)
    if ((flags & UNJUDGED) != 0) continue
    let start: usize = load<u32>(row, layout.ROW_BODY)
    let end = start + load<u32>(row, layout.ROW_BODY_BYTES)
    if ((flags & layout.ESCAPED) != 0 && start < end) {
      const first: u32 = load<u8>(start)
      const mayBeJson = first == OPENING_BRACE || first == BACKSLASH
      if (!mayBeJson) end = min(end, start + ESCAPED_HEAD_BYTES)
      if (end - start > <usize>setting(layout.STAGE_END) - min<usize>(scratch, setting(layout.STAGE_END))) return index
      end = unescape(start, end, scratch)
      start = scratch
    }
    const isBraced = start < end && load<u8>(start) == OPENING_BRACE
    const isJson = isBraced && isJsonObject(start, end)
    // What is nearly JSON says nothing: words in its strings are no level.
    if (least != 0 && isJson == isBraced) {
      const level = isJson ? levelInJson() : levelInText(start, end)
      store<u8>(row, <u8>level, layout.ROW_LEVEL)
      if (level != 0 && level < least) {
        addFlags(row, layout.DROPPED | layout.ODD)
        continue
      }
    }
    if (!takesJson || !isJson || end - start > setting(layout.MAXIMUM_BODY)) continue
    // A docker record's text may have newlines between its tokens, and an entry is one line.
    if ((flags & (layout.ESCAPED | layout.COMPLETES | layout.ODD)) != 0 && endOfLine(start, end) != 0) continue
    if ((flags & layout.ESCAPED) != 0) {
      store<u32>(row, <u32>start, layout.ROW_BODY)
      store<u32>(row, <u32>(end - start), layout.ROW_BODY_BYTES)
      scratch = (end + 79) & ~15
      store<u32>(SETTINGS, <u32>scratch, layout.STAGE_NEXT)
    }
    store<u16>(row, <u16>((flags & ~(layout.ESCAPED | layout.LONG)) | layout.JSON_FORM), layout.ROW_FLAGS)
  }
  return to
}

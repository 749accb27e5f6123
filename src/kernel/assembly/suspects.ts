import * as layout from '../layout'
import { endOfLine } from './end-of-line'
import { isKeyLine, mayBeKeyLine } from './key-lines'
import { markPairs, SUSPECTS } from './mark-pairs'
import { count1, flagsOf, ROWS, RUN, rowAt, setting } from './row'

// Hot file: runs over each record while something is to be redacted. Guarded by test/bench.

/** Neither is looked at: it is not rendered, or is Loggy's own. */
const UNSEEN: u32 = layout.DROPPED | layout.LOST
/** The most bytes that a mark puts in place of one, and what else a row needs: names of rules. */
const GROWTH: u32 = 64
const NAMES_BYTES: u32 = 2048

let isDirty = false
/** Whether one of the rows may have something to redact. */
export let areSuspects = false

/**
 * A stage: notes for each row what it may have that is to be redacted. Returns the end of those that are done: TypeScript has room for what it puts in
 * their place.
 */
export function markSuspects(from: u32, to: u32): u32 {
  const looks = setting(layout.LOOKS)
  areSuspects = false
  if (looks != 0) {
    markPairs(from, to, looks & layout.LOOK_ALL)
    return markRest(from, to, looks)
  }
  if (isDirty) memory.fill(SUSPECTS, 0, 512)
  isDirty = false
  return to
}

/** Notes what else the rows may have, and how many of them TypeScript has room for. */
function markRest(from: u32, to: u32, looks: u32): u32 {
  let room = setting(layout.REDACT_BYTES)
  const most = setting(layout.MAXIMUM_BODY)
  for (let index = from; index < to; index += 1) {
    const row = rowAt(index)
    const flags = flagsOf(row)
    const bytes = load<u32>(row, layout.ROW_BODY_BYTES)
    const at = SUSPECTS + (index << 2)
    let found = load<u32>(at)
    if (
      (flags & layout.ODD) != 0 ||
      (looks & layout.LOOK_PATTERNS) != 0 ||
      mayBeKeyLine(load<u32>(row, layout.ROW_BODY), bytes)
    ) {
      found = (flags & UNSEEN) != 0 ? 0 : found | restOf(row, flags, looks)
      store<u32>(at, found)
    }
    if (found == 0) continue
    const needed = (bytes < most / GROWTH ? bytes * GROWTH : most) + NAMES_BYTES
    if (areSuspects && needed > room) return index
    room -= min(needed, room)
    areSuspects = true
    isDirty = true
  }
  return to
}

function restOf(row: usize, flags: u32, looks: u32): u32 {
  const start: usize = load<u32>(row, layout.ROW_BODY)
  const bytes = load<u32>(row, layout.ROW_BODY_BYTES)
  const end = start + bytes
  let found: u32 = 0
  if ((flags & layout.PARTIAL) != 0) found = layout.LOOK_CUT
  else if ((flags & (layout.LONG | layout.ESCAPED)) == layout.LONG && load<u32>(row, layout.ROW_TRUE_BYTES) > bytes)
    found = layout.LOOK_CUT
  if ((looks & layout.LOOK_TOKENS) != 0) {
    const isKey = (flags & layout.NO_LINE) != 0 ? hasKeyLine(start, end) : isKeyLine(start, end)
    if (isKey) found |= layout.LOOK_TOKENS
  }
  if ((looks & layout.LOOK_ALWAYS) != 0) found |= layout.LOOK_PATTERNS
  else if ((looks & layout.LOOK_PATTERNS) != 0 && hasLiteral(start, end)) found |= layout.LOOK_PATTERNS
  return found
}

function hasKeyLine(start: usize, end: usize): bool {
  while (start < end) {
    const lineEnd = endOfLine(start, end)
    if (isKeyLine(start, lineEnd == 0 ? end : lineEnd)) return true
    if (lineEnd == 0) return false
    start = lineEnd + 1
  }
  return false
}

/** Whether one of the patterns' texts stands there. Reads up to 48 bytes past `end`. */
function hasLiteral(start: usize, end: usize): bool {
  let span: usize = setting(layout.LITERALS)
  for (let left = setting(layout.LITERAL_COUNT); left > 0; left -= 1) {
    if (contains(start, end, load<u32>(span, layout.SPAN_START), load<u32>(span, layout.SPAN_END))) return true
    span += layout.SPAN_SIZE
  }
  return false
}

function contains(start: usize, end: usize, text: usize, textEnd: usize): bool {
  const bytes = textEnd - text
  const first = i8x16.splat(load<i8>(text))
  const last = i8x16.splat(load<i8>(textEnd - 1))
  for (let at = start; at + bytes <= end; at += 16) {
    const firsts = i8x16.eq(v128.load(at), first)
    let places = <u32>i8x16.bitmask(v128.and(firsts, i8x16.eq(v128.load(at + bytes - 1), last)))
    for (; places != 0; places &= places - 1) {
      const place = at + ctz(places)
      if (place + bytes > end) break
      if (memory.compare(place, text, bytes) == 0) return true
    }
  }
  return false
}

/** The address of what is known of the row's redaction, or 0. */
export function redactionOf(row: usize): usize {
  return load<u32>(SUSPECTS + ((<u32>(row - ROWS) / layout.ROW_SIZE) << 2))
}

/** Counts the rules that have redacted something in the row, which is done. */
export function countRedacted(row: usize): void {
  const at = redactionOf(row)
  if (at == 0) return
  const rules = load<u32>(at, layout.REDACTION_RULES)
  store<u32>(RUN, load<u32>(RUN, layout.RUN_REDACTED) | rules, layout.RUN_REDACTED)
  for (let left = rules; left != 0; left &= left - 1) count1(<usize>(layout.COUNT_REDACTED + (ctz(left) << 2)))
}

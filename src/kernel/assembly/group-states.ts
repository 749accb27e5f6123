import * as layout from '../layout'
import { isBlank } from './bytes'
import {
  BY_INDENT,
  BY_START,
  CONSOLE,
  FIRST_PLAIN,
  follow,
  JSON,
  LEAD,
  LEAD_HEADER,
  MAYBE,
  OVER,
  PEM,
  start,
} from './grammar'
import { beginJson, jsonDepth, setJson, takeJsonLine } from './json-lines'
import { mayLead } from './lead'
import { beginsKey, goesOnWithConsole, stateBehindPem } from './plain-groups'
import { setting } from './row'
import * as shape from './shape'
import { shapeOf } from './shape-of'
import { findText, LINE_BYTES, textEnd, textStart } from './slots'

// What a record may be to those before it: the state behind it.

/** The state behind a record that begins a group, or 0. */
export function stateOfFirst(row: usize): u32 {
  if (load<u32>(row, layout.ROW_BODY_BYTES) > lineBytes()) return 0
  findText(row)
  const joins = setting(layout.JOINS_LINES)
  if (joins != layout.JOINS_KNOWN) {
    if (setting(layout.KEEPS_KEYS) != 0 && beginsKey(textStart, textEnd)) return PEM
    if (joins == layout.JOINS_NONE) return 0
    return joins == layout.JOINS_INDENTED ? byIndent(false) : byStart(row, true)
  }
  const has = shapeOf(textStart, textEnd)
  const state = start(has)
  if (state != 0 || has == shape.BLANK || has == shape.BRACED || textStart == textEnd) return state
  const first: u32 = load<u8>(textStart)
  return first != 0x20 && first != 0x09 && mayLead(textStart, textEnd) ? LEAD : 0
}

/**
 * The state behind the record if it follows in that state, or 0. What may itself have a trace behind it does not follow a log line: it would wait for what
 * it leads, or not, depending on whether that line was looked at. `group`: 0 for one that has only its first line.
 */
export function stateBehind(group: usize, state: u32, row: usize): u32 {
  if (load<u32>(row, layout.ROW_BODY_BYTES) > lineBytes()) return 0
  findText(row)
  if (state < FIRST_PLAIN) {
    const has = shapeOf(textStart, textEnd)
    const next = follow(state, has)
    return next == (LEAD_HEADER | MAYBE) && has != shape.HEADER && has != shape.CAUSE && mayLead(textStart, textEnd)
      ? 0
      : next
  }
  if (state == CONSOLE) return goesOnWithConsole(textStart, textEnd)
  if (state == PEM) return stateBehindPem(textStart, textEnd)
  if (state == BY_INDENT) return byIndent(true)
  if (state == BY_START) return byStart(row, false)
  if (textStart < textEnd && load<u8>(textStart) == 0x7b) return 0
  if (group == 0) beginJson()
  else
    setJson(
      load<u32>(group, layout.GROUP_JSON_NEXT),
      load<u32>(group, layout.GROUP_JSON_DEPTH),
      load<u64>(group, layout.GROUP_JSON_OBJECTS),
    )
  if (!takeJsonLine(textStart, textEnd)) return 0
  return jsonDepth == 0 ? OVER : JSON
}

/** For those who ask why a line is joined or not: its shape, and, from bit 8 on, the state behind it if it is a first one. */
export function tellLine(row: usize): u32 {
  const state = stateOfFirst(row)
  findText(row)
  return shapeOf(textStart, textEnd) | (state << 8)
}

/** The state behind a line that is indented, or is not; JSON is joined to nothing. */
function byIndent(isIndented: bool): u32 {
  if (textStart == textEnd) return 0
  const first: u32 = load<u8>(textStart)
  return isBlank(first) == isIndented && first != 0x7b ? BY_INDENT : 0
}

/** The state behind a line with which a record begins, or does not, as TypeScript told. */
function byStart(row: usize, begins: bool): u32 {
  if (setting(layout.JOINS_LINES) != layout.JOINS_BY_START) return 0
  if (textStart < textEnd && load<u8>(textStart) == 0x7b) return 0
  return (load<u8>(row, layout.ROW_WORD) != 0) == begins ? BY_START : 0
}

function lineBytes(): u32 {
  return min(LINE_BYTES, setting(layout.GROUP_BYTES))
}

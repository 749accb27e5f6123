import * as layout from '../layout'
import { FIRST_PLAIN, MAYBE, OVER } from './grammar'
import { stateBehind, stateOfFirst } from './group-states'
import { beginJson, jsonDepth, jsonNext, jsonObjects } from './json-lines'
import { addFlags, count, count1, flagsOf, RUN, rowAt, setting } from './row'
import { rowsToLookAt } from './rows-to-look-at'
import { append, consume, GROUPS, groupOf, isOpen, isUsed, keep, show, slotOf } from './slots'

// Hot file: runs over each record while lines are joined. Guarded by test/bench.

export { GROUPS }

/** Rows that are no whole lines of their stream, or were delivered. They end what is open, and begin nothing. */
const UNJOINED: u32 =
  layout.PARTIAL | layout.MALFORMED | layout.LOST | layout.REPEATED | layout.DROPPED | layout.NO_LINE | layout.LONG

/**
 * Joins the records of several lines in the window that ends at `to`: a stack trace and the like. Returns its new end. Lines that may have a follower are
 * taken out of the table and kept, and RUN_FROM moves past them; what turns out to be over is put in front of the row that says so. So within a window
 * nothing of this changes but by rendering its rows. What is joined depends on the lines alone, not on where a chunk or a table ends.
 */
export function joinLines(to: u32): u32 {
  const isJoining = (setting(layout.JOINS_LINES) | setting(layout.KEEPS_KEYS)) != 0
  let areOpen = isOpen(groupOf(0)) || isOpen(groupOf(1))
  if (!isJoining && !areOpen) return to
  let from = load<u32>(RUN, layout.RUN_FROM)
  /** Streams whose lines are among the window's rows: for the rows behind they are over. Such rows are the first ones. */
  let ended: u32 = 0
  let base = from
  for (; areOpen && base < to && isShown(rowAt(base)); base += 1) ended |= 1 << (flagsOf(rowAt(base)) & layout.STREAM)
  const looks = isJoining ? rowsToLookAt(base, to) : 0
  for (let index = base; index < to; index += 1) {
    if (!areOpen) {
      const rest = looks >> (index - base)
      if (rest == 0) return to
      index += <u32>ctz(rest)
    }
    const row = rowAt(index)
    const flags = flagsOf(row)
    const stream = flags & layout.STREAM
    if (stream > 1) continue
    const group = groupOf(stream)
    const state = load<u32>(group, layout.GROUP_STATE)
    if (((ended >> stream) & 1) != 0 || !isOpen(group)) {
      if (((looks >> (index - base)) & 1) == 0 || !isWhole(row, flags)) continue
      const begun = stateOfFirst(row)
      if (begun == 0 || !mayGoOn(begun, index + 1, to, stream)) continue
      if (index > from) return index
      beginGroup(group, row, begun)
      areOpen = true
      consume(index, row)
    } else {
      const next = isJoining && state != OVER && isWhole(row, flags) ? stateBehind(group, state, row) : 0
      // A line that may belong to it, while there is no room to keep it.
      const isOver = next == 0 || ((next & MAYBE) != 0 && isFull(group))
      if (index > from) return index
      if (!isOver && !take(group, row, next)) return cut(group, index)
      if (isOver) {
        from = putInFront(group, index)
        store<u32>(RUN, from, layout.RUN_FROM)
        ended |= 1 << stream
        index -= 1 // which may begin something
        continue
      }
      consume(index, row)
    }
    from = index + 1
    if (load<u32>(group, layout.GROUP_STATE) != OVER) continue
    from = putInFront(group, from)
    store<u32>(RUN, from, layout.RUN_FROM)
    ended |= 1 << stream
  }
  return to
}

/** Whether the row shows what was kept. */
function isShown(row: usize): bool {
  const record: usize = load<u32>(row, layout.ROW_RECORD)
  return record - GROUPS < <usize>(layout.GROUP_SIZE * 2)
}

/** A whole line that stands in the input, or the parts of one. */
function isWhole(row: usize, flags: u32): bool {
  return (flags & UNJOINED) == 0 && (load<u32>(row, layout.ROW_RECORD) == 0 || (flags & layout.COMPLETES) != 0)
}

/** Whether the next record of the stream in [index, to) may follow; it may also stand behind the window. */
function mayGoOn(state: u32, index: u32, to: u32, stream: u32): bool {
  for (; index < to; index += 1) {
    const row = rowAt(index)
    const flags = flagsOf(row)
    if ((flags & layout.STREAM) != stream) continue
    return isWhole(row, flags) && stateBehind(0, state, row) != 0
  }
  return true
}

function beginGroup(group: usize, row: usize, state: u32): void {
  store<u32>(group, state, layout.GROUP_STATE)
  store<u32>(group, 0, layout.GROUP_PENDING)
  store<u32>(group, 0, layout.GROUP_FLAGS)
  beginJson()
  keepJson(group)
  keep(group, row)
}

function keepJson(group: usize): void {
  store<u32>(group, jsonNext, layout.GROUP_JSON_NEXT)
  store<u32>(group, jsonDepth, layout.GROUP_JSON_DEPTH)
  store<u64>(group, jsonObjects, layout.GROUP_JSON_OBJECTS)
}

function isFull(group: usize): bool {
  return load<u32>(group, layout.GROUP_PENDING) == layout.SLOT_COUNT - 1
}

/** Adds the record, and if it is sure, all those that waited for it. Returns false where what is joined has no room for them. */
function take(group: usize, row: usize, next: u32): bool {
  if ((next & MAYBE) != 0) keep(group, row)
  else {
    if (load<u32>(group, layout.GROUP_STATE) < FIRST_PLAIN)
      store<u32>(group, load<u32>(group, layout.GROUP_FLAGS) | layout.IS_TRACE, layout.GROUP_FLAGS)
    const pending = load<u32>(group, layout.GROUP_PENDING)
    for (let index: u32 = 1; index <= pending; index += 1) {
      const slot = slotOf(group, index)
      if (!isUsed(slot)) continue
      if (!append(group, slot, true)) return false
      store<u32>(slot, 0, layout.ROW_TIME)
    }
    store<u32>(group, 0, layout.GROUP_PENDING)
    if (!append(group, row, false)) return false
    keepJson(group)
    store<u32>(group, load<u32>(group, layout.GROUP_FLAGS) & ~layout.GOES_ON, layout.GROUP_FLAGS)
  }
  store<u32>(group, next & ~MAYBE, layout.GROUP_STATE)
  return true
}

/** What is joined so far goes out, and the rest will be a record of its own. Returns the end of the window, which is that row. */
function cut(group: usize, index: u32): u32 {
  store<u32>(group, load<u32>(group, layout.GROUP_FLAGS) | layout.IS_REST | layout.GOES_ON, layout.GROUP_FLAGS)
  putSlot(group, slotOf(group, 0), index - 1)
  store<u32>(RUN, index - 1, layout.RUN_FROM)
  return index
}

/** Puts rows of all that is kept in front of the row. Returns the first one's index. */
function putInFront(group: usize, index: u32): u32 {
  end(group)
  for (let place = load<u32>(group, layout.GROUP_PENDING) + 1; place > 0; ) {
    place -= 1
    const slot = slotOf(group, place)
    if (!isUsed(slot)) continue
    index -= 1
    putSlot(group, slot, index)
  }
  return index
}

function end(group: usize): void {
  store<u32>(group, OVER, layout.GROUP_STATE)
  store<u32>(group, load<u32>(group, layout.GROUP_FLAGS) & ~layout.GOES_ON, layout.GROUP_FLAGS)
}

function putSlot(group: usize, slot: usize, index: u32): void {
  const row = rowAt(index)
  show(slot, row, load<u32>(RUN, layout.RUN_AT))
  const isJoined = load<u32>(slot, layout.SLOT_RECORD + layout.RECORD_LINES) != 0
  if (!isJoined || (load<u32>(group, layout.GROUP_FLAGS) & layout.IS_REST) == 0) return
  addFlags(row, layout.TRUNCATED)
  store<u32>(row, load<u32>(row, layout.ROW_BODY_BYTES), layout.ROW_TRUE_BYTES)
}

/** Adds rows for all that is kept of the stream, from that index on. Returns their number. `position`: the rows' address in the input. */
export function flushGroup(stream: u32, index: u32): u32 {
  const group = groupOf(stream)
  if (!isOpen(group)) return 0
  end(group)
  const first = index
  for (let place: u32 = 0; place <= load<u32>(group, layout.GROUP_PENDING); place += 1) {
    const slot = slotOf(group, place)
    if (isUsed(slot)) putSlot(group, slot, index++)
  }
  return index - first
}

/** Call when a row that is no line is done. If it shows what was kept, that is over: returns true. */
export function closeSlot(row: usize, flags: u32): bool {
  if (!isShown(row)) return false
  const record: usize = load<u32>(row, layout.ROW_RECORD)
  store<u32>(record - layout.SLOT_RECORD, 0, layout.ROW_TIME)
  const lines = load<u32>(record, layout.RECORD_LINES)
  count(layout.COUNT_LINES, max(lines, 1))
  if (lines == 0) return true
  count(layout.COUNT_JOINED, lines - 1)
  count(layout.COUNT_GROUPED, lines)
  count1(layout.COUNT_GROUPS)
  if ((flags & layout.TRUNCATED) != 0) count1(layout.COUNT_CUT)
  return true
}

/** Whether the row is a stack trace of several lines. */
export function isTrace(row: usize, flags: u32): bool {
  if ((flags & layout.NO_LINE) == 0 || !isShown(row)) return false
  if (load<u32>(load<u32>(row, layout.ROW_RECORD), layout.RECORD_LINES) == 0) return false
  return (load<u32>(groupOf(flags & layout.STREAM), layout.GROUP_FLAGS) & layout.IS_TRACE) != 0
}

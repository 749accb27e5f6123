import * as layout from '../layout'
import { copy } from './copy'
import { HELD, release } from './held'
import { addFlags, copyRecord, copyRow, flagsOf, RUN, setting, sourceBytesOf } from './row'
import { unescape } from './unescape'

// Lines that wait for their followers: where they are kept. See layout.ts, GROUPS.

/** Bytes of a line that may wait, or follow. */
export const LINE_BYTES: u32 = 16 * 1024
export const MOST_LINES: u32 = 1000
const NEWLINE: u8 = 0x0a
/** Bytes of a time that are copied. */
const TIME_BYTES: usize = 40

export const GROUPS: usize = memory.data(1824, 16)

export function groupOf(stream: u32): usize {
  return GROUPS + stream * layout.GROUP_SIZE
}

export function slotOf(group: usize, index: u32): usize {
  return group + layout.GROUP_SLOTS + index * layout.SLOT_SIZE
}

export function isUsed(slot: usize): bool {
  return load<u32>(slot, layout.ROW_TIME) != 0
}

export function isOpen(group: usize): bool {
  if ((load<u32>(group, layout.GROUP_FLAGS) & layout.GOES_ON) != 0) return true
  for (let index: u32 = 0; index <= load<u32>(group, layout.GROUP_PENDING); index += 1)
    if (isUsed(slotOf(group, index))) return true
  return false
}

/** A line's bytes as the container wrote them: decoded, if they are docker's. */
export let textStart: usize = 0
export let textEnd: usize = 0

export function findText(row: usize): void {
  textStart = load<u32>(row, layout.ROW_BODY)
  textEnd = textStart + load<u32>(row, layout.ROW_BODY_BYTES)
  if ((flagsOf(row) & layout.ESCAPED) == 0) return
  const decoded: usize = setting(layout.RENDER_START)
  textEnd = unescape(textStart, textEnd, decoded)
  textStart = decoded
}

/** Puts the row's record into the slot, without its body. */
function begin(slot: usize, row: usize): void {
  const body = load<u32>(slot, layout.ROW_BODY)
  const time = slot + layout.SLOT_TIME
  const rowTime: usize = load<u32>(row, layout.ROW_TIME)
  memory.copy(time, rowTime, TIME_BYTES)
  copyRow(row, slot)
  store<u32>(slot, <u32>time, layout.ROW_TIME)
  store<u32>(slot, body, layout.ROW_BODY)
  store<u8>(slot, 0, layout.ROW_LEVEL)
  const flags = flagsOf(row) & (layout.STREAM | layout.ESCAPED)
  store<u16>(slot, <u16>(flags | layout.ODD | layout.NO_LINE), layout.ROW_FLAGS)
  const record = slot + layout.SLOT_RECORD
  copyRecord(row, record)
  store<u32>(record, 0, layout.RECORD_LINES)
  store<u32>(slot, <u32>record, layout.ROW_RECORD)
  store<u32>(slot, 0, layout.SLOT_FIRST)
  store<u32>(slot, 0, layout.SLOT_WAS)
}

/** Notes where the line of the row begins: in this chunk, or as the unfinished line of its stream. */
function notePlace(slot: usize, row: usize): void {
  let first = load<u32>(row, layout.ROW_START)
  let was: u32 = 0
  if ((flagsOf(row) & layout.COMPLETES) != 0) {
    const held = HELD + (flagsOf(row) & layout.STREAM) * layout.HELD_SIZE
    if (load<u32>(held, layout.HELD_FIRST) != 0) first = load<u32>(held, layout.HELD_FIRST)
    if (load<u32>(held, layout.HELD_IS_NEW) == 0) was = layout.WAS_HELD
  }
  merge(slot, first, was)
}

function merge(slot: usize, first: u32, was: u32): void {
  if (load<u32>(slot, layout.SLOT_FIRST) == 0) store<u32>(slot, first, layout.SLOT_FIRST)
  store<u32>(slot, load<u32>(slot, layout.SLOT_WAS) | was, layout.SLOT_WAS)
}

/** Keeps the row as it is, in the next slot. */
export function keep(group: usize, row: usize): void {
  const index = load<u32>(group, layout.GROUP_PENDING) + 1
  store<u32>(group, index, layout.GROUP_PENDING)
  const slot = slotOf(group, index)
  begin(slot, row)
  notePlace(slot, row)
  const body: usize = load<u32>(row, layout.ROW_BODY)
  copy(body, body + load<u32>(row, layout.ROW_BODY_BYTES), load<u32>(slot, layout.ROW_BODY))
}

/** Whether the text of `findText` has room behind the lines that are joined already. */
function fits(joined: usize): bool {
  if (!isUsed(joined)) return true
  if (load<u32>(joined, layout.SLOT_RECORD + layout.RECORD_LINES) >= MOST_LINES) return false
  return <usize>load<u32>(joined, layout.ROW_BODY_BYTES) + 1 + (textEnd - textStart) <= setting(layout.GROUP_BYTES)
}

/** Appends the row's record to those that are joined. Returns false if there is no room. */
export function append(group: usize, row: usize, isKept: bool): bool {
  const joined = slotOf(group, 0)
  findText(row)
  if (!fits(joined)) return false
  const record = joined + layout.SLOT_RECORD
  if (!isUsed(joined)) {
    begin(joined, row)
    store<u32>(record, 0, layout.RECORD_BYTES)
    store<u32>(joined, 0, layout.ROW_BODY_BYTES)
    store<u16>(joined, <u16>(flagsOf(joined) & ~layout.ESCAPED), layout.ROW_FLAGS)
  }
  if (isKept) merge(joined, load<u32>(row, layout.SLOT_FIRST), load<u32>(row, layout.SLOT_WAS))
  else notePlace(joined, row)
  const start: usize = load<u32>(joined, layout.ROW_BODY)
  let out = start + load<u32>(joined, layout.ROW_BODY_BYTES)
  const lines = load<u32>(record, layout.RECORD_LINES)
  if (lines != 0) store<u8>(out++, NEWLINE)
  out = copy(textStart, textEnd, out)
  store<u32>(joined, <u32>(out - start), layout.ROW_BODY_BYTES)
  store<u32>(record, lines + 1, layout.RECORD_LINES)
  store<u32>(record, load<u32>(record, layout.RECORD_BYTES) + sourceBytesOf(row), layout.RECORD_BYTES)
  return true
}

/** The row's line is kept: it is done. */
export function consume(index: u32, row: usize): void {
  const flags = flagsOf(row)
  if ((flags & layout.COMPLETES) != 0) release(flags)
  addFlags(row, layout.DROPPED)
  store<u32>(RUN, load<u32>(row, layout.ROW_END), layout.RUN_AT)
  store<u32>(RUN, index + 1, layout.RUN_FROM)
}

/** Makes a row of what is in the slot. It does not come from the input: `position` is up to where that is done. */
export function show(slot: usize, row: usize, position: u32): void {
  copyRow(slot, row)
  store<u32>(row, position, layout.ROW_START)
  store<u32>(row, position, layout.ROW_END)
}

import * as layout from '../layout'
import { each, placeOf, placesOf } from './bytes'
import { fill, parseCri, setBody } from './cri'
import { parseDocker } from './docker'
import { NEWLINE } from './end-of-line'
import { addFlags, flagsOf, ROW_LAST, ROWS, rowAt, SETTINGS } from './row'

// Hot file: runs over each line. Guarded by test/bench.

const OPENING_BRACE: u32 = 0x7b
const UNKNOWN_STREAM: u32 = 2
/** So many bytes are looked at for newlines in one go. */
const BLOCK_BYTES: usize = 64

/** Of the last scan; see layout.ts. */
export const SCAN: usize = memory.data(layout.SCAN_SIZE, 16)

/**
 * Fills ROWS with the complete lines of [at, end), until ROWS is full or a line is one for TypeScript. Returns the index behind the last one. `kept`: the
 * number of rows that stand there already.
 */
export function scan(at: usize, end: usize, kept: u32): u32 {
  const last = rowAt(ROW_LAST)
  const first = rowAt(layout.ROW_FIRST + kept)
  let row = rowAt(layout.ROW_FIRST)
  let seen: u32 = 0
  for (; row < first; row += layout.ROW_SIZE) seen |= flagsOf(row)
  let block = at
  const newline = each(NEWLINE)
  let newlines = placesOf(newline, block)
  while (row < last) {
    while (newlines == 0 && (block += BLOCK_BYTES) < end) newlines = placesOf(newline, block)
    const lineEnd = block + <usize>ctz(newlines)
    if (lineEnd >= end || !takeLine(at, lineEnd, lineEnd + 1, row)) break
    newlines &= newlines - 1
    seen |= flagsOf(row)
    at = lineEnd + 1
    row += layout.ROW_SIZE
  }
  store<u32>(SCAN, seen, layout.SCAN_SEEN)
  return <u32>(row - ROWS) / layout.ROW_SIZE
}

/**
 * Fills the row from the line [start, end); the next line begins at `next`. Returns false for a line of no known format that may be a docker record
 * in another layout, or that has NULs.
 * @inline
 */
export function takeLine(start: usize, end: usize, next: usize, row: usize): bool {
  const isBraced = start < end && load<u8>(start) == OPENING_BRACE
  if (!(isBraced ? parseDocker(start, end, row) : parseCri(start, end, row))) {
    if (isBraced || placeOf(0, start, end) != 0) return false
    takeMalformed(start, end, next, row)
    return true
  }
  place(start, next, row)
  return true
}

/** Fills the row with a line of no known format; its body is the whole line. */
export function takeMalformed(start: usize, end: usize, next: usize, row: usize): void {
  const time = SETTINGS + layout.NOW
  fill(row, time, time + load<u32>(SETTINGS, layout.NOW_BYTES), UNKNOWN_STREAM | layout.MALFORMED | layout.ODD)
  setBody(row, start, end)
  place(start, next, row)
}

function place(start: usize, next: usize, row: usize): void {
  store<u32>(row, <u32>start, layout.ROW_START)
  store<u32>(row, <u32>next, layout.ROW_END)
  store<u32>(row, 0, layout.ROW_RECORD)
  const bodyBytes = load<u32>(row, layout.ROW_BODY_BYTES)
  if (bodyBytes <= load<u32>(SETTINGS, layout.MAXIMUM_BODY)) return
  store<u32>(row, bodyBytes, layout.ROW_TRUE_BYTES)
  addFlags(row, layout.LONG | layout.ODD)
}

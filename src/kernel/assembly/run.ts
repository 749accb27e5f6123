import * as layout from '../layout'
import { repair } from './escape'
import { closeSlot, joinLines } from './groups'
import { openWindow, release } from './held'
import { judge } from './judge'
import { PROGRAM, resume, setRedaction, stoppedAt, stoppedDone, stoppedOut, write } from './program'
import { copyRow, count1, flagsOf, ROW_LAST, RUN, rowAt, SETTINGS, setting } from './row'
import { ROWS_BEHIND } from './rows-to-look-at'
import { scan } from './scan'
import { areSuspects, countRedacted, markSuspects, redactionOf } from './suspects'
import { unescape } from './unescape'
import { isUtf8 } from './utf8'

// Hot file: guarded by test/bench.

/** Why a run ended: all rows are done; rows are ready for stages in TypeScript; the output is full; TypeScript has to write a literal. */
const DONE: u32 = 0
const STAGED: u32 = 1
const FULL: u32 = 2
const FOREIGN: u32 = 3
/** TypeScript has to tell which rows begin records. */
const TELLING: u32 = 4

/** A changed copy of a row, to render instead of it. */
const SHOWN: usize = memory.data(layout.ROW_SIZE, 16)

/**
 * Renders rows from RUN_FROM on into [RUN_OUT, limit), window by window: joins partials and lines, runs stages, writes entries. Then scans and renders the lines that
 * follow, while the kernel recognises them. Returns why it ended; RUN has the rest. `pauses`: stop before and after each window, for stages and the tap.
 */
export function run(limit: usize, pauses: bool): u32 {
  while (true) {
    if (load<u32>(RUN, layout.RUN_FROM) == load<u32>(RUN, layout.RUN_TO)) {
      if (load<u32>(RUN, layout.RUN_FROM) == lastToRender() && !scanOn()) return DONE
      const opened = openWindow(lastToRender())
      if (mustTell(opened)) return TELLING
      store<u32>(RUN, 0, layout.RUN_IS_TOLD)
      const joined = joinLines(opened)
      const from = load<u32>(RUN, layout.RUN_FROM)
      let to = markSuspects(from, joined)
      store<u32>(SETTINGS, setting(layout.STAGE_START), layout.STAGE_NEXT)
      if ((setting(layout.LEAST_LEVEL) | setting(layout.TAKES_JSON) | setting(layout.FINDS_LEVEL)) != 0)
        to = judge(from, to)
      store<u32>(RUN, to, layout.RUN_TO)
      if ((pauses || areSuspects) && from < to) return STAGED
    }
    const ended = render(limit)
    if (ended != DONE || pauses) return ended
  }
}

/**
 * The end of the rows that can be rendered now. In a full table some stay behind them, which tell that the last ones have no followers: those would else be
 * looked at closely, in each table, which took a fifth of the time that joining takes.
 */
function lastToRender(): u32 {
  const count = load<u32>(RUN, layout.RUN_COUNT)
  const goesOn = load<u32>(RUN, layout.RUN_INPUT_END) != 0 && setting(layout.JOINS_LINES) == layout.JOINS_KNOWN
  return goesOn && count == ROW_LAST ? max(count - ROWS_BEHIND, load<u32>(RUN, layout.RUN_FROM)) : count
}

/** Scans the lines that follow; the rows that are not rendered yet come first. Returns whether there are any rows. */
function scanOn(): bool {
  const end: usize = load<u32>(RUN, layout.RUN_INPUT_END)
  if (end == 0) return false
  const from = load<u32>(RUN, layout.RUN_FROM)
  const kept = load<u32>(RUN, layout.RUN_COUNT) - from
  let at: usize = load<u32>(RUN, layout.RUN_AT)
  for (let index: u32 = 0; index < kept; index += 1) {
    const row = rowAt(layout.ROW_FIRST + index)
    copyRow(rowAt(from + index), row)
    at = load<u32>(row, layout.ROW_END)
  }
  const count = scan(at, end, kept)
  store<u32>(RUN, count, layout.RUN_COUNT)
  store<u32>(RUN, layout.ROW_FIRST, layout.RUN_FROM)
  store<u32>(RUN, layout.ROW_FIRST, layout.RUN_TO)
  return count != layout.ROW_FIRST
}

function mustTell(to: u32): bool {
  if (setting(layout.JOINS_LINES) != layout.JOINS_BY_START || load<u32>(RUN, layout.RUN_IS_TOLD) != 0) return false
  store<u32>(RUN, to, layout.RUN_TELL_TO)
  return load<u32>(RUN, layout.RUN_FROM) < to
}

/** Renders the rows from RUN_FROM to RUN_TO. */
export function render(limit: usize): u32 {
  let row = rowAt(load<u32>(RUN, layout.RUN_FROM))
  const first = row
  const last = rowAt(load<u32>(RUN, layout.RUN_TO))
  const base: usize = load<u32>(RUN, layout.RUN_BASE)
  const lastEnd: usize = load<u32>(RUN, layout.RUN_LAST_END)
  const decodes = load<u32>(PROGRAM, layout.PROGRAM_DECODES) != 0
  let out: usize = load<u32>(RUN, layout.RUN_OUT)
  let end: usize = load<u32>(RUN, layout.RUN_ENDS)
  let op: usize = load<u32>(RUN, layout.RUN_OP)
  let start: usize = load<u32>(RUN, layout.RUN_START)
  let ended = DONE
  let usual: u32 = 0
  for (; row < last; row += layout.ROW_SIZE) {
    const flags = flagsOf(row)
    if ((flags & layout.DROPPED) != 0) {
      finish(row, flags)
      continue
    }
    const isOdd = (flags & layout.ODD) != 0
    const resumes = op != 0
    if (!resumes) {
      if (end == lastEnd) {
        ended = FULL
        break
      }
      start = out
      op = isOdd ? load<u32>(PROGRAM, layout.PROGRAM_ODD) : load<u32>(PROGRAM + ((flags & 7) << 2))
    }
    if (isOdd) setRedaction(redactionOf(row))
    const shown = isOdd || decodes ? prepare(row, decodes) : row
    const next = resumes
      ? resume(shown, op, load<u32>(RUN, layout.RUN_DONE), out, limit)
      : write(shown, op, 0, out, limit, false)
    if (next == 0) {
      op = stoppedAt
      out = stoppedOut
      ended = load<u32>(op, layout.OP_KIND) == layout.OP_FOREIGN ? FOREIGN : FULL
      break
    }
    out = next
    op = 0
    store<u32>(end, <u32>(out - base))
    end += 4
    if (isOdd) {
      finish(shown, flagsOf(shown))
      countRedacted(row)
    } else usual += 1
  }
  store<u32>(RUN, load<u32>(RUN, layout.COUNT_LINES) + usual, layout.COUNT_LINES)
  const entries = <u32>(end - load<u32>(RUN, layout.RUN_ENDS)) >> 2
  store<u32>(RUN, load<u32>(RUN, layout.COUNT_ENTRIES) + entries, layout.COUNT_ENTRIES)
  store<u32>(RUN, load<u32>(RUN, layout.RUN_FROM) + <u32>(row - first) / layout.ROW_SIZE, layout.RUN_FROM)
  if (row > first) store<u32>(RUN, load<u32>(row - layout.ROW_SIZE, layout.ROW_END), layout.RUN_AT)
  store<u32>(RUN, <u32>out, layout.RUN_OUT)
  store<u32>(RUN, <u32>end, layout.RUN_ENDS)
  store<u32>(RUN, <u32>op, layout.RUN_OP)
  store<u32>(RUN, <u32>start, layout.RUN_START)
  store<u32>(RUN, <u32>stoppedDone, layout.RUN_DONE)
  return ended
}

/** Counts an odd row that is done. */
export function finish(row: usize, flags: u32): void {
  if ((flags & layout.NO_LINE) == 0) count1(layout.COUNT_LINES)
  else if (closeSlot(row, flags)) flags &= ~layout.TRUNCATED
  if ((flags & layout.REPEATED) != 0) count1(layout.COUNT_REPEATED)
  else if ((flags & layout.DROPPED) != 0) count1(layout.COUNT_FILTERED)
  if ((flags & (layout.SAMPLED | layout.DROPPED)) == layout.MALFORMED) count1(layout.COUNT_MALFORMED)
  if ((flags & layout.TRUNCATED) != 0) count1(layout.COUNT_TRUNCATED)
  if ((flags & layout.PARTIAL) != 0 && (flags & (layout.NO_LINE | layout.REPEATED)) != 0)
    count1(layout.COUNT_UNFINISHED)
  if ((flags & layout.COMPLETES) != 0) release(flags)
}

/** Returns the row with its final body: cut if it is too long, and decoded if the program needs that. */
export function prepare(row: usize, decodes: bool): usize {
  copyRow(row, SHOWN)
  if ((flagsOf(row) & layout.LONG) != 0) cut()
  if (decodes) decode()
  return SHOWN
}

function cut(): void {
  const most = setting(layout.MAXIMUM_BODY)
  let body: usize = load<u32>(SHOWN, layout.ROW_BODY)
  let bytes = load<u32>(SHOWN, layout.ROW_BODY_BYTES)
  const flags = flagsOf(SHOWN)
  if ((flags & layout.ESCAPED) != 0) {
    const decoded: usize = setting(layout.RENDER_START)
    const decodedBytes = <u32>(unescape(body, body + bytes, decoded) - decoded)
    // Only the escaped form is too long.
    if (decodedBytes <= most) return
    body = decoded
    bytes = decodedBytes
    store<u32>(SHOWN, bytes, layout.ROW_TRUE_BYTES)
  }
  store<u32>(SHOWN, <u32>body, layout.ROW_BODY)
  store<u32>(SHOWN, wholeCharacters(body, min(bytes, most), bytes), layout.ROW_BODY_BYTES)
  store<u16>(SHOWN, <u16>((flags & ~layout.ESCAPED) | layout.TRUNCATED), layout.ROW_FLAGS)
}

/** The length of the body cut to at most `most` bytes, without a character that does not fit completely. */
function wholeCharacters(body: usize, most: u32, bytes: u32): u32 {
  let length = most
  while (length + 3 > most && length > 0 && length < bytes && (load<u8>(body + length) & 0xc0) == 0x80) length -= 1
  return length
}

/** Decodes the body to valid UTF-8, so that its length is the true one. */
function decode(): void {
  const body: usize = load<u32>(SHOWN, layout.ROW_BODY)
  const end = body + load<u32>(SHOWN, layout.ROW_BODY_BYTES)
  const flags = flagsOf(SHOWN)
  const isEscaped = (flags & layout.ESCAPED) != 0
  if (!isEscaped && isUtf8(body, end)) return
  // A body that `cut` has decoded is valid UTF-8 and does not come here.
  const decoded: usize = setting(layout.RENDER_START)
  const decodedEnd = isEscaped ? unescape(body, end, decoded) : repair(body, end, decoded, false)
  store<u32>(SHOWN, <u32>decoded, layout.ROW_BODY)
  store<u32>(SHOWN, <u32>(decodedEnd - decoded), layout.ROW_BODY_BYTES)
  store<u16>(SHOWN, <u16>(flags & ~layout.ESCAPED), layout.ROW_FLAGS)
}

/** Starts with the rows of complete lines in [at, end); see `scan`. `goesOn`: `run` scans those that follow. */
export function scanRows(at: usize, end: usize, goesOn: bool): void {
  beginRows(at)
  store<u32>(RUN, scan(at, end, 0), layout.RUN_COUNT)
  if (goesOn) store<u32>(RUN, <u32>end, layout.RUN_INPUT_END)
}

/** Starts with new rows. `at`: the address in the input where they begin. */
export function beginRows(at: usize): void {
  store<u32>(RUN, layout.ROW_FIRST, layout.RUN_FROM)
  store<u32>(RUN, layout.ROW_FIRST, layout.RUN_TO)
  store<u32>(RUN, <u32>at, layout.RUN_AT)
  store<u32>(RUN, 0, layout.RUN_OP)
  store<u32>(RUN, layout.ROW_FIRST, layout.RUN_COUNT)
  store<u32>(RUN, 0, layout.RUN_INPUT_END)
  store<u32>(RUN, 0, layout.RUN_IS_TOLD)
}

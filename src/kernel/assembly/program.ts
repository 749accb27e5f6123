import * as layout from '../layout'
import { copy } from './copy'
import { escape, MAXIMUM_GROWTH } from './escape'
import { fixedBytes, writeNumber } from './number'
import { RECORD_ID_BYTES, writeRecordId } from './record-id'
import { flagsOf, SETTINGS } from './row'
import { unixNanoseconds, writeNanoseconds, writeSeconds } from './time'
import { findTrace, traceBytes, writeTrace } from './trace-context'

// Hot file: runs once per entry. Guarded by test/bench.

/** Bytes that reads and writes may go past an end. Each buffer has so many more. */
export const GUARD: usize = 64

/** The current program, written by TypeScript; see layout.ts. */
export const PROGRAM: usize = memory.data(layout.PROGRAM_SIZE, 16)

/** Where `write` stopped: the address in the output, the operation, and how many bytes of it are done, its literal first. */
export let stoppedOut: usize = 0
export let stoppedAt: usize = 0
export let stoppedDone: usize = 0

/** The REDACTION of the odd row that is being written, or 0: see layout.ts. */
let redaction: usize = 0

export function setRedaction(at: usize): void {
  redaction = at
}

/** Goes on in the middle of an entry as `write` does: `done` bytes of the first operation are done, its literal first. */
export function resume(row: usize, op: usize, done: usize, out: usize, limit: usize): usize {
  return write(row, op, done, out, limit, true)
}

/**
 * Runs the operations from `op` on for the row, writes to `out`, and returns the end. Returns 0 if it stopped inside the entry: at the end of [out, limit), or at a
 * literal that TypeScript has to write. `done`, and whether it `resumes`: see above; an entry's beginning does not look at it.
 * @inline
 */
export function write(row: usize, op: usize, done: usize, out: usize, limit: usize, resumes: bool): usize {
  for (; ; op += layout.OP_SIZE) {
    let start: usize = load<u32>(op, layout.OP_LITERAL)
    let end: usize = load<u32>(op, layout.OP_LITERAL_END)
    if (resumes) {
      const before = min<usize>(done, end - start)
      start += before
      done -= before
    }
    if (limit - out < end - start + GUARD)
      return copyPart(start, end, op, start - load<u32>(op, layout.OP_LITERAL), out, limit)
    out = copy(start, end, out)
    const kind = load<u32>(op, layout.OP_KIND)
    if (kind == layout.OP_END) return out
    if (kind == layout.OP_IF) {
      if (!isMet(row, op)) op = load<u32>(op, layout.OP_NEXT) - layout.OP_SIZE
      continue
    }
    if (kind == layout.OP_TIME) {
      start = load<u32>(row, layout.ROW_TIME)
      end = start + load<u8>(row, layout.ROW_TIME_BYTES)
    } else if (kind == layout.OP_LEVEL) {
      const literal = levelLiteral(row, op)
      start = load<u32>(literal, layout.SPAN_START)
      end = load<u32>(literal, layout.SPAN_END)
      if (start == end) continue
    } else if (kind == layout.OP_BODY_STRING || kind == layout.OP_BODY) {
      start = load<u32>(row, layout.ROW_BODY)
      end = start + load<u32>(row, layout.ROW_BODY_BYTES)
      if (kind == layout.OP_BODY_STRING && (flagsOf(row) & layout.ESCAPED) == 0) {
        if (!resumes && limit - out >= (end - start) * MAXIMUM_GROWTH + GUARD) {
          out = escape(start, end, out)
          continue
        }
        out = escapePieces(start, start + done, end, out, limit)
        if (piecesDone != end - start) return stop(op, literalBytesOf(op) + piecesDone, out)
        if (resumes) done = 0
        continue
      }
    } else {
      if (kind == layout.OP_FOREIGN) return stop(op, literalBytesOf(op), out)
      start = findSpan(row, op)
      end = spanEnd
    }
    if (resumes) start += done
    if (limit - out < end - start + GUARD) return copyPart(start, end, op, literalBytesOf(op) + done, out, limit)
    out = copy(start, end, out)
    if (resumes) done = 0
  }
  return out // which the compiler wants to see
}

function literalBytesOf(op: usize): usize {
  return load<u32>(op, layout.OP_LITERAL_END) - load<u32>(op, layout.OP_LITERAL)
}

/** Whether the row meets the condition. */
function isMet(row: usize, op: usize): bool {
  const mask = load<u32>(op, layout.OP_FORM)
  const value = load<u32>(op, layout.OP_VALUE)
  if (mask == 0) return value == 0 ? linesOf(row) != 0 : redaction != 0
  return (flagsOf(row) & mask) == value
}

/** How many lines were joined; 0 for a single one. */
function linesOf(row: usize): u32 {
  const record: usize = load<u32>(row, layout.ROW_RECORD)
  return record == 0 ? 0 : load<u32>(record, layout.RECORD_LINES)
}

/** Copies as much as there is room for, and stops. `done`: bytes of the operation that were done before. */
export function copyPart(start: usize, end: usize, op: usize, done: usize, out: usize, limit: usize): usize {
  if (limit - out <= GUARD) return stop(op, done, out)
  const part = min(limit - out - GUARD, end - start)
  return stop(op, done + part, copy(start, start + part, out))
}

function stop(op: usize, done: usize, out: usize): usize {
  stoppedAt = op
  stoppedDone = done
  stoppedOut = out
  return 0
}

/** Bytes of the text that are escaped, set by `escapePieces`. */
let piecesDone: usize = 0

/** Escapes [at, end) of the text that begins at `start`, as far as there is room, without cutting a character. */
export function escapePieces(start: usize, at: usize, end: usize, out: usize, limit: usize): usize {
  while (at < end && limit - out > GUARD * 2) {
    const most = (limit - out - GUARD) / MAXIMUM_GROWTH
    const pieceEnd = most < end - at ? characterStart(at + most) : end
    out = escape(at, pieceEnd, out)
    at = pieceEnd
  }
  piecesDone = at - start
  return out
}

/** `at` or up to three less, so that no character is cut. Invalid bytes are replaced in the same way then. */
function characterStart(at: usize): usize {
  for (let start = at; start >= at - 3; start -= 1) if ((load<u8>(start) & 0xc0) != 0x80) return start
  return at // four continuations in a row: the last one belongs to nothing
}

/** Memory for ids and numbers. */
const SMALL: usize = memory.data(128, 16)

let spanEnd: usize = 0

/** The start of the bytes that a rarely used operation writes; `spanEnd` is their end. */
export function findSpan(row: usize, op: usize): usize {
  const form = load<u32>(op, layout.OP_FORM)
  const record: usize = load<u32>(row, layout.ROW_RECORD)
  let start = SMALL
  switch (load<u32>(op, layout.OP_KIND)) {
    case layout.OP_TIME_NUMBER: {
      const time: usize = load<u32>(row, layout.ROW_TIME)
      const timeEnd = time + load<u8>(row, layout.ROW_TIME_BYTES)
      const unit = load<u32>(op, layout.OP_VALUE)
      if (form == layout.AS_SECONDS) spanEnd = writeSeconds(time, timeEnd, SMALL)
      else
        spanEnd =
          form == layout.AS_DECIMAL && unit == 1
            ? writeNanoseconds(time, timeEnd, SMALL)
            : writeNumber(unixNanoseconds(time, timeEnd) / unit, form, SMALL)
      break
    }
    case layout.OP_NOW_NUMBER: {
      const nanoseconds = load<u64>(SETTINGS, layout.NOW_MILLISECONDS) * 1000000
      spanEnd = writeNumber(nanoseconds / load<u32>(op, layout.OP_VALUE), form, SMALL)
      break
    }
    case layout.OP_RECORD_ID:
      spanEnd = writeRecordId(row, SMALL)
      break
    case layout.OP_TRUE_BYTES:
      spanEnd = writeNumber(load<u32>(row, layout.ROW_TRUE_BYTES), form, SMALL)
      break
    case layout.OP_LINES:
      spanEnd = writeNumber(linesOf(row), form, SMALL)
      break
    case layout.OP_PREFIX: {
      const bytes = measure(row, op + layout.OP_SIZE, load<u32>(op, layout.OP_NEXT))
      spanEnd = writeNumber(bytes, form, SMALL)
      break
    }
    case layout.OP_LEVEL: {
      const literal = levelLiteral(row, op)
      start = load<u32>(literal, layout.SPAN_START)
      spanEnd = load<u32>(literal, layout.SPAN_END)
      break
    }
    case layout.OP_LEVEL_WORD:
      start = row + layout.ROW_WORD
      spanEnd = start + (load<u8>(row, layout.ROW_LEVEL) == 0 ? 0 : load<u8>(row, layout.ROW_WORD_BYTES))
      break
    case layout.OP_TRACE:
      spanEnd = writeTrace(op, SMALL)
      break
    case layout.OP_REDACTED:
      start = redaction + layout.REDACTION_NAMES
      spanEnd = start + load<u32>(redaction, layout.REDACTION_LIST_BYTES)
      if (form == 0) break
      start = spanEnd
      spanEnd = start + load<u32>(redaction, layout.REDACTION_TEXT_BYTES)
      break
    case layout.OP_NOTE:
      start = load<u32>(record, layout.RECORD_NOTE)
      spanEnd = start + load<u32>(record, layout.RECORD_NOTE_BYTES)
      if (form == 0) break
      start = spanEnd
      spanEnd = start + load<u32>(record, layout.RECORD_NOTE_STRING_BYTES)
      break
    default: // nothing but its literal
      spanEnd = SMALL
  }
  return start
}

/** The address of the literal for the row's level. */
function levelLiteral(row: usize, op: usize): usize {
  return <usize>load<u32>(op, layout.OP_VALUE) + ((<usize>load<u8>(row, layout.ROW_LEVEL)) << 3)
}

/** Number of bytes that the operations from `op` to `end` write for the row. */
function measure(row: usize, op: usize, end: usize): u32 {
  let bytes: usize = 0
  for (; op < end; op += layout.OP_SIZE) {
    const kind = load<u32>(op, layout.OP_KIND)
    bytes += load<u32>(op, layout.OP_LITERAL_END) - load<u32>(op, layout.OP_LITERAL)
    if (kind == layout.OP_TIME) bytes += load<u8>(row, layout.ROW_TIME_BYTES)
    else if (kind == layout.OP_BODY) bytes += load<u32>(row, layout.ROW_BODY_BYTES)
    else if (kind == layout.OP_FOREIGN) bytes += load<u32>(op, layout.OP_VALUE)
    else if (kind == layout.OP_RECORD_ID) bytes += RECORD_ID_BYTES
    else if (kind == layout.OP_TIME_NUMBER || kind == layout.OP_NOW_NUMBER) bytes += timeBytes(row, op)
    else if (kind == layout.OP_TRACE) {
      findTrace(row)
      bytes += traceBytes(op)
    } else if (kind != layout.OP_IF) bytes -= findSpan(row, op) - spanEnd
    else if (!isMet(row, op)) op = load<u32>(op, layout.OP_NEXT) - layout.OP_SIZE
  }
  return <u32>bytes
}

/** Without the time itself where that is possible: to find it takes longer than all else. */
function timeBytes(row: usize, op: usize): usize {
  const fixed = fixedBytes(load<u32>(op, layout.OP_FORM))
  if (fixed != 0) return fixed
  const start = findSpan(row, op)
  return spanEnd - start
}

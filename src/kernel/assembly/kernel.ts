import { RUN_AT, RUN_ENTRIES, RUN_LINES, RUN_SIZE, RUN_USED } from '../layout'
import { copy } from './copy'
import { parseCri } from './cri'
import { endOfLine } from './end-of-line'
import { escapeRepairing, escapeValid, MAXIMUM_GROWTH, prepareEscapes } from './escape'
import { isJsonObject, MEMBERS, NAME_BYTES, NAMES, VALUES } from './json'
import {
  bodyEnd,
  bodyStart,
  isPartial,
  LINE,
  setSource,
  sourceBytes,
  sourceStart,
  stream,
  timeEnd,
  timeStart,
} from './line'
import { LEFT_OUT, LIST, LIST_LINES, list, VERDICTS } from './list'
import { normalize } from './normalize'
import { CRI, DOCKER, NO_FORMAT, parse } from './parse'
import {
  countAllParts,
  joinParts,
  measureSpan,
  nextOf,
  otherBytes,
  otherCount,
  partBytes,
  partCount,
  spanEnd,
} from './partials'
import { hasRecordIds, RECORD_ID_BYTES, RECORD_IDS, writeRecordId } from './record-id'
import {
  afterBody,
  afterBodyEnd,
  beforeBody,
  beforeBodyEnd,
  beforeId,
  beforeIdEnd,
  beforeTime,
  beforeTimeEnd,
  JSON,
  TEMPLATE,
  TEXT,
} from './template'
import { endOfTime, MAXIMUM_TIME_BYTES } from './time'
import { isUtf8 } from './utf8'

export {
  endOfTime,
  isJsonObject,
  LINE,
  LIST,
  LIST_LINES,
  list,
  MEMBERS,
  NAME_BYTES,
  NAMES,
  parse,
  RECORD_IDS,
  TEMPLATE,
  VALUES,
  VERDICTS,
}

/** The first address that is free. */
export const FREE: usize = __heap_base

prepareEscapes()

/** Bytes that reads and writes may go past the places they are given. Each buffer has so many more. */
export const GUARD: usize = 64

/** What ended a run: all whole lines are done; the next one needs more room; it is odd. */
const DONE: u32 = 0
const FULL: u32 = 1
const ODD: u32 = 2

/** Of the last run: where it stopped in the input and in the output, how many entries it wrote of how many lines. */
export const RUN: usize = memory.data(RUN_SIZE, 16)

/** Writes [start, end) at `out` as the content of a JSON string, invalid UTF-8 replaced, and returns where it ended. */
export function escape(start: usize, end: usize, out: usize): usize {
  return isUtf8(start, end) ? escapeValid(start, end, out) : escapeRepairing(start, end, out)
}

/**
 * Encodes whole lines from [at, end) into [out, limit) until one is odd: of a stream in `oddStreams` (bit 0 stdout, bit 1 stderr), of
 * no known format, with a body longer than `maximumBody`, or a partial whose end is not there, or not without oddities between. Returns
 * what ended it; RUN tells the rest. CRI parts that are joined are moved together where they stand.
 */
export function run(at: usize, end: usize, out: usize, limit: usize, oddStreams: u32, maximumBody: usize): u32 {
  const fixed = fixedBytes()
  let count: u32 = 0
  let lines: u32 = 0
  let ended = DONE
  while (at < end) {
    const lineEnd = endOfLine(at, end)
    if (lineEnd == 0) break
    const format = parse(at, lineEnd)
    ended = ODD
    if (format == NO_FORMAT || ((oddStreams >> stream()) & 1) != 0) break
    if (isPartial() != 0) {
      if (!measureSpan(format, lineEnd, end, oddStreams, maximumBody) || partBytes() > maximumBody) break
      ended = FULL
      if (limit - out < fixed * (otherCount() + 1) + (partBytes() + otherBytes()) * MAXIMUM_GROWTH) break
      ended = DONE
      out = writeSpan(format, out)
      count += otherCount() + 1
      lines += otherCount() + partCount()
      at = spanEnd()
      continue
    }
    const bodyBytes = bodyEnd() - bodyStart()
    if (bodyBytes > maximumBody) break
    ended = FULL
    if (limit - out < fixed + bodyBytes * MAXIMUM_GROWTH) break
    ended = DONE
    out = write(format, out)
    count += 1
    lines += 1
    at = lineEnd + 1
  }
  return endRun(ended, at, out, count, lines)
}

/**
 * Encodes the first `count` lines from `at` on, which were listed, as VERDICTS says, until one has no room before `limit`. Returns
 * whether that ended it; RUN tells the rest.
 */
export function runListed(at: usize, end: usize, out: usize, limit: usize, count: u32): u32 {
  const fixed = fixedBytes()
  let entries: u32 = 0
  let lines: u32 = 0
  let ended = DONE
  for (; lines < count; lines += 1) {
    const lineEnd = endOfLine(at, end)
    const verdict: u32 = load<u8>(VERDICTS + lines)
    if (verdict != LEFT_OUT) {
      parseCri(at, lineEnd)
      setSource(at, lineEnd + 1 - at)
      if (limit - out < fixed + (bodyEnd() - bodyStart()) * MAXIMUM_GROWTH) {
        ended = FULL
        break
      }
      out = verdict == JSON ? writeJson(out) : write(CRI, out)
      entries += 1
    }
    at = lineEnd + 1
  }
  return endRun(ended, at, out, entries, lines)
}

function endRun(ended: u32, at: usize, out: usize, entries: u32, lines: u32): u32 {
  store<u32>(RUN, <u32>at, RUN_AT)
  store<u32>(RUN, <u32>out, RUN_USED)
  store<u32>(RUN, entries, RUN_ENTRIES)
  store<u32>(RUN, lines, RUN_LINES)
  return ended
}

/** The line whose parts the span has comes after those between them, as its end does. */
function writeSpan(format: u32, out: usize): usize {
  const ofParts = stream() // the last part's, which was parsed last
  let next: u32 = 0
  for (let left = otherCount(); left > 0; left -= 1) {
    next = nextOf(ofParts ^ 1, next)
    out = write(format, out)
  }
  if (format == DOCKER) return writeParts(ofParts, out)
  joinParts(ofParts)
  return write(CRI, out)
}

/** Docker's parts need not be joined before they are written: each is a valid text by itself, where CRI's may end within a character. */
function writeParts(ofParts: u32, out: usize): usize {
  let next = nextOf(ofParts, 0)
  countAllParts()
  out = normalize(bodyStart(), bodyEnd(), writeBefore(TEXT, out))
  for (let left = partCount() - 1; left > 0; left -= 1) {
    next = nextOf(ofParts, next)
    out = normalize(bodyStart(), bodyEnd(), out)
  }
  return copy(afterBody(TEXT), afterBodyEnd(TEXT), out)
}

function write(format: u32, out: usize): usize {
  out = writeBefore(TEXT, out)
  out = format == DOCKER ? copy(bodyStart(), bodyEnd(), out) : escape(bodyStart(), bodyEnd(), out)
  return copy(afterBody(TEXT), afterBodyEnd(TEXT), out)
}

function writeJson(out: usize): usize {
  out = writeBefore(JSON, out)
  out = copy(bodyStart(), bodyEnd(), out)
  return copy(afterBody(JSON), afterBodyEnd(JSON), out)
}

function writeBefore(form: u32, out: usize): usize {
  if (hasRecordIds()) {
    out = copy(beforeId(), beforeIdEnd(), out)
    out = writeRecordId(stream(), sourceStart(), sourceBytes(), out)
  }
  out = copy(beforeTime(), beforeTimeEnd(), out)
  out = copy(timeStart(), timeEnd(), out)
  return copy(beforeBody(form, stream()), beforeBodyEnd(form, stream()), out)
}

/** Bytes that an entry has besides its body, at the most, and that writing may go past its end. */
function fixedBytes(): usize {
  const around = max(aroundBody(TEXT, 0), max(aroundBody(TEXT, 1), max(aroundBody(JSON, 0), aroundBody(JSON, 1))))
  const before = beforeTimeEnd() - beforeTime() + (beforeIdEnd() - beforeId()) + RECORD_ID_BYTES
  return before + around + MAXIMUM_TIME_BYTES + GUARD
}

function aroundBody(form: u32, stream: u32): usize {
  return beforeBodyEnd(form, stream) - beforeBody(form, stream) + (afterBodyEnd(form) - afterBody(form))
}

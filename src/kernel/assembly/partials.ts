import { LINE_SIZE } from '../layout'
import { endOfLine } from './end-of-line'
import {
  bodyEnd,
  bodyStart,
  isPartial,
  keepLine,
  recallLine,
  setBody,
  setSource,
  sourceBytes,
  sourceStart,
  stream,
} from './line'
import { parse } from './parse'

/** Lines of a span at the most, parts and others. */
const SPAN_LINES: u32 = 256

/** What was found in each of them, so that none is parsed twice. */
const FOUND: usize = memory.data(8192, 16)

/**
 * Of the lines that were measured: where the one after them begins, how many are parts, bytes of the parts' bodies, how many whole lines
 * of the other stream stand between them, bytes of those bodies, and bytes of the parts in their file.
 */
export const SPAN: usize = memory.data(24, 16)

export function spanEnd(): usize {
  return load<u32>(SPAN, 0)
}

export function partCount(): u32 {
  return load<u32>(SPAN, 4)
}

export function partBytes(): usize {
  return load<u32>(SPAN, 8)
}

export function otherCount(): u32 {
  return load<u32>(SPAN, 12)
}

export function otherBytes(): usize {
  return load<u32>(SPAN, 16)
}

/**
 * Measures the span from the partial that was parsed last and ends at `lineEnd` to its last part. Returns false when that is not there, or
 * when anything but whole lines of the other stream, at most `maximumBody` long and not of `oddStreams`, stands between, or a line that is
 * not of `format`.
 */
export function measureSpan(format: u32, lineEnd: usize, end: usize, oddStreams: u32, maximumBody: usize): bool {
  const ofParts = stream()
  let parts: u32 = 0
  let partsBytes: usize = 0
  let partsSource: usize = 0
  let others: u32 = 0
  let othersBytes: usize = 0
  for (;;) {
    const bytes = bodyEnd() - bodyStart()
    if (parts + others == SPAN_LINES) return false
    keepLine(FOUND + (parts + others) * LINE_SIZE)
    if (stream() == ofParts) {
      parts += 1
      partsBytes += bytes
      partsSource += sourceBytes()
      if (isPartial() == 0) break
    } else {
      if (isPartial() != 0 || ((oddStreams >> stream()) & 1) != 0 || bytes > maximumBody) return false
      others += 1
      othersBytes += bytes
    }
    const start = lineEnd + 1
    lineEnd = endOfLine(start, end)
    if (lineEnd == 0 || parse(start, lineEnd) != format) return false
  }
  store<u32>(SPAN, <u32>lineEnd + 1, 0)
  store<u32>(SPAN, parts, 4)
  store<u32>(SPAN, <u32>partsBytes, 8)
  store<u32>(SPAN, others, 12)
  store<u32>(SPAN, <u32>othersBytes, 16)
  store<u32>(SPAN, <u32>partsSource, 20)
  return true
}

/** Recalls the next line of that stream from the span's line `index` on, and returns the index of the one after it. There must be one. */
export function nextOf(wanted: u32, index: u32): u32 {
  recallLine(FOUND + index * LINE_SIZE)
  while (stream() != wanted) {
    index += 1
    recallLine(FOUND + index * LINE_SIZE)
  }
  return index + 1
}

/**
 * Moves the bodies of the span's parts behind that of the first one, and recalls the line that they make. CRI only: docker's time would be
 * in the way.
 */
export function joinParts(ofParts: u32): void {
  let next = nextOf(ofParts, 0)
  const start = bodyStart()
  let joinedEnd = bodyEnd()
  for (let left = partCount() - 1; left > 0; left -= 1) {
    next = nextOf(ofParts, next)
    const bytes = bodyEnd() - bodyStart()
    memory.copy(joinedEnd, bodyStart(), bytes)
    joinedEnd += bytes
  }
  recallLine(FOUND)
  setBody(start, joinedEnd)
  countAllParts()
}

/** Makes the first part, which was recalled last, stand for all of them in the file. */
export function countAllParts(): void {
  setSource(sourceStart(), load<u32>(SPAN, 20))
}

import { endOfLine } from './end-of-line'
import { bodyEnd, bodyStart, isPartial, setBody, setStream, setTime, stream, timeEnd, timeStart } from './line'
import { NO_FORMAT, parse } from './parse'

/**
 * Of the lines that were measured: where the one after them begins, how many are parts, bytes of the parts' bodies, how many whole lines
 * of the other stream stand between them, bytes of those bodies.
 */
export const SPAN: usize = memory.data(20, 16)

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
 * Measures the span from the partial at `at` to its last part. Returns false when that is not there, or when anything but whole lines of
 * the other stream, at most `maximumBody` long and not of `oddStreams`, stands between, or a line that is not of `format`.
 */
export function measureSpan(format: u32, at: usize, end: usize, oddStreams: u32, maximumBody: usize): bool {
  let first: u32 = 0
  let parts: u32 = 0
  let partsBytes: usize = 0
  let others: u32 = 0
  let othersBytes: usize = 0
  let isWhole = false
  while (!isWhole) {
    const lineEnd = endOfLine(at, end)
    if (lineEnd == 0 || parse(at, lineEnd) != format) return false
    const bytes = bodyEnd() - bodyStart()
    if (parts == 0) first = stream()
    if (stream() == first) {
      parts += 1
      partsBytes += bytes
      isWhole = isPartial() == 0
    } else {
      if (isPartial() != 0 || ((oddStreams >> stream()) & 1) != 0 || bytes > maximumBody) return false
      others += 1
      othersBytes += bytes
    }
    at = lineEnd + 1
  }
  store<u32>(SPAN, <u32>at, 0)
  store<u32>(SPAN, parts, 4)
  store<u32>(SPAN, <u32>partsBytes, 8)
  store<u32>(SPAN, others, 12)
  store<u32>(SPAN, <u32>othersBytes, 16)
  return true
}

/** Parses the next line of that stream from `at` on in the span and returns where it ends. There must be one. */
export function nextOf(wanted: u32, at: usize): usize {
  let lineEnd = endOfLine(at, spanEnd())
  while (parse(at, lineEnd) != NO_FORMAT && stream() != wanted) {
    at = lineEnd + 1
    lineEnd = endOfLine(at, spanEnd())
  }
  return lineEnd
}

/**
 * Moves the bodies of the span's parts, which are of that stream, behind that of the first one, at `at`; what was parsed is the line that
 * they make. CRI only: docker's time would be in the way.
 */
export function joinParts(ofParts: u32, at: usize): void {
  let next = nextOf(ofParts, at) + 1
  const time = timeStart()
  const firstEnd = timeEnd()
  const body = bodyStart()
  let joinedEnd = bodyEnd()
  for (let left = partCount() - 1; left > 0; left -= 1) {
    next = nextOf(ofParts, next) + 1
    const bytes = bodyEnd() - bodyStart()
    memory.copy(joinedEnd, bodyStart(), bytes)
    joinedEnd += bytes
  }
  setTime(time, firstEnd)
  setBody(body, joinedEnd)
  setStream(ofParts, 0)
}

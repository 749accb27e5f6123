import { parseCri } from './cri'
import { endOfLine } from './end-of-line'
import { bodyEnd, bodyStart, isPartial, setBody, setStream, setTime, stream, timeEnd, timeStart } from './line'

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
 * the other stream, at most `maximumBody` long and not of `oddStreams`, stands between.
 */
export function measureSpan(at: usize, end: usize, oddStreams: u32, maximumBody: usize): bool {
  let first: u32 = 0
  let parts: u32 = 0
  let partsBytes: usize = 0
  let others: u32 = 0
  let othersBytes: usize = 0
  let isWhole = false
  while (!isWhole) {
    const lineEnd = endOfLine(at, end)
    if (lineEnd == 0 || !parseCri(at, lineEnd)) return false
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

/** Parses the next line of the other stream from `at` on in a span whose parts are of `first`, and returns where it ends. */
export function nextOther(at: usize, first: u32): usize {
  let lineEnd = endOfLine(at, spanEnd())
  while (parseCri(at, lineEnd) && stream() == first) {
    at = lineEnd + 1
    lineEnd = endOfLine(at, spanEnd())
  }
  return lineEnd
}

/** Moves the bodies of the span's parts behind that of the first one, at `at`, which is the line that was parsed then. */
export function joinParts(at: usize): void {
  let lineEnd = endOfLine(at, spanEnd())
  parseCri(at, lineEnd)
  const first = stream()
  const time = timeStart()
  const firstEnd = timeEnd()
  const body = bodyStart()
  let joinedEnd = bodyEnd()
  for (at = lineEnd + 1; at < spanEnd(); at = lineEnd + 1) {
    lineEnd = endOfLine(at, spanEnd())
    parseCri(at, lineEnd)
    if (stream() != first) continue
    const bytes = bodyEnd() - bodyStart()
    memory.copy(joinedEnd, bodyStart(), bytes)
    joinedEnd += bytes
  }
  setTime(time, firstEnd)
  setBody(body, joinedEnd)
  setStream(first, 0)
}

import { parseCri } from './cri'
import { endOfLine } from './end-of-line'
import { bodyEnd, bodyStart, isPartial, setBody, setStream, setTime, stream, timeEnd, timeStart } from './line'

/** Of the parts that were measured: where the line after the last one begins, how many they are, bytes of all their bodies. */
export const PARTS: usize = memory.data(12, 16)

/**
 * Whether the rest of the partial that was parsed last stands in the next lines, from `at` on, with no line between that is not part
 * of it. PARTS tells the rest; the line that was parsed last is left as it is.
 */
export function measureParts(at: usize, end: usize): bool {
  const first = stream()
  const time = timeStart()
  const firstEnd = timeEnd()
  const body = bodyStart()
  const firstBodyEnd = bodyEnd()
  let bytes = firstBodyEnd - body
  let count: u32 = 1
  let isWhole = false
  while (!isWhole) {
    const lineEnd = endOfLine(at, end)
    if (lineEnd == 0 || !parseCri(at, lineEnd) || stream() != first) break
    bytes += bodyEnd() - bodyStart()
    count += 1
    at = lineEnd + 1
    isWhole = isPartial() == 0
  }
  setTime(time, firstEnd)
  setBody(body, firstBodyEnd)
  setStream(first, 1)
  store<u32>(PARTS, <u32>at, 0)
  store<u32>(PARTS, count, 4)
  store<u32>(PARTS, <u32>bytes, 8)
  return isWhole
}

/** Moves the bodies of the parts, of which there are so many, behind that of the first one, which was parsed last. */
export function joinParts(count: u32, at: usize, end: usize): void {
  const first = stream()
  const time = timeStart()
  const firstEnd = timeEnd()
  const body = bodyStart()
  let joinedEnd = bodyEnd()
  for (; count > 1; count -= 1) {
    const lineEnd = endOfLine(at, end)
    parseCri(at, lineEnd)
    const bytes = bodyEnd() - bodyStart()
    memory.copy(joinedEnd, bodyStart(), bytes)
    joinedEnd += bytes
    at = lineEnd + 1
  }
  setTime(time, firstEnd)
  setBody(body, joinedEnd)
  setStream(first, 0)
}

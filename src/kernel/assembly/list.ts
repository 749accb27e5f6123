import { SPAN_END, SPAN_SIZE, SPAN_START } from '../layout'
import { parseCri } from './cri'
import { endOfLine } from './end-of-line'
import { bodyEnd, bodyStart, isPartial, stream } from './line'

/** Lines that are listed at the most. */
export const LIST_LINES: u32 = 512

/** Where the body of each listed line begins and ends. */
export const LIST: usize = memory.data(LIST_LINES * SPAN_SIZE, 16)

/** What is to become of each, written by the TypeScript side: TEXT, JSON or LEFT_OUT. */
export const VERDICTS: usize = memory.data(512, 16)

export const LEFT_OUT: u32 = 2

/** Lists whole CRI lines from [at, end) until one is odd, as `run` has it, or a partial, or of docker. Returns how many. */
export function list(at: usize, end: usize, oddStreams: u32, maximumBody: usize): u32 {
  let count: u32 = 0
  while (at < end && count < LIST_LINES) {
    const lineEnd = endOfLine(at, end)
    if (lineEnd == 0 || !parseCri(at, lineEnd) || isPartial() != 0) break
    if (((oddStreams >> stream()) & 1) != 0 || bodyEnd() - bodyStart() > maximumBody) break
    store<u32>(LIST + count * SPAN_SIZE, <u32>bodyStart(), SPAN_START)
    store<u32>(LIST + count * SPAN_SIZE, <u32>bodyEnd(), SPAN_END)
    count += 1
    at = lineEnd + 1
  }
  return count
}

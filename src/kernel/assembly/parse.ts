import { parseCri } from './cri'
import { parseDocker } from './docker'
import { setSource } from './line'

const OPENING_BRACE: u32 = 0x7b

export const NO_FORMAT: u32 = 0
export const CRI: u32 = 1
export const DOCKER: u32 = 2

/** Parses the line [start, end), without its newline, and says what format it has; LINE tells the rest. */
export function parse(start: usize, end: usize): u32 {
  setSource(start, end + 1 - start)
  if (start < end && load<u8>(start) == OPENING_BRACE) return parseDocker(start, end) ? DOCKER : NO_FORMAT
  return parseCri(start, end) ? CRI : NO_FORMAT
}

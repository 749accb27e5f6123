import { MAXIMUM_GROWTH, writeEscaped } from '../kernel/escape.ts'
import type { Line } from '../kernel/line.ts'

// Hot file: runs once per line.

const ascii = (text: string) => Buffer.from(text, 'latin1')
const TIME = ascii('{"time":"')
const STREAM = { stdout: ascii('","stream":"stdout","log":"'), stderr: ascii('","stream":"stderr","log":"') }
const UNKNOWN_STREAM = ascii('","stream":"unknown","log":"')
const QUOTE = 0x22
/** Bytes: the constants above, the time, and every flag at its longest. */
const FIXED_BYTES = 512

/** Bytes that an entry needs at the most. */
export function entryRoom(bodyBytes: number, resource: Uint8Array): number {
  return FIXED_BYTES + bodyBytes * MAXIMUM_GROWTH + resource.length
}

/**
 * Writes the line as one JSON entry into `target` at `at` and returns where it ended. `flags` are further members, each
 * beginning with a comma, in ASCII; `resource` ends the entry. `entryRoom` bytes must be there.
 */
export function writeEntry(line: Line, flags: string, resource: Uint8Array, target: Uint8Array, at: number): number {
  let to = copy(TIME, 0, TIME.length, target, at)
  to = copy(line.time, line.timeStart, line.timeEnd, target, to)
  const stream = line.format === 'malformed' ? UNKNOWN_STREAM : STREAM[line.stream]
  to = copy(stream, 0, stream.length, target, to)
  to = line.isEscaped
    ? copy(line.body, line.bodyStart, line.bodyEnd, target, to)
    : writeEscaped(line.body, line.bodyStart, line.bodyEnd, target, to)
  target[to] = QUOTE
  to += 1
  if (flags !== '') to = copy(ascii(flags), 0, flags.length, target, to)
  target.set(resource, to)
  return to + resource.length
}

/** A loop: for some tens of bytes it beats the call of `set` on a subarray. */
function copy(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let to = at
  for (let index = start; index < end; index += 1) {
    target[to] = source[index] as number
    to += 1
  }
  return to
}

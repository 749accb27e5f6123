import { isUtf8 } from 'node:buffer'
import type { Line } from './line.ts'
import { scanTime, streamAt } from './line.ts'
import { parseOddDockerLine } from './odd-docker-line.ts'

/**
 * Fills `line` from one docker json-file record, or returns false. The layout that the daemon writes is taken as it
 * stands, its body copied later without decoding; any other JSON object (`attrs`, other order, missing fields) is parsed.
 */
export function scanDockerLine(bytes: Uint8Array, start: number, end: number, line: Line): boolean {
  return scanUsualLayout(bytes, start, end, line) || parseOddDockerLine(bytes.subarray(start, end), line, isTime)
}

const LOG_KEY = latin1('{"log":"')
const STREAM_KEY = latin1('","stream":"')
const TIME_KEY = latin1('","time":"')
const CLOSING = latin1('"}')
const QUOTE = 0x22
const BACKSLASH = 0x5c
const LETTER_N = 0x6e
const LETTER_U = 0x75

/** `{"log":"…","stream":"std…","time":"…"}` and nothing else. */
function scanUsualLayout(bytes: Uint8Array, start: number, end: number, line: Line): boolean {
  if (!startsWith(bytes, start, LOG_KEY)) return false
  const bodyStart = start + LOG_KEY.length
  const bodyEnd = scanString(bytes, bodyStart, end)
  if (bodyEnd < 0 || !startsWith(bytes, bodyEnd, STREAM_KEY)) return false
  const streamStart = bodyEnd + STREAM_KEY.length
  const stream = streamAt(bytes, streamStart)
  if (stream === undefined || !startsWith(bytes, streamStart + 6, TIME_KEY)) return false
  const timeStart = streamStart + 6 + TIME_KEY.length
  const timeEnd = scanTime(bytes, timeStart, end)
  if (timeEnd < 0 || timeEnd + CLOSING.length !== end || !startsWith(bytes, timeEnd, CLOSING)) return false
  line.format = 'docker'
  line.stream = stream
  line.isEscaped = true
  line.timeStart = timeStart
  line.timeEnd = timeEnd
  line.bodyStart = bodyStart
  line.isPartial = !endsInNewline(bytes, bodyStart, bodyEnd)
  line.bodyEnd = line.isPartial ? bodyEnd : bodyEnd - 2
  return true
}

/** Where the JSON string that begins at `start` (after its quote) ends, or -1 if its content is no valid JSON, UTF-8 or UTF-16. */
function scanString(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  let seen = 0
  for (;;) {
    if (at >= end) return -1
    const byte = bytes[at] as number
    if (byte === QUOTE) break
    if (byte < 0x20) return -1
    seen |= byte
    if (byte === BACKSLASH) {
      const length = escapeLength(bytes, at, end)
      if (length === 0) return -1
      at += length
    } else at += 1
  }
  const content = bytes.subarray(start, at)
  if (seen >= 0x80 && !isUtf8(content)) return -1
  return content.includes(BACKSLASH) && !JSON.parse(`"${Buffer.from(content)}"`).isWellFormed() ? -1 : at
}

function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  const letter = bytes[at + 1]
  if (letter === LETTER_U) {
    if (at + 6 > end) return 0
    for (let index = 2; index < 6; index += 1) if (!isHex(bytes[at + index] as number)) return 0
    return 6
  }
  return letter !== undefined && at + 1 < end && SHORT_ESCAPES.includes(letter) ? 2 : 0
}

const SHORT_ESCAPES = latin1('"\\/bfnrt')

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}

/** The body ends in `\n` whose backslash is not itself escaped. */
function endsInNewline(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || bytes[end - 1] !== LETTER_N) return false
  let at = end - 2
  while (at >= start && bytes[at] === BACKSLASH) at -= 1
  return (end - 2 - at) % 2 === 1
}

function isTime(bytes: Uint8Array): boolean {
  return scanTime(bytes, 0, bytes.length) === bytes.length
}

function startsWith(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index += 1) if (bytes[at + index] !== expected[index]) return false
  return true
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

import type { Line } from '../../../src/kernel/line.ts'
import { scanDockerLine } from './docker-line.ts'
import { scanTime, streamAt } from './line.ts'

// Hot file: runs once per line, allocates nothing for a CRI line.

const SPACE = 0x20
const COLON = 0x3a
const OPENING_BRACE = 0x7b
const LETTER_P = 0x50

/**
 * Recognises `bytes[start, end)` (without its newline) as a CRI line or a docker json-file record and fills `line`.
 * Anything else is `malformed`, its body the whole line. Formats: cri-api `constants.go`, moby `jsonlog.go`.
 */
export function parseLine(bytes: Uint8Array, start: number, end: number, line: Line): void {
  line.time = bytes
  line.body = bytes
  line.isEscaped = false
  line.isPartial = false
  if (bytes[start] === OPENING_BRACE ? scanDockerLine(bytes, start, end, line) : scanCriLine(bytes, start, end, line))
    return
  line.format = 'malformed'
  line.stream = 'stdout'
  line.bodyStart = start
  line.bodyEnd = end
}

/** `<time> SP (stdout|stderr) SP <tag>[:<tag>…] SP <body>`; only the first tag counts, an unknown one means a full line. */
function scanCriLine(bytes: Uint8Array, start: number, end: number, line: Line): boolean {
  const timeEnd = scanTime(bytes, start, end)
  if (timeEnd < 0 || bytes[timeEnd] !== SPACE) return false
  const streamEnd = timeEnd + 7
  if (streamEnd >= end || bytes[streamEnd] !== SPACE) return false
  const stream = streamAt(bytes, timeEnd + 1)
  if (stream === undefined) return false
  const tagStart = streamEnd + 1
  let tagEnd = tagStart
  while (tagEnd < end && bytes[tagEnd] !== SPACE) tagEnd += 1
  if (tagEnd === tagStart) return false
  const afterTag = bytes[tagStart + 1]
  line.format = 'cri'
  line.stream = stream
  line.isPartial =
    bytes[tagStart] === LETTER_P && (tagEnd === tagStart + 1 || (afterTag === COLON && tagEnd > tagStart + 1))
  line.timeStart = start
  line.timeEnd = timeEnd
  line.bodyStart = Math.min(tagEnd + 1, end)
  line.bodyEnd = end
  return true
}

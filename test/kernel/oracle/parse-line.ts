import { scanDockerLine } from './docker-line.ts'
import type { Line } from './line.ts'
import { scanTime, streamAt } from './line.ts'

const SPACE = 0x20
const OPENING_BRACE = 0x7b
/** A list of tags of which only the first counts. */
const TAGS = /^([PF])(?::[^ ]*)?(?: |$)/

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

/** `<time> SP (stdout|stderr) SP <tag>[:<tag>…] SP <body>`. */
function scanCriLine(bytes: Uint8Array, start: number, end: number, line: Line): boolean {
  const timeEnd = scanTime(bytes, start, end)
  if (timeEnd < 0 || bytes[timeEnd] !== SPACE) return false
  const streamEnd = timeEnd + 7
  if (streamEnd >= end || bytes[streamEnd] !== SPACE) return false
  const stream = streamAt(bytes, timeEnd + 1)
  if (stream === undefined) return false
  const tags = TAGS.exec(Buffer.from(bytes.subarray(streamEnd + 1, end)).toString('latin1'))
  if (tags === null) return false
  line.format = 'cri'
  line.stream = stream
  line.isPartial = tags[1] === 'P'
  line.timeStart = start
  line.timeEnd = timeEnd
  line.bodyStart = streamEnd + 1 + tags[0].length
  line.bodyEnd = end
  return true
}

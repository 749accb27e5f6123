import type { StreamName } from '../model/stream-name.ts'
import { unescapeString } from './unescape.ts'

/** One line of a container log, as offsets into the bytes it was found in. One object is reused for all lines. */
export interface Line {
  format: 'cri' | 'docker' | 'malformed'
  /** Of a malformed line, whose stream nobody knows: stdout. */
  stream: StreamName
  /** A continuation follows: CRI tag `P`, or a docker record whose text has no final newline. */
  isPartial: boolean
  /** What the time's offsets refer to: the input, or bytes made for one odd line. Without meaning when malformed. */
  time: Uint8Array
  timeStart: number
  timeEnd: number
  /** What the body's offsets refer to. */
  body: Uint8Array
  bodyStart: number
  bodyEnd: number
  /** The body is JSON string content already, checked to be valid. */
  isEscaped: boolean
}

export function createLine(): Line {
  const none = new Uint8Array(0)
  const state = { format: 'malformed', stream: 'stdout', isPartial: false, isEscaped: false } as const
  return { ...state, time: none, timeStart: 0, timeEnd: 0, body: none, bodyStart: 0, bodyEnd: 0 }
}

/** The body as the container wrote it. */
export function rawBody({ isEscaped, body, bodyStart, bodyEnd }: Line): Uint8Array {
  return isEscaped ? unescapeString(body, bodyStart, bodyEnd) : body.subarray(bodyStart, bodyEnd)
}

/** Makes the line's body the one that the container wrote. */
export function unescapeBody(line: Line): void {
  if (!line.isEscaped) return
  line.body = rawBody(line)
  line.bodyStart = 0
  line.bodyEnd = line.body.length
  line.isEscaped = false
}

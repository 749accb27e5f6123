import type { StreamName } from '../../../src/model/stream-name.ts'

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

const COLON = 0x3a

/** `stdout` or `stderr` at that place; the caller has made sure that six bytes are there. */
export function streamAt(bytes: Uint8Array, at: number): StreamName | undefined {
  if (bytes[at] !== 0x73 || bytes[at + 1] !== 0x74 || bytes[at + 2] !== 0x64) return undefined
  if (bytes[at + 3] === 0x6f && bytes[at + 4] === 0x75 && bytes[at + 5] === 0x74) return 'stdout'
  if (bytes[at + 3] === 0x65 && bytes[at + 4] === 0x72 && bytes[at + 5] === 0x72) return 'stderr'
  return undefined
}

/** Where an RFC 3339 time that begins at `start` ends, or -1. Up to nine fraction digits, `Z` or `±hh:mm`. */
export function scanTime(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 20) return -1
  for (let index = 0; index < 19; index += 1) {
    const expected = TIME_SHAPE[index]
    const byte = bytes[start + index] as number
    if (expected === 0 ? !isDigit(byte) : byte !== expected) return -1
  }
  let at = start + 19
  if (bytes[at] === 0x2e) {
    const fraction = at + 1
    at = fraction
    while (at < end && isDigit(bytes[at] as number)) at += 1
    if (at === fraction || at > fraction + MAXIMUM_FRACTION_DIGITS) return -1
  }
  const zone = bytes[at]
  if (zone === 0x5a) return at < end ? at + 1 : -1
  if ((zone !== 0x2b && zone !== 0x2d) || at + 6 > end || bytes[at + 3] !== COLON) return -1
  for (const digit of [1, 2, 4, 5]) if (!isDigit(bytes[at + digit] as number)) return -1
  return at + 6
}

/** Nanoseconds. Room for an entry is reckoned with it. */
const MAXIMUM_FRACTION_DIGITS = 9

/** `dddd-dd-ddTdd:dd:dd`, with 0 for a digit. */
const TIME_SHAPE = Uint8Array.from('dddd-dd-ddTdd:dd:dd', (letter) => (letter === 'd' ? 0 : letter.charCodeAt(0)))

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

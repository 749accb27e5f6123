import { createLine, type Line } from '../../../src/kernel/line.ts'
import { unescapeString } from '../../../src/kernel/unescape.ts'
import type { StreamName } from '../../../src/model.ts'
import { MAXIMUM_GROWTH, writeEscaped } from './escape.ts'
import { parseLine } from './parse-line.ts'

/** What the oracle is told besides the bytes. */
export interface OracleOptions {
  readonly maxLineBytes: number
  /** The metadata that ends each entry. */
  readonly resource: string
  /** For lines without one of their own. */
  readonly time: string
}

interface Held {
  readonly time: string
  readonly parts: Uint8Array[]
}

type HeldLines = Partial<Record<StreamName, Held | undefined>>

/** The entries that whole lines of one log must become: line by line, byte by byte, with nothing clever. */
export function entriesOf(bytes: Uint8Array, options: OracleOptions): string {
  const held: HeldLines = {}
  let entries = ''
  for (let start = 0; ; ) {
    const end = bytes.indexOf(0x0a, start)
    if (end < 0) return entries
    entries += entryOf(bytes.subarray(start, end), held, options)
    start = end + 1
  }
}

function entryOf(bytes: Uint8Array, held: HeldLines, options: OracleOptions): string {
  const line = createLine()
  parseLine(bytes, 0, bytes.length, line)
  if (line.format === 'malformed')
    return entry(options.time, 'unknown', bytes, { ...options, flags: ',"malformed":true' })
  const { stream } = line
  const time = Buffer.from(line.time.subarray(line.timeStart, line.timeEnd)).toString()
  const isPiece = line.isPartial || held[stream] !== undefined
  if (line.isEscaped && !isPiece && rawBody(line).length <= options.maxLineBytes) {
    const body = Buffer.from(line.body.subarray(line.bodyStart, line.bodyEnd)).toString()
    return `{"time":"${time}","stream":"${stream}","log":"${body}"${options.resource}`
  }
  const whole = held[stream] ?? { time, parts: [] }
  whole.parts.push(rawBody(line))
  held[stream] = line.isPartial ? whole : undefined
  return line.isPartial ? '' : entry(whole.time, stream, Buffer.concat(whole.parts), options)
}

function rawBody(line: Line): Uint8Array {
  if (line.isEscaped) return unescapeString(line.body, line.bodyStart, line.bodyEnd)
  return line.body.subarray(line.bodyStart, line.bodyEnd)
}

function entry(time: string, stream: string, body: Uint8Array, options: OracleOptions & { flags?: string }): string {
  const { maxLineBytes, resource, flags = '' } = options
  const kept = body.length > maxLineBytes ? body.subarray(0, wholeCharacters(body, maxLineBytes)) : body
  const cut = kept === body ? '' : `,"truncated":true,"originalBytes":${body.length}`
  const escaped = Buffer.alloc(kept.length * MAXIMUM_GROWTH)
  const length = writeEscaped(kept, 0, kept.length, escaped, 0)
  return `{"time":"${time}","stream":"${stream}","log":"${escaped.toString('utf8', 0, length)}"${flags}${cut}${resource}`
}

function wholeCharacters(bytes: Uint8Array, most: number): number {
  let length = most
  while (length > most - 3 && ((bytes[length] ?? 0) & 0xc0) === 0x80) length -= 1
  return length
}

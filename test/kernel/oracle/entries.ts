import { isUtf8 } from 'node:buffer'
import type { StreamName } from '../../../src/model/stream-name.ts'
import { MAXIMUM_GROWTH, writeEscaped } from './escape.ts'
import { Groups, type Joined } from './groups.ts'
import { levelOf } from './level.ts'
import { createLine, type Line } from './line.ts'
import { parseLine } from './parse-line.ts'
import { unescapeString } from './unescape.ts'

/** What the oracle is told besides the bytes. */
export interface OracleOptions {
  readonly maxLineBytes: number
  /** The metadata that ends each entry. */
  readonly resource: string
  /** For lines without one of their own. */
  readonly time: string
  /** Lines that are JSON objects stand as such. */
  readonly json?: boolean
  /** Entries tell the level that their line says it has. */
  readonly level?: boolean
  /** Lines that make one record are joined. */
  readonly multiline?: boolean
  /** What the ids of a stream's records begin with; undefined: entries have none. */
  readonly digestOf?: (stream: StreamName | 'lost') => string
}

/** Where a record begins in its file, and its bytes there. */
interface Place {
  readonly offset: number
  readonly byteCount: number
}

interface Held {
  readonly time: string
  readonly offset: number
  byteCount: number
  readonly parts: Uint8Array[]
}

/** What a log leaves between two lines. */
interface State {
  readonly held: Partial<Record<StreamName, Held | undefined>>
  /** Streams of which a beginning went out without its end. */
  readonly torn: Set<StreamName>
  readonly groups: Readonly<Record<StreamName, Groups>>
}

/** The entries that whole lines of one log must become: line by line, byte by byte, with nothing clever. */
export function entriesOf(bytes: Uint8Array, options: OracleOptions): string {
  const groupsOf = (stream: StreamName) =>
    new Groups(options.maxLineBytes, (joined) => joinedEntry(joined, stream, options))
  const groups = { stdout: groupsOf('stdout'), stderr: groupsOf('stderr') }
  const state: State = { held: {}, torn: new Set(), groups }
  let entries = ''
  for (let start = 0; ; ) {
    const end = bytes.indexOf(0x0a, start)
    if (end < 0) return entries + groups.stdout.end() + groups.stderr.end()
    entries += entriesOfLine(bytes.subarray(start, end), start, state, options)
    start = end + 1
  }
}

/** A line, with what a power cut may have left before it. `offset`: of it in the file. */
function entriesOfLine(bytes: Uint8Array, offset: number, state: State, options: OracleOptions): string {
  const rest = (from: number) => entriesOfLine(bytes.subarray(from), offset + from, state, options)
  const hole = endOfNuls(bytes, 0)
  if (hole > 0) return holeEntries({ offset, byteCount: hole }, state, options) + rest(hole)
  const torn = bytes.indexOf(0)
  if (torn < 0 || isKnown(bytes) || !isKnown(bytes.subarray(endOfNuls(bytes, torn))))
    return entryOf(bytes, { offset, byteCount: bytes.length + 1 }, state, options)
  return entryOf(bytes.subarray(0, torn), { offset, byteCount: torn }, state, options) + rest(torn)
}

function endOfNuls(bytes: Uint8Array, at: number): number {
  let end = at
  while (bytes[end] === 0) end += 1
  return end
}

function isKnown(bytes: Uint8Array): boolean {
  return parsed(bytes).format !== 'malformed'
}

function parsed(bytes: Uint8Array): Line {
  const line = createLine()
  parseLine(bytes, 0, bytes.length, line)
  return line
}

/** What was held has lost its end. */
function holeEntries(place: Place, { held, torn, groups }: State, options: OracleOptions): string {
  const bytes = place.byteCount
  let entries = groups.stdout.end() + groups.stderr.end()
  for (const stream of ['stdout', 'stderr'] as const) {
    const begun = held[stream]
    if (begun === undefined) continue
    entries += entry(begun.time, stream, Buffer.concat(begun.parts), {
      ...options,
      ...idOf(stream, begun, options),
      flags: PARTIAL,
    })
    held[stream] = undefined
    torn.add(stream)
  }
  const reason = 'NULs stand in their place, as after a power cut'
  const text = `loggy: ${bytes} bytes of this log are lost: ${reason}`
  const flags = `,"lost":{"bytes":${bytes},"reason":"${reason}"}`
  return (
    entries + entry(options.time, 'unknown', Buffer.from(text), { ...options, ...idOf('lost', place, options), flags })
  )
}

const PARTIAL = ',"partial":true'

function entryOf(bytes: Uint8Array, place: Place, { held, torn, groups }: State, options: OracleOptions): string {
  const line = parsed(bytes)
  if (line.format === 'malformed')
    return entry(options.time, 'unknown', bytes, {
      ...options,
      ...idOf('stdout', place, options),
      flags: ',"malformed":true',
    })
  const { stream } = line
  const time = Buffer.from(line.time.subarray(line.timeStart, line.timeEnd)).toString()
  const isPiece = line.isPartial || held[stream] !== undefined
  const whole = held[stream] ?? { time, parts: [], offset: place.offset, byteCount: 0 }
  whole.byteCount += place.byteCount
  whole.parts.push(rawBody(line))
  held[stream] = line.isPartial ? whole : undefined
  if (line.isPartial) return ''
  const flags = torn.delete(stream) ? PARTIAL : ''
  const raw = Buffer.concat(whole.parts)
  const single = singleEntry(line, { whole, raw, flags, isPiece }, options)
  if (flags !== '') return groups[stream].end() + single
  if (!options.multiline) return single
  const rawBytes = isPiece ? raw.length : line.bodyEnd - line.bodyStart
  return groups[stream].take({ text: raw, rawBytes, entry: single, time: whole.time, ...placeOf(whole) })
}

function placeOf({ offset, byteCount }: Place): Place {
  return { offset, byteCount }
}

/** The entry of a line, or of its parts, that is joined to no other. */
function singleEntry(
  line: Line,
  { whole, raw, flags, isPiece }: { whole: Held; raw: Buffer; flags: string; isPiece: boolean },
  options: OracleOptions,
): string {
  const { stream } = line
  const { time } = whole
  const { id } = idOf(stream, whole, options)
  const found = options.level && flags === '' ? levelOf(raw) : undefined
  const level = found === undefined ? '' : `"level":"${found}",`
  if (options.json && flags === '' && raw.length <= options.maxLineBytes && isJsonLine(raw))
    return `{${id}"time":"${time}","stream":"${stream}",${level}"json":${raw}${options.resource}`
  if (line.isEscaped && !isPiece && raw.length <= options.maxLineBytes) {
    const body = Buffer.from(line.body.subarray(line.bodyStart, line.bodyEnd)).toString()
    return `{${id}"time":"${time}","stream":"${stream}",${level}"log":"${body}"${flags}${options.resource}`
  }
  return entry(time, stream, raw, { ...options, id, flags, level })
}

/** The entry of lines that make one record. */
function joinedEntry({ lines, isTrace, isCut }: Joined, stream: StreamName, options: OracleOptions): string {
  const [first] = lines
  if (first === undefined) return ''
  const text = Buffer.concat(lines.flatMap(({ text }, index) => (index === 0 ? [text] : [Buffer.of(0x0a), text])))
  const byteCount = lines.reduce((sum, line) => sum + line.byteCount, 0)
  const { id } = idOf(stream, { offset: first.offset, byteCount }, options)
  const found = isTrace ? (levelOf(first.text) ?? 'error') : levelOf(text)
  const level = options.level && found !== undefined ? `"level":"${found}",` : ''
  const cut = isCut ? `,"truncated":true,"originalBytes":${text.length}` : ''
  return entry(first.time, stream, text, { ...options, id, level, flags: `${cut},"lines":${lines.length}` })
}

/** One that begins with its brace and has no newline between its tokens, as docker's may; without half a surrogate pair. */
function isJsonLine(body: Buffer): boolean {
  const text = body.toString()
  if (!text.startsWith('{') || text.includes('\n') || !isUtf8(body)) return false
  try {
    JSON.parse(text)
  } catch {
    return false // no JSON
  }
  const units = text.replace(/\\[^u]/g, '..').replace(/\\ud[89ab]..\\ud[c-f]../gi, '')
  return !/\\ud[89a-f]/i.test(units)
}

function rawBody(line: Line): Uint8Array {
  if (line.isEscaped) return unescapeString(line.body, line.bodyStart, line.bodyEnd)
  return line.body.subarray(line.bodyStart, line.bodyEnd)
}

/** The id with its name, for an entry to begin with. */
function idOf(stream: StreamName | 'lost', { offset, byteCount }: Place, { digestOf }: OracleOptions): { id: string } {
  if (digestOf === undefined) return { id: '' }
  const numbers = `${offset.toString(16).padStart(12, '0')}-${byteCount.toString(16).padStart(8, '0')}`
  return { id: `"id":"${digestOf(stream)}-${numbers}",` }
}

function entry(
  time: string,
  stream: string,
  body: Uint8Array,
  options: Omit<OracleOptions, 'level'> & { flags?: string; id?: string; level?: string | boolean },
): string {
  const { maxLineBytes, resource, flags = '', id = '', level } = options
  const kept = body.length > maxLineBytes ? body.subarray(0, wholeCharacters(body, maxLineBytes)) : body
  const cut = kept === body ? '' : `,"truncated":true,"originalBytes":${body.length}`
  const escaped = Buffer.alloc(kept.length * MAXIMUM_GROWTH)
  const length = writeEscaped(kept, 0, kept.length, escaped, 0)
  return `{${id}"time":"${time}","stream":"${stream}",${typeof level === 'string' ? level : ''}"log":"${escaped.toString('utf8', 0, length)}"${flags}${cut}${resource}`
}

function wholeCharacters(bytes: Uint8Array, most: number): number {
  let length = most
  while (length > most - 3 && ((bytes[length] ?? 0) & 0xc0) === 0x80) length -= 1
  return length
}

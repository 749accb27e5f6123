import type { Program } from '../model/program.ts'
import type { Resource } from '../model/resource.ts'
import type { CompileOptions } from '../model/sink.ts'
import { readRecord } from './read-record.ts'
import { renderRecord } from './render-record.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** `\b`, `\t`, `\n`, `\f`, `\r` */
const SHORT_ESCAPES = [8, 9, 10, 12, 13]

/**
 * An entry of at most `maxBytes` with as much of the line as there is room for, flagged `truncated`. A line that is a JSON object becomes text,
 * since no part of it is one. Undefined if what is known of the container is too long by itself.
 */
export function shortenEntry(
  entry: Uint8Array,
  maxBytes: number,
  compile: (resource: Resource, options: CompileOptions) => Program,
): Uint8Array | undefined {
  const read = readRecord(Buffer.from(entry).toString())
  if (read === undefined) return undefined
  const { record, resource } = read
  const { text } = record.body
  const originalBytes = record.isTruncated ? record.originalBytes : Buffer.byteLength(text)
  const program = compile(resource, { hasIds: record.id !== undefined })
  const withText = (part: string) =>
    renderRecord(program, { ...record, body: { form: 'text', text: part }, isTruncated: true, originalBytes })
  const room = maxBytes - withText('').length
  return room < 0 ? undefined : withText(beginningOf(text, room))
}

/** As many characters as fit into so many bytes of a JSON string. */
export function beginningOf(text: string, bytes: number): string {
  let left = bytes
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) ?? 0
    left -= bytesInJson(code)
    if (left < 0) return text.slice(0, at)
    at += code > 0xffff ? 2 : 1
  }
  return text
}

/** As `JSON.stringify` writes it: to search the place with that took 40 to 110 ms for 1 MB, this takes 5 to 10. */
function bytesInJson(code: number): number {
  if (code < 0x20) return SHORT_ESCAPES.includes(code) ? 2 : 6
  if (code === QUOTE || code === BACKSLASH) return 2
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  if (code > 0xffff) return 4
  return code >= 0xd800 && code <= 0xdfff ? 6 : 3
}

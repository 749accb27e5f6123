import type { Program } from '../model/program.ts'
import type { Resource } from '../model/resource.ts'
import type { CompileOptions } from '../model/sink.ts'
import { readRecord } from './read-record.ts'
import { renderRecord } from './render-record.ts'

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
  const { ops } = compile(resource, { hasIds: record.id !== undefined })
  const withText = (part: string) =>
    renderRecord(ops, { ...record, body: { form: 'text', text: part }, isTruncated: true, originalBytes })
  const room = maxBytes - withText('').length
  return room < 0 ? undefined : withText(beginningOf(text, room))
}

/** As many characters as fit into so many bytes of a JSON string. */
export function beginningOf(text: string, bytes: number): string {
  const fits = (length: number) => Buffer.byteLength(JSON.stringify(part(text, length))) - 2 <= bytes
  let [least, most] = [0, Math.min(text.length, bytes)]
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (fits(middle)) least = middle
    else most = middle - 1
  }
  return part(text, least)
}

/** Never half a surrogate pair. */
function part(text: string, length: number): string {
  const isHalf = length < text.length && (text.codePointAt(length - 1) ?? 0) > 0xffff
  return text.slice(0, isHalf ? length - 1 : length)
}

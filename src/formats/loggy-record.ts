import { parseObject } from '../lib/json-object.ts'
import type { Format } from '../model/sink.ts'
import { readRecord } from './read-record.ts'
import { renderRecord } from './render-record.ts'

const NEWLINE = Buffer.from('\n')
const NO_HEAD = new Uint8Array(0)

/** What the format makes of a record in schema `loggy`, and its head; undefined for what is no entry. A line in the format's own schema stays as it is. */
export function entryOf(
  line: Buffer,
  format: Format,
): { readonly bytes: Uint8Array; readonly head: Uint8Array } | undefined {
  const text = line.toString()
  // What is no entry is left to a destination that takes any line of JSON.
  if (format.schema === 'loggy') return parseObject(text) && { bytes: Buffer.concat([line, NEWLINE]), head: NO_HEAD }
  const read = readRecord(text)
  if (read === undefined) return undefined
  const { ops, head } = format.compile(read.resource, { hasIds: read.record.id !== undefined })
  return { bytes: renderRecord(ops, read.record), head }
}

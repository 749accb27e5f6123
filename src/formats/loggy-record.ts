import { parseObject } from '../lib/json-object.ts'
import type { Resource } from '../model/resource.ts'
import type { Format } from '../model/sink.ts'
import { compileLoggy } from './loggy-program.ts'
import { type ReadRecord, readRecord } from './read-record.ts'
import { renderRecord } from './render-record.ts'
import { schemaOf } from './schemas/schemas.ts'

const NEWLINE = Buffer.from('\n')

/** An entry in any schema as one in schema `loggy`, without a newline; as it is, if it is no entry. `id`: of one that does not say its own. */
export function loggyRecord(entry: Uint8Array, id?: string): Uint8Array {
  const text = Buffer.from(entry).toString()
  const read = readRecord(text)
  if (read === undefined) return Buffer.from(text.trimEnd())
  return renderLoggy({ ...read.record, id: read.record.id ?? id }, read.resource)
}

/** A record that was read back, as an entry in schema `loggy`, without a newline. */
export function renderLoggy(record: ReadRecord, resource: Resource): Uint8Array {
  return renderRecord(compileLoggy(resource, idsOf(record)), record).subarray(0, -1)
}

/** What the format makes of a record in any schema, and its head; undefined for what is no entry. A line in the format's own schema stays as it is. */
export function entryOf(
  line: Buffer,
  format: Format,
  partition = '',
): { readonly bytes: Uint8Array; readonly head: Uint8Array } | undefined {
  const text = line.toString()
  const written = parseObject(text)
  if (written === undefined) return undefined
  // What is no entry is left to a destination that takes any line of JSON.
  const schema = schemaOf(written)?.name ?? format.schema
  if (schema !== undefined && schema === format.schema)
    return { bytes: Buffer.concat([line, NEWLINE]), head: new Uint8Array(0) }
  const read = readRecord(text)
  if (read === undefined) return undefined
  const program = format.compile(read.resource, { ...idsOf(read.record), partition })
  return { bytes: renderRecord(program, read.record), head: program.head }
}

function idsOf({ id }: ReadRecord): { readonly hasIds: boolean } {
  return { hasIds: id !== undefined }
}

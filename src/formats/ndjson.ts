import { type Format, unlimited } from '../model/sink.ts'
import { readStatus } from './http-status.ts'
import { compileLoggy } from './loggy-program.ts'
import { loggyRecord } from './loggy-record.ts'
import { compileSchema } from './schema-program.ts'
import { type SchemaName, schemas } from './schemas/schemas.ts'
import { shortenEntry } from './shorten-entry.ts'

/** Entries in a schema, one per line. `maxEntryBytes`: the line of a longer one is cut. */
export function createNdjson(schema: SchemaName, maxEntryBytes = Infinity): Format {
  const compile = schema === 'loggy' ? compileLoggy : compileSchema(schemas[schema])
  return {
    schema,
    compile,
    contentType: 'application/x-ndjson',
    limits: { ...unlimited, entryBytes: maxEntryBytes },
    shorten: (entry) => shortenEntry(entry, maxEntryBytes, compile),
    answerBytes: 0,
    // All heads are empty, so there is one group.
    frame: ([group]) => group?.pieces ?? [],
    read: (answer, _sent, nowMs) => readStatus(answer, nowMs),
    record: (entry) => (schema === 'loggy' ? entry.subarray(0, -1) : loggyRecord(entry)),
  }
}

/** Entries in schema `loggy`, one per line. */
export const ndjson = createNdjson('loggy')

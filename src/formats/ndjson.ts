import { type Format, unlimited } from '../model/sink.ts'
import { readStatus } from './http-status.ts'
import { compileLoggy } from './loggy-program.ts'

/** Entries in schema `loggy`, one per line. */
export const ndjson: Format = {
  schema: 'loggy',
  compile: compileLoggy,
  contentType: 'application/x-ndjson',
  limits: unlimited,
  answerBytes: 0,
  frame: (groups) => groups.flatMap(({ pieces }) => pieces),
  read: (answer, _entryCount, nowMs) => readStatus(answer, nowMs),
  record: (entry) => entry.subarray(0, -1),
}

import type { ReadRecord } from '../../src/formats/read-record.ts'

/** A usual record. */
export const someRecord: ReadRecord = {
  id: undefined,
  time: '2026-11-22T08:00:00.123456789Z',
  stream: 'stdout',
  level: undefined,
  body: { form: 'text', text: 'a line' },
  isMalformed: false,
  isPartial: false,
  isTruncated: false,
  originalBytes: 0,
  lines: 0,
  lost: undefined,
}

import { type ReadRecord, WHOLE_LINE } from '../../src/formats/read-record.ts'

/** A usual record. */
export const someRecord: ReadRecord = {
  id: undefined,
  time: '2026-11-22T08:00:00.123456789Z',
  stream: 'stdout',
  level: undefined,
  body: { form: 'text', text: 'a line' },
  ...WHOLE_LINE,
}

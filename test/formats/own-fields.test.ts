import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatadog } from '../../src/formats/datadog/datadog.ts'
import { createElasticsearch } from '../../src/formats/elasticsearch/elasticsearch.ts'
import { createLoki } from '../../src/formats/loki/loki.ts'
import { createNdjson } from '../../src/formats/ndjson.ts'
import { otlp } from '../../src/formats/otlp/otlp.ts'
import { type ReadRecord, WHOLE_LINE } from '../../src/formats/read-record.ts'
import { renderRecord } from '../../src/formats/render-record.ts'
import { createSplunk } from '../../src/formats/splunk/splunk.ts'
import type { Format } from '../../src/model/sink.ts'

const formats: Readonly<Record<string, Format>> = {
  ndjson: createNdjson('ecs'),
  otlp,
  loki: createLoki({ labels: [], annotations: [] }),
  elasticsearch: createElasticsearch({ dataset: 'a', namespace: 'b' }),
  datadog: createDatadog({ now: () => Date.parse('2026-11-29T01:00:00Z'), onUndated: () => {} }),
  splunk: createSplunk('http://splunk', { index: '', source: '', sourcetype: '' }),
}
const record: ReadRecord = {
  id: '0123456789abcdef-000000000000-00000010',
  time: '2026-11-29T01:02:03.123456789Z',
  stream: 'stderr',
  level: 'error',
  body: { form: 'text', text: 'Traceback\n  File "a.py"' },
  isMalformed: true,
  isPartial: true,
  isTruncated: true,
  originalBytes: 5000,
  lines: 2,
  redacted: ['cards', 'tokens'],
  lost: undefined,
  sampled: undefined,
}

for (const [name, format] of Object.entries(formats)) {
  test(`what only Loggy knows of a record comes back from ${name}`, () => {
    const kubernetes = { namespace: 'shop', pod: 'web', container: 'app', uid: 'u' }
    const program = format.compile({ fields: {}, kubernetes }, { hasIds: true })
    const { log, malformed, partial, truncated, originalBytes, lines, redacted } = JSON.parse(
      Buffer.from(format.record(renderRecord(program, record), program.head)).toString(),
    )
    assert.deepEqual(
      { log, malformed, partial, truncated, originalBytes, lines, redacted },
      {
        log: record.body.text,
        malformed: true,
        partial: true,
        truncated: true,
        originalBytes: 5000,
        lines: 2,
        redacted: ['cards', 'tokens'],
      },
    )
  })
}

for (const [name, format] of Object.entries(formats)) {
  test(`what tells of lines that were left out comes back from ${name}`, () => {
    const kubernetes = { namespace: 'shop', pod: 'web', container: 'app', uid: 'u' }
    const program = format.compile({ fields: {}, kubernetes }, { hasIds: true })
    const told = { lines: 12, bytes: 3456, limit: 'limit.container: 10 lines/s' }
    const text = 'loggy: 12 lines of this log, 3456 bytes, were left out: it was over limit.container: 10 lines/s'
    const summary: ReadRecord = {
      ...record,
      ...WHOLE_LINE,
      stream: 'unknown',
      body: { form: 'text', text },
      sampled: JSON.stringify(told),
    }
    const read = JSON.parse(Buffer.from(format.record(renderRecord(program, summary), program.head)).toString())
    assert.deepEqual([read.log, read.sampled, read.lost, read.malformed], [text, told, undefined, undefined])
  })
}

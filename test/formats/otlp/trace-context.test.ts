import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cut } from '../../../src/delivery/cut.ts'
import { entryOf } from '../../../src/formats/loggy-record.ts'
import { otlp } from '../../../src/formats/otlp/otlp.ts'
import type { Resource } from '../../../src/model/resource.ts'
import { batchOf } from '../batch-of.ts'
import { decodeOtlp, type TraceOfRecord } from './decode-otlp.ts'

const kubernetes = { namespace: 'shop', pod: 'web', container: 'app', restartCount: 0, labels: {}, annotations: {} }
const resource: Resource = { fields: {}, kubernetes }

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'
const both = { traceId: trace, spanId: span, flags: 0 }
const nothing: TraceOfRecord = { traceId: '', spanId: '', flags: 0 }

const lines: readonly (readonly [what: string, line: string, expected: TraceOfRecord])[] = [
  ['snake case', `{"msg":"a","trace_id":"${trace}","span_id":"${span}"}`, both],
  ['camel case, with spaces', `{ "spanId" : "${span}" , "traceId" :\t"${trace}", "z": [1, {"a": null}] }`, both],
  ['dots, as ECS has it', `{"trace.id":"${trace}","span.id":"${span}"}`, both],
  ['capitals', `{"TraceId":"${trace.toUpperCase()}","SpanID":"${span.toUpperCase()}"}`, both],
  ["OpenTelemetry's for Python", `{"otelTraceID":"${trace}","otelSpanID":"${span}","otelTraceSampled":true}`, both],
  ["Datadog's, where they are 128 bits", `{"dd.trace_id":"${trace}","dd.span_id":"${span}"}`, both],
  ['flags', `{"trace_flags":"01","trace_id":"${trace}","span_id":"${span}"}`, { ...both, flags: 1 }],
  ['a trace alone', `{"trace_id":"${trace}"}`, { ...both, spanId: '' }],
  ['what is broken behind them', `{"trace_id":"${trace}","span_id":"${span}","a":tru`, both],
  ["Datadog's decimal numbers", '{"dd.trace_id":"8032849012345678901","dd.span_id":"1234567890123456"}', nothing],
  ['a span alone', `{"span_id":"${span}","trace_flags":"01"}`, nothing],
  ['too short a trace', `{"trace_id":"${trace.slice(1)}","span_id":"${span}"}`, nothing],
  ['too long a trace', `{"trace_id":"${trace}0","span_id":"${span}"}`, nothing],
  ['no digits', `{"trace_id":"${trace.slice(1)}g","span_id":"${span}"}`, nothing],
  ['zeros', `{"trace_id":"${'0'.repeat(32)}","span_id":"${span}"}`, nothing],
  ['a span of zeros', `{"trace_id":"${trace}","span_id":"${'0'.repeat(16)}"}`, { ...both, spanId: '' }],
  ['no text', `{"trace_id":12345678901234567890123456789012,"traceId":null}`, nothing],
  ['within another object', `{"context":{"trace_id":"${trace}"},"links":[{"trace_id":"${trace}"}]}`, nothing],
  ['within a text', `{"msg":"{\\"trace_id\\":\\"${trace}\\"}","trace":"x"}`, nothing],
  [
    'other names',
    `{"parent_trace_id":"${trace}","trace_ids":"${trace}","traceid2":"${trace}","trace":"${trace}"}`,
    nothing,
  ],
  ['what is broken before', `{"a":tru,"trace_id":"${trace}"}`, nothing],
  ['no object', `trace_id="${trace}" {"trace_id":"${trace}"}`, nothing],
  ['a list', `["trace_id","${trace}"]`, nothing],
]

function entriesOf(texts: readonly string[], docker = false) {
  const time = '2026-11-22T07:00:00.123456789Z'
  const written = texts.map((log) =>
    docker ? JSON.stringify({ log: `${log}\n`, stream: 'stdout', time }) : `${time} stdout F ${log}`,
  )
  const { batch } = batchOf(Buffer.from(`${written.join('\n')}\n`), otlp.compile(resource, { hasIds: true }))
  return [...Cut.whole(batch).entries()]
}

function traceOf({ bytes, head }: { readonly bytes: Uint8Array; readonly head: Uint8Array }) {
  const [group] = decodeOtlp(Buffer.concat(otlp.frame([{ head, pieces: [bytes] }])))
  return group?.records[0]?.trace
}

for (const [what, line, expected] of lines) {
  test(`a trace from ${what}: ${expected.traceId === '' ? 'none' : 'there'}`, () => {
    const [cri, docker] = [false, true].map((isDocker) => entriesOf([line], isDocker)[0])
    assert.ok(cri !== undefined && docker !== undefined)
    assert.deepEqual(traceOf(cri), expected)
    assert.deepEqual(traceOf(docker), expected)
  })
}

test('a record never has the trace of another one, and has its own when it is sent again', () => {
  const texts = Array.from({ length: 3000 }, (_, index) => {
    const [, line = ''] = lines[(index * 7) % lines.length] ?? []
    return index % 3 === 0 ? `plain ${index}` : line.replaceAll(trace.slice(0, 8), String(10_000_000 + index))
  })
  const entries = entriesOf(texts)
  assert.equal(entries.length, texts.length)
  for (const [index, entry] of entries.entries()) {
    const text = texts[index] ?? ''
    const { traceId = '' } = traceOf(entry) ?? {}
    const isWanted = index % 3 !== 0 && lines[(index * 7) % lines.length]?.[2] !== nothing
    assert.equal(traceId !== '', isWanted, text)
    if (isWanted && /[0-9a-f]{32}/.test(text)) assert.ok(traceId.startsWith(String(10_000_000 + index)))
    if (text.endsWith('tru')) continue // what is read back is looked at as a whole
    const again = entryOf(Buffer.from(otlp.record(entry.bytes, entry.head)), otlp)
    assert.ok(again !== undefined, text)
    assert.deepEqual(traceOf(again), traceOf(entry))
  }
})

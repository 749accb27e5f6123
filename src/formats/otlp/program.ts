import { LEVELS, type Level } from '../../model/level.ts'
import type { Condition, Op, Program } from '../../model/program.ts'
import type { Resource } from '../../model/resource.ts'
import { STREAM_NAMES } from '../../model/stream-name.ts'
import { severityNumber } from '../severity.ts'
import { varint } from '../varint.ts'
import { INT_VALUE, KEY, keyValue, STRING_VALUE, VALUE, type Value } from './any-value.ts'
import { fixed32Tag, fixed64Tag, sized, sizedTag, varintTag } from './protobuf.ts'
import { attributesOf } from './resource.ts'

/** Numbers of fields. Source: opentelemetry-proto, logs/v1/logs.proto, and resource/v1/resource.proto. */
export const RESOURCE_LOGS = { resource: 1, scopeLogs: 2 } as const
export const SCOPE_LOGS = { records: 2 } as const
export const RESOURCE = { attributes: 1 } as const
export const RECORD = {
  time: 1,
  severityNumber: 2,
  severityText: 3,
  body: 5,
  attributes: 6,
  flags: 8,
  traceId: 9,
  spanId: 10,
  observedTime: 11,
} as const

export const STREAM = 'log.iostream'
export const ID = 'log.record.uid'
/** Of what only Loggy knows. */
export const OWN = 'loggy.'

/** What stands before a trace's id, a span's, and flags: see Op. */
const TRACE = [
  Buffer.concat([sizedTag(RECORD.traceId), varint(16)]),
  Buffer.concat([sizedTag(RECORD.spanId), varint(8)]),
  fixed32Tag(RECORD.flags),
] as const
/** Bytes of an id: see Op. */
const ID_BYTES = 38

const FLAGS: readonly Op[] = [
  when({ is: 'malformed' }, own(`${OWN}malformed`, true)),
  when({ is: 'partial' }, own(`${OWN}partial`, true)),
  ...(['lost', 'sampled'] as const).map((is) =>
    when({ is }, ...attribute(OWN + is, message(STRING_VALUE, [{ op: 'note' }]))),
  ),
  when(
    { is: 'truncated' },
    own(`${OWN}truncated`, true),
    ...attribute(`${OWN}originalBytes`, [literal(varintTag(INT_VALUE)), { op: 'original-bytes', as: 'varint' }]),
  ),
  when({ is: 'redacted' }, ...attribute(`${OWN}redacted`, message(STRING_VALUE, [{ op: 'redacted', as: 'text' }]))),
  when({ is: 'joined' }, ...attribute(`${OWN}lines`, [literal(varintTag(INT_VALUE)), { op: 'lines', as: 'varint' }])),
]

const WITHOUT_ID = logRecord([])
/** All ids have the same length, so that no operation has to count it. */
const WITH_ID = logRecord([
  literal(keyValue(RECORD.attributes, ID, '0'.repeat(ID_BYTES)).subarray(0, -ID_BYTES)),
  { op: 'record-id' },
])

/** A `LogRecord` as it stands in `ScopeLogs`. Its head: the field `resource` of `ResourceLogs`. */
export function compileOtlp(resource: Resource, { hasIds }: { readonly hasIds: boolean }): Program {
  const attributes = Object.entries(attributesOf(resource)).map(([key, value]) =>
    keyValue(RESOURCE.attributes, key, value),
  )
  // The same operations for all containers: the kernel has to load them once.
  return { ops: hasIds ? WITH_ID : WITHOUT_ID, head: sized(RESOURCE_LOGS.resource, ...attributes) }
}

function logRecord(id: readonly Op[]): Op[] {
  return message(SCOPE_LOGS.records, [
    literal(fixed64Tag(RECORD.time)),
    { op: 'time', as: 'fixed64', unit: 'ns' },
    literal(fixed64Tag(RECORD.observedTime)),
    { op: 'now', as: 'fixed64', unit: 'ns' },
    { op: 'level', literals: [new Uint8Array(0), ...LEVELS.map(severity)] },
    // As the line has it; empty, which is its default, if the level is not known.
    ...message(RECORD.severityText, [{ op: 'level-word' }]),
    ...message(RECORD.body, message(STRING_VALUE, [{ op: 'body', as: 'raw' }])),
    ...STREAM_NAMES.map((stream) => when({ stream }, own(STREAM, stream))),
    ...id,
    { op: 'trace', literals: TRACE },
    when({ usual: false }, ...FLAGS),
  ])
}

function severity(level: Level): Uint8Array {
  return Buffer.concat([varintTag(RECORD.severityNumber), varint(severityNumber(level))])
}

function own(key: string, value: Value): Op {
  return literal(keyValue(RECORD.attributes, key, value))
}

/** An attribute whose value differs from record to record. */
function attribute(key: string, value: readonly Op[]): Op[] {
  return message(RECORD.attributes, [literal(sized(KEY, Buffer.from(key))), ...message(VALUE, value)])
}

/** A field that has a length. */
function message(number: number, ops: readonly Op[]): Op[] {
  return [literal(sizedTag(number)), { op: 'prefix', as: 'varint', ops }]
}

function when(condition: Condition, ...ops: readonly Op[]): Op {
  return { op: 'if', when: condition, ops }
}

function literal(bytes: Uint8Array): Op {
  return { op: 'literal', bytes }
}

import { parseObject } from '../../lib/json-object.ts'
import { LEVELS } from '../../model/level.ts'
import type { Op, Program } from '../../model/program.ts'
import type { Resource } from '../../model/resource.ts'
import type { CompileOptions } from '../../model/sink.ts'
import { RECORD_NAMES, readRecordMembers, recordMembers } from '../flat-record.ts'
import { flatAttributesOf, resourceOfFlat } from '../flat-resource.ts'
import { levelText, literal, membersText } from '../json-ops.ts'
import { renderLoggy } from '../loggy-record.ts'
import { originOf } from './tags.ts'

/** What each entry begins with. Within an entry no newline stands as such. */
export const ENTRY_START = Buffer.from(',\n{"timestamp":')

/** Members that Datadog takes for something: its own, and what it looks for a time, a level, a host, a service in. Source: docs.datadoghq.com, logs/log_configuration/pipelines, "Preprocessing" */
const RESERVED = new Set([
  ...['timestamp', 'date', '_timestamp', 'Timestamp', 'eventTime', 'published_date', 'syslog.timestamp'],
  ...['message', 'msg', 'log', 'status', 'severity', 'level', 'syslog.severity', 'Severity'],
  ...['host', 'hostname', 'syslog.hostname', 'service', 'syslog.appname', 'dd.service', 'dd.env', 'dd.version'],
  ...['ddsource', 'source', 'ddtags', 'tags', 'trace_id', 'span_id', 'dd.trace_id', 'dd.span_id'],
  'time',
  ...RECORD_NAMES,
])

const START: readonly Op[] = [
  { op: 'literal', bytes: ENTRY_START },
  { op: 'time', as: 'decimal', unit: 'ms' },
  literal(',"message":"'),
  { op: 'body', as: 'string' },
  literal('","time":"'),
  { op: 'time', as: 'written' },
]
const STATUS = levelText((level) => `,"status":"${level}"`)
const WITHOUT_ID: readonly Op[] = [STATUS, ...recordMembers(false), literal('}')]
const WITH_ID: readonly Op[] = [STATUS, ...recordMembers(true), literal('}')]

/**
 * An entry of an array of logs. Members are texts: Datadog takes others too, VictoriaLogs refuses the whole request for one. `timestamp`
 * is in milliseconds; `time` is the time as the runtime wrote it.
 */
export function compileDatadog(resource: Resource, { hasIds }: CompileOptions): Program {
  const members = [
    ...Object.entries(originOf(resource)).filter(([, value]) => value !== ''),
    // Fixed fields are tags too, which VictoriaLogs does not keep apart from attributes.
    ...flatAttributesOf(resource, (name) => RESERVED.has(name) || Object.hasOwn(resource.fields, name)),
  ]
  return {
    ops: [...START, literal(`"${membersText(members)}`), ...(hasIds ? WITH_ID : WITHOUT_ID)],
    head: new Uint8Array(0),
  }
}

/** An entry as one JSON object in schema `loggy`. */
export function recordOf(entry: Uint8Array): Uint8Array {
  const members = parseObject(Buffer.from(entry).toString().replace(/^,/, '')) ?? {}
  const { message, time, status } = members
  const record = {
    ...readRecordMembers(members),
    time: String(time),
    level: LEVELS.find((level) => level === status),
    body: { form: 'text', text: String(message) } as const,
  }
  return renderLoggy(
    record,
    resourceOfFlat(members, (name) => RESERVED.has(name)),
  )
}

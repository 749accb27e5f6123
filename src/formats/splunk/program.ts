import { memberText } from '../../lib/json-member.ts'
import { isObject, parseObject } from '../../lib/json-object.ts'
import { LEVELS } from '../../model/level.ts'
import type { Op, Program } from '../../model/program.ts'
import type { Resource } from '../../model/resource.ts'
import type { CompileOptions } from '../../model/sink.ts'
import { RECORD_NAMES, readRecordMembers, recordMembers } from '../flat-record.ts'
import { flatAttributesOf, resourceOfFlat } from '../flat-resource.ts'
import { levelText, literal, membersText, when } from '../json-ops.ts'
import { renderLoggy } from '../loggy-record.ts'
import { timeOfNanoseconds } from '../nanoseconds.ts'

/** What events have beside the line; empty for the usual. */
export interface EventOptions {
  /** That of the token, if empty. */
  readonly index: string
  /** `namespace/pod/container`, if empty. */
  readonly source: string
  /** `kube:container:<container>`, if empty: that of Splunk's own collector. */
  readonly sourcetype: string
}

/** What each entry begins with. Within an entry no newline stands as such, but perhaps in a JSON object. */
export const EVENT_START = '\n{"event":'
const LEVEL = 'level'
/** Indexed fields of Splunk itself. Source: docs.splunk.com, Knowledge, "About default fields" */
const RESERVED = new Set([
  ...['host', 'source', 'sourcetype', 'index', 'time', 'event', 'fields', 'linecount', 'punct', 'splunk_server'],
  ...['timestamp', 'timestartpos', 'timeendpos', 'eventtype', 'tag', LEVEL],
  ...RECORD_NAMES,
])

function isReserved(name: string): boolean {
  return name.startsWith('_') || name.startsWith('date_') || RESERVED.has(name)
}

const START: readonly Op[] = [
  literal(EVENT_START),
  when({ form: 'text' }, literal('"'), { op: 'body', as: 'string' }, literal('"')),
  when({ form: 'json' }, { op: 'body', as: 'json' }),
  literal(',"time":'),
  { op: 'time', as: 'seconds' },
]
const WRITTEN_LEVEL = levelText((level) => `,"${LEVEL}":"${level}"`)
const WITHOUT_ID: readonly Op[] = [WRITTEN_LEVEL, ...recordMembers(false), literal('}}')]
const WITH_ID: readonly Op[] = [WRITTEN_LEVEL, ...recordMembers(true), literal('}}')]

/** An event: the line, its time in seconds, and indexed fields, which are texts. Source: docs.splunk.com, Data, "Format events for HTTP Event Collector" */
export function compileSplunk({ index, source, sourcetype }: EventOptions) {
  return (resource: Resource, { hasIds }: CompileOptions): Program => {
    const { namespace, pod, container, node } = resource.kubernetes
    const event: [string, string][] = [
      ['host', typeof node === 'string' ? node : ''],
      ['source', source || [namespace, pod, container].join('/')],
      ['sourcetype', sourcetype || `kube:container:${String(container)}`],
      ['index', index],
    ]
    const about = membersText(event.filter(([, value]) => value !== ''))
    const fields = membersText(flatAttributesOf(resource, isReserved)).slice(1)
    return {
      ops: [...START, literal(`${about},"fields":{${fields}`), ...(hasIds ? WITH_ID : WITHOUT_ID)],
      head: new Uint8Array(0),
    }
  }
}

/** An entry as one JSON object in schema `loggy`. */
export function recordOf(entry: Uint8Array): Uint8Array {
  const text = Buffer.from(entry).toString()
  const { event, fields } = parseObject(text) ?? {}
  const members = isObject(fields) ? fields : {}
  const [seconds = '0', fraction = ''] = (memberText(text.trimStart(), ['time']) ?? '').split('.')
  const json = isObject(event) ? memberText(text.trimStart(), ['event']) : undefined
  const record = {
    ...readRecordMembers(members),
    time: timeOfNanoseconds(BigInt(seconds) * 1_000_000_000n + BigInt(fraction)),
    level: LEVELS.find((level) => level === members[LEVEL]),
    body:
      json === undefined ? ({ form: 'text', text: String(event) } as const) : ({ form: 'json', text: json } as const),
  }
  return renderLoggy(record, resourceOfFlat(members, isReserved))
}

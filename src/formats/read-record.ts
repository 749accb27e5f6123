import { memberText } from '../lib/json-member.ts'
import { isObject, type JsonObject, parseObject } from '../lib/json-object.ts'
import { LEVELS, type Level } from '../model/level.ts'
import type { Resource } from '../model/resource.ts'
import { loggy } from './schemas/loggy.ts'
import { pathOfRecord, resourceOf, schemaOf, toLoggy } from './schemas/schemas.ts'

/** A record as its entry tells of it. */
export interface ReadRecord {
  readonly id: string | undefined
  readonly time: string
  readonly stream: string
  readonly level: Level | undefined
  /** `json`: as it was written. */
  readonly body: { readonly form: 'text' | 'json'; readonly text: string }
  readonly isMalformed: boolean
  readonly isPartial: boolean
  readonly isTruncated: boolean
  readonly originalBytes: number
  /** How many lines were joined; 0 for a single one. */
  readonly lines: number
  /** The JSON that tells of a loss. */
  readonly lost: string | undefined
  /** The JSON that tells of lines that were left out. */
  readonly sampled: string | undefined
}

/** Of a record that is one whole line. */
export const WHOLE_LINE = {
  isMalformed: false,
  isPartial: false,
  isTruncated: false,
  originalBytes: 0,
  lines: 0,
  lost: undefined,
  sampled: undefined,
} as const satisfies Partial<ReadRecord>

/** Reads an entry of any schema back; undefined for what is none. */
export function readRecord(entry: string): { readonly record: ReadRecord; readonly resource: Resource } | undefined {
  const written = parseObject(entry)
  const schema = written && schemaOf(written)
  const own = written && toLoggy(written)
  if (written === undefined || schema === undefined || own === undefined) return undefined
  const body = bodyOf(own, () => memberText(entry, pathOfRecord(schema, 'json')))
  if (body === undefined) return undefined
  const { id, time, stream, level, originalBytes, lines, lost, sampled } = own
  const record = {
    id: textOr(id, undefined),
    time: textOr(time, ''),
    stream: textOr(stream, 'unknown'),
    level: LEVELS.find((known) => known === level),
    body,
    isMalformed: own.malformed === true,
    isPartial: own.partial === true,
    isTruncated: own.truncated === true,
    originalBytes: typeof originalBytes === 'number' ? originalBytes : 0,
    lines: typeof lines === 'number' && Number.isSafeInteger(lines) && lines > 0 ? lines : 0,
    lost: isObject(lost) ? JSON.stringify(lost) : undefined,
    sampled: isObject(sampled) ? JSON.stringify(sampled) : undefined,
  }
  return { record, resource: resourceOf(own, loggy) }
}

function bodyOf({ log, json }: JsonObject, textOfJson: () => string | undefined): ReadRecord['body'] | undefined {
  if (typeof log === 'string') return { form: 'text', text: log }
  const text = isObject(json) ? textOfJson() : undefined
  return text === undefined ? undefined : { form: 'json', text }
}

function textOr<Default>(value: unknown, otherwise: Default): string | Default {
  return typeof value === 'string' ? value : otherwise
}

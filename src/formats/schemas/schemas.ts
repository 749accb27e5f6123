import { isObject, type JsonObject } from '../../lib/json-object.ts'
import { timeOfNanoseconds } from '../nanoseconds.ts'
import { ecs } from './ecs.ts'
import { fluentBit } from './fluent-bit.ts'
import { loggy } from './loggy.ts'
import { otel } from './otel.ts'
import { type RecordField, type RecordRow, type Schema, valueAt } from './schema.ts'
import { vector } from './vector.ts'

/** As in `sink.schema`. */
export const schemas = { loggy, otel, ecs, 'fluent-bit': fluentBit, vector } as const

export type SchemaName = keyof typeof schemas

/** The schema of an entry: that in whose places for namespace and pod there are texts. No two have the same. */
export function schemaOf(entry: JsonObject): Schema | undefined {
  return Object.values(schemas).find((schema) => {
    const { kubernetes = {} } = resourceIn(entry, schema, ['namespace', 'pod'])
    return typeof kubernetes.namespace === 'string' && typeof kubernetes.pod === 'string'
  })
}

/** The entry as schema `loggy` has it; itself if it is in that schema. Undefined for what is no entry. */
export function toLoggy(entry: JsonObject): JsonObject | undefined {
  const schema = schemaOf(entry)
  if (schema === undefined || schema === loggy) return schema && entry
  const { fields, kubernetes } = resourceOf(entry, schema)
  return { ...recordIn(entry, schema), ...fields, kubernetes }
}

/** What an entry says of its container. */
export function resourceOf(
  entry: JsonObject,
  schema: Schema,
): { fields: Record<string, string>; kubernetes: JsonObject } {
  const { fields, kubernetes } = resourceIn(entry, schema)
  // A pod that is known has labels and annotations, even if there are none.
  const known = kubernetes.metadata !== 'path-only' ? { labels: {}, annotations: {} } : {}
  const whole = schema === loggy ? kubernetes : { ...known, ...kubernetes }
  const made = schema.rows.flatMap((row) =>
    row.kind === 'resource' && row.isDerived ? row.write({ fields: {}, kubernetes: whole }, schema) : [],
  )
  for (const [path, value] of made) if (fields[path.at(-1) ?? ''] === value) delete fields[path.at(-1) ?? '']
  return { fields, kubernetes: whole }
}

/** Where a field of records stands. */
export function pathOfRecord(schema: Schema, field: RecordField) {
  return schema.rows.find((row): row is RecordRow => row.kind === 'record' && row.field === field)?.path ?? []
}

/** Without members that are undefined. `only`: these fields. */
function resourceIn(entry: JsonObject, schema: Schema, only?: readonly string[]) {
  const parts = schema.rows.flatMap((row) => {
    if (row.kind === 'record' || (only !== undefined && !row.fields.some((field) => only.includes(field)))) return []
    return row.read(entry, schema)
  })
  const members = (of: 'fields' | 'kubernetes') =>
    parts.flatMap((part) => Object.entries(part[of] ?? {}).filter(([, value]) => value !== undefined))
  return {
    fields: Object.fromEntries(members('fields').map(([name, value]) => [name, String(value)])),
    kubernetes: Object.fromEntries<unknown>(members('kubernetes')),
  }
}

function recordIn(entry: JsonObject, { rows }: Schema): JsonObject {
  const members = rows.flatMap((row) => {
    const value = row.kind === 'record' ? readRecord(row, valueAt(entry, row.path)) : undefined
    return row.kind === 'record' && value !== undefined ? [[row.field, value] as const] : []
  })
  return Object.fromEntries<unknown>(members)
}

function readRecord(row: RecordRow, value: unknown): unknown {
  if (row.field === 'level')
    return row.readLevel?.(value) ?? (typeof value === 'string' ? value.toLowerCase() : undefined)
  // They may have the same place.
  if (row.field === 'log') return typeof value === 'string' ? value : undefined
  if (row.field === 'json') return isObject(value) ? value : undefined
  if (row.isNanoseconds && typeof value === 'string')
    return /^\d{1,20}$/.test(value) ? timeOfNanoseconds(BigInt(value)) : undefined
  return value
}

import { isObject, type JsonObject } from '../../lib/json-object.ts'
import type { Level } from '../../model/level.ts'
import type { Resource } from '../../model/resource.ts'

/** Names of members, from the entry inwards. */
export type Path = readonly string[]

/** A value and its place in an entry. One that is undefined is left out. */
export type Member = readonly [path: Path, value: unknown]

/** What is known of one record, by its name in schema `loggy`. */
export type RecordField =
  | 'id'
  | 'time'
  | 'stream'
  | 'level'
  | 'log'
  | 'json'
  | 'malformed'
  | 'partial'
  | 'lost'
  | 'sampled'
  | 'truncated'
  | 'originalBytes'
  | 'lines'

/** Where one field of a record stands. */
export interface RecordRow {
  readonly kind: 'record'
  readonly field: RecordField
  readonly path: Path
  /** `time`: nanoseconds since 1970, as a text since JSON's numbers are too small; else as the runtime wrote it. */
  readonly isNanoseconds?: true
  /** `level`: what stands for it; its name, if absent. */
  readonly writeLevel?: (level: Level) => string | number
  readonly readLevel?: (value: unknown) => Level | undefined
  /** Of what only Loggy knows: as a text where other schemas have true or a number. Of `lost` and `sampled` only that it is so. */
  readonly isText?: true
}

/** Where something of a container stands that is the same for all of its records. */
export interface ResourceRow {
  readonly kind: 'resource'
  /** Its names in schema `loggy`, in `kubernetes` or, for `cluster` and fixed fields, beside it; none for what is made of others. */
  readonly fields: readonly string[]
  /** Made of other fields: gives way to fixed fields of the same name. */
  readonly isDerived?: true
  /** Its places, for people. */
  readonly places: readonly string[]
  write(resource: Resource, schema: Schema): readonly Member[]
  /** What the entry says of those fields. */
  read(entry: JsonObject, schema: Schema): Partial<Resource>
  /** Whether something else at that path would be taken for it. */
  owns(path: Path): boolean
}

export type Row = RecordRow | ResourceRow

/** How the fields of entries are called: one table that is written and read by. */
export interface Schema {
  readonly name: string
  /** In the order of entries. The first member of each object is one that is always there. */
  readonly rows: readonly Row[]
}

/** The value at a path; undefined where there is none. */
export function valueAt(entry: JsonObject, path: Path): unknown {
  let value: unknown = entry
  for (const name of path) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return value
}

/** Whether the schema has a place of its own there, so that nothing else may stand in it. */
export function isOwned(schema: Schema, path: Path): boolean {
  return schema.rows.some((row) => (row.kind === 'record' ? startsWith(row.path, path) : row.owns(path)))
}

/** `longer` is `path`, or lies within it. */
export function startsWith(longer: Path, path: Path): boolean {
  return path.every((name, depth) => longer[depth] === name)
}

/** A path as JavaScript and jq have it: `kubernetes.pod.name`, `Resource["k8s.pod.name"]`. */
export function textOfPath([first = '', ...names]: Path): string {
  return first + names.map((name) => (/^\w+$/.test(name) ? `.${name}` : `["${name}"]`)).join('')
}

import { isObject, type JsonObject, parseObject } from '../lib/json-object.ts'

/** An enriched line, as `loggy run` writes it in schema `loggy`. What stands here has been checked; it may hold other members. */
export interface Entry {
  /** RFC 3339, exactly as the container runtime wrote it. */
  readonly time?: string
  readonly stream?: string
  /** How grave the agent found it, if it looked. */
  readonly level?: string
  /** The line; one that stands as JSON on its entry, as text. */
  readonly log: string
  /** The line as an object, with `parse.json`. */
  readonly json?: JsonObject
  readonly kubernetes: EntryKubernetes
  /** The line was neither CRI text nor docker JSON: the whole of it is `log`. */
  readonly malformed?: boolean
  /** The container ended in the middle of this line. */
  readonly partial?: boolean
  /** The line was longer than the agent's limit; `originalBytes` says how long. */
  readonly truncated?: boolean
  /** The entry is no line, but tells of bytes that were lost. */
  readonly lost?: unknown
  /** The entry is no line, but tells of lines that were left out, as their container was over its limit. */
  readonly sampled?: unknown
  readonly originalBytes?: number
  /** How many lines of the log it was joined from, such as those of a stack trace. */
  readonly lines?: number
  /** The rules by which something in it was replaced by a mark. */
  readonly redacted?: readonly string[]
}

export interface EntryKubernetes {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly node?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** `path-only`: the pod stayed unknown, the names come from the log file's path. `cached`: from the agent's disk. */
  readonly metadata?: string
}

/** Reads an entry in schema `loggy`, as the page and `tail` get them; undefined for what is none. Never throws. */
export function readEntry(text: string): Entry | undefined {
  const value = parseObject(text)
  return value && entryIn(value, text)
}

/** The entry that an object in schema `loggy` is. `text`: what it was read from. */
export function entryIn(value: JsonObject, text: string): Entry | undefined {
  const entry = value.log === undefined && isObject(value.json) ? { ...value, log: textOf(value.json, text) } : value
  return isEntry(entry) ? entry : undefined
}

/** As it was written, or nearly. */
function textOf(json: JsonObject, line: string): string {
  try {
    return JSON.stringify(json)
  } catch (error) {
    // Reading nested JSON takes no stack, writing it does: some 5,000 levels are too many. Then the whole entry rather than nothing.
    if (error instanceof RangeError) return line
    throw error
  }
}

function isEntry(value: JsonObject): value is JsonObject & Entry {
  return (
    typeof value.log === 'string' &&
    isOptional(value.time, 'string') &&
    isOptional(value.stream, 'string') &&
    isOptional(value.level, 'string') &&
    (value.json === undefined || isObject(value.json)) &&
    isOptional(value.malformed, 'boolean') &&
    isOptional(value.partial, 'boolean') &&
    isOptional(value.truncated, 'boolean') &&
    isOptional(value.originalBytes, 'number') &&
    isOptional(value.lines, 'number') &&
    (value.redacted === undefined || Array.isArray(value.redacted)) &&
    isObject(value.kubernetes) &&
    isEntryKubernetes(value.kubernetes)
  )
}

function isEntryKubernetes(value: JsonObject): boolean {
  return (
    typeof value.namespace === 'string' &&
    typeof value.pod === 'string' &&
    typeof value.container === 'string' &&
    isOptional(value.node, 'string') &&
    isOptional(value.metadata, 'string') &&
    isOptionalStringRecord(value.labels) &&
    isOptionalStringRecord(value.annotations)
  )
}

function isOptional(value: unknown, type: 'string' | 'boolean' | 'number'): boolean {
  return value === undefined || typeof value === type
}

function isOptionalStringRecord(value: unknown): boolean {
  if (value === undefined) return true
  if (!isObject(value)) return false
  for (const key in value) if (typeof value[key] !== 'string') return false
  return true
}

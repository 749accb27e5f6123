/** An enriched line, as `loggy run` writes it; what has been checked of it is what the view shows or filters by. */
export interface Entry {
  /** RFC 3339, exactly as the container runtime wrote it. */
  readonly time?: string
  readonly stream?: string
  readonly log: string
  readonly kubernetes: EntryKubernetes
  /** The line was neither CRI text nor docker JSON: the whole of it is `log`. */
  readonly malformed?: boolean
  /** The container ended in the middle of this line. */
  readonly partial?: boolean
  /** The line was longer than the agent's limit; `originalBytes` says how long. */
  readonly truncated?: boolean
  readonly originalBytes?: number
}

export interface EntryKubernetes {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly node?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** `path-only`: the pod stayed unknown, the names come from the log file's path. */
  readonly metadata?: string
}

/** What one line of the input is: an entry, the agent's own log on its way through `kubectl logs`, or anything else. */
export type Line = { readonly kind: 'entry'; readonly entry: Entry } | { readonly kind: 'agent' | 'blank' | 'foreign' }

/** Parses a line without its newline; never throws. */
export function parseLine(text: string): Line {
  const value = withLog(parseObject(text))
  if (value === undefined) return { kind: text.trim() === '' ? 'blank' : 'foreign' }
  if (isEntry(value)) return { kind: 'entry', entry: value }
  return { kind: typeof value.level === 'string' && typeof value.message === 'string' ? 'agent' : 'foreign' }
}

/** A line that the agent took for JSON reads as it was written, or nearly. */
function withLog(value: JsonObject | undefined): JsonObject | undefined {
  if (value === undefined || value.log !== undefined || !isObject(value.json)) return value
  return { ...value, log: JSON.stringify(value.json) }
}

type JsonObject = Readonly<Record<string, unknown>>

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch (error) {
    // JSON.parse has no other way to say that a line is not JSON.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEntry(value: JsonObject): value is JsonObject & Entry {
  return (
    typeof value.log === 'string' &&
    isOptional(value.time, 'string') &&
    isOptional(value.stream, 'string') &&
    isOptional(value.malformed, 'boolean') &&
    isOptional(value.partial, 'boolean') &&
    isOptional(value.truncated, 'boolean') &&
    isOptional(value.originalBytes, 'number') &&
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

import { LEVELS, type Level, rankInJson, rankInText } from '../pipeline/level.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** What is shown of an entry. Everything in it may be hostile. */
export interface Entry {
  /** As the agent wrote it. */
  readonly json: string
  readonly time: string
  readonly stream: string
  readonly level: Level | undefined
  /** The line; JSON as text. */
  readonly text: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** All other metadata, by name. */
  readonly metadata: ReadonlyMap<string, string>
}

/** Characters in which a text's level is looked for, as the agent does. */
const HEAD_CHARACTERS = 256
/** Characters; to parse a longer line only for its level takes too long. */
const LONGEST_PARSED = 16_384
/** Members of an entry that have a place of their own. */
const OWN_MEMBERS = new Set(['time', 'stream', 'log', 'json', 'kubernetes', 'level'])
const OWN_NAMES = new Set(['namespace', 'pod', 'container', 'labels', 'annotations'])

/** Undefined for what is no entry. */
export function parseEntry(json: string): Entry | undefined {
  const value = parseObject(json)
  const kubernetes = objectOr(value?.kubernetes)
  if (value === undefined || kubernetes === undefined) return undefined
  const text = textOf(value)
  return {
    json,
    time: stringOr(value.time),
    stream: stringOr(value.stream),
    level: levelOf(value, text),
    text,
    namespace: stringOr(kubernetes.namespace),
    pod: stringOr(kubernetes.pod),
    container: stringOr(kubernetes.container),
    labels: stringsOf(kubernetes.labels),
    annotations: stringsOf(kubernetes.annotations),
    metadata: metadataOf(value, kubernetes),
  }
}

function textOf({ log, json }: JsonObject): string {
  if (typeof log === 'string') return log
  return json === undefined ? '' : JSON.stringify(json)
}

function levelOf({ level, json, lost }: JsonObject, text: string): Level | undefined {
  if (lost !== undefined) return 'error'
  const told = LEVELS.find((known) => known === level)
  if (told !== undefined) return told
  const object =
    objectOr(json) ?? (text.startsWith('{') && text.length <= LONGEST_PARSED ? parseObject(text) : undefined)
  const rank = object === undefined ? rankInText(text.slice(0, HEAD_CHARACTERS)) : rankInJson((name) => object[name])
  return rank === undefined ? undefined : LEVELS[rank]
}

function metadataOf(value: JsonObject, kubernetes: JsonObject): ReadonlyMap<string, string> {
  const others = [
    ...Object.entries(kubernetes).filter(([name]) => !OWN_NAMES.has(name)),
    ...Object.entries(value).filter(([name]) => !OWN_MEMBERS.has(name)),
  ]
  return new Map(others.map(([name, member]) => [name, plain(member)]))
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value
  const { kind, name } = objectOr(value) ?? {}
  return typeof kind === 'string' && typeof name === 'string' ? `${kind} ${name}` : JSON.stringify(value)
}

function stringsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(objectOr(value) ?? {}).map(([key, member]) => [key, plain(member)]))
}

function stringOr(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function objectOr(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return objectOr(JSON.parse(text))
  } catch (error) {
    // JSON.parse has no other way to say that a text is not JSON.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

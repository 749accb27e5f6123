import { type Entry, readEntry } from '../entry/entry.ts'
import { isObject, parseObject } from '../lib/json-object.ts'
import { LEVELS, type Level, rankInJson, rankInText } from '../pipeline/level.ts'

/** The parts of an entry that are shown. All of it may be hostile. */
export interface ShownEntry {
  /** As the agent sent it. */
  readonly json: string
  readonly time: string
  readonly stream: string
  readonly level: Level | undefined
  /** The line; a JSON object as text. */
  readonly text: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** All other metadata, by name. */
  readonly metadata: ReadonlyMap<string, string>
}

/** Characters in which to look for a text's level, as the agent does. */
const HEAD_CHARACTERS = 256
/** Characters; parsing a longer line only for its level would take too long. */
const LONGEST_PARSED = 16_384
/** Fields of an entry that are shown in their own place. */
const OWN_MEMBERS = new Set(['time', 'stream', 'log', 'json', 'kubernetes', 'level'])
const OWN_NAMES = new Set(['namespace', 'pod', 'container', 'labels', 'annotations'])

/** Undefined if the JSON is not an entry. */
export function readShownEntry(json: string): ShownEntry | undefined {
  const entry = readEntry(json)
  if (entry === undefined) return undefined
  const { time = '', stream = '', log, kubernetes } = entry
  const { namespace, pod, container, labels = {}, annotations = {} } = kubernetes
  const names = { namespace, pod, container, labels, annotations }
  return { json, time, stream, level: levelOf(entry), text: log, ...names, metadata: metadataOf(entry) }
}

function levelOf(entry: Entry & { readonly level?: unknown; readonly lost?: unknown }): Level | undefined {
  const { level, json, lost, log } = entry
  if (lost !== undefined) return 'error'
  const given = LEVELS.find((known) => known === level)
  if (given !== undefined) return given
  const object = json ?? (log.startsWith('{') && log.length <= LONGEST_PARSED ? parseObject(log) : undefined)
  const rank = object === undefined ? rankInText(log.slice(0, HEAD_CHARACTERS)) : rankInJson((name) => object[name])
  return rank === undefined ? undefined : LEVELS[rank]
}

function metadataOf(entry: Entry): ReadonlyMap<string, string> {
  const others = [
    ...Object.entries(entry.kubernetes).filter(([name]) => !OWN_NAMES.has(name)),
    ...Object.entries(entry).filter(([name]) => !OWN_MEMBERS.has(name)),
  ]
  return new Map(others.map(([name, member]) => [name, plain(member)]))
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value
  if (isObject(value) && typeof value.kind === 'string' && typeof value.name === 'string')
    return `${value.kind} ${value.name}`
  return JSON.stringify(value)
}

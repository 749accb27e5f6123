import { type Entry, readEntry } from '../entry/entry.ts'
import { isObject } from '../entry/json-object.ts'
import { LEVELS, type Level } from '../model/level.ts'

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

/** As the agent has found it. */
function levelOf({ level, lost }: Entry & { readonly level?: unknown; readonly lost?: unknown }): Level | undefined {
  return lost === undefined ? LEVELS.find((known) => known === level) : 'error'
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

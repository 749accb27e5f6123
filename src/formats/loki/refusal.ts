import { parseObject } from '../../lib/json-object.ts'
import { nanosecondsOf } from '../nanoseconds.ts'
import type { Labels } from './labels.ts'

/** Entries that a 400 names. */
export interface Named {
  /** Of their stream; undefined if the text does not have them. */
  readonly labels: Labels | undefined
  /** What tells them from others of the stream. */
  readonly by: { readonly nanoseconds: bigint } | { readonly second: bigint } | { readonly lineBytes: number }
  /** How many there are. */
  readonly count: number
  /** The same for all entries with that fault. */
  readonly reason: string
}

/** What a 400 says. */
export interface LokiRefusal {
  readonly named: readonly Named[]
  /**
   * Of an ingester, about one stream, of `entries` that came that far: `ignored` of them were refused, and at most ten are named (`max_returned_stream_errors`).
   * It says nothing of other streams. `isPart`: of a stream that Loki has split, so there are other entries of it.
   */
  readonly ofStream?: {
    readonly labels: Labels | undefined
    readonly ignored: number
    readonly entries: number
    readonly isPart: boolean
  }
  /** Everything that it says is understood. */
  readonly isWhole: boolean
  /** For people: what it says first. */
  readonly reason: string
}

const LABELS = String.raw`\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}`

/** Ingester, pkg/ingester/stream.go, `errorForFailedEntries`. Before 2.9 the stream stood with each entry. Bounded, as all here: 1 MiB may be anything. */
const IGNORED = new RegExp(
  String.raw`entry with timestamp (\S+) (\S+) ([+-]\d\d)(\d\d) \S+ ignored, reason: '([^\n]{0,2000}?)'(?: for stream: ${LABELS})?,\n`,
  'g',
)
const TOTAL = new RegExp(String.raw`total ignored: (\d+) out of (\d+)(?: for stream: (${LABELS}))?`)
/** Labels that Loki adds to the parts of a stream that it splits: `__stream_shard__`, `__time_shard__`. */
const SHARD = /^__/

/** Distributor, pkg/validation/validate.go, and pkg/util/errors.go, `GroupedErrors`, for what stands before it. */
const COUNT = String.raw`(?:(\d{1,9}) errors like: )?`
const TOO_OLD = new RegExp(
  `${COUNT}entry for stream '(${LABELS})' has timestamp too old: (\\S+), oldest acceptable timestamp is: ([^\\s;]+)`,
  'g',
)
const TOO_NEW = new RegExp(`${COUNT}entry for stream '(${LABELS})' has timestamp too new: ([^\\s;]+)`, 'g')
const TOO_LONG = new RegExp(
  `${COUNT}Max entry size '(\\d+)' bytes exceeded for stream '(${LABELS})' while adding an entry with length '(\\d+)' bytes`,
  'gi',
)
/** Of single entries too, but nothing in it tells which. */
const OTHER_ENTRIES = /has structured metadata too large|has too many structured metadata labels/

/** What a 400 of Loki says of single entries; undefined if it is about something else. */
export function parseRefusal(text: string): LokiRefusal | undefined {
  const total = TOTAL.exec(text)
  if (total !== null) return ofIngester(text, total)
  const named: Named[] = []
  let rest = text
  const take = (pattern: RegExp, read: (groups: readonly string[]) => Named) => {
    rest = rest.replace(pattern, (...found: unknown[]) => {
      named.push(read(found.map((group) => (typeof group === 'string' ? group : ''))))
      return ''
    })
  }
  take(TOO_OLD, ([, count, labels, time = '', oldest]) => {
    return about(
      count,
      labels,
      { second: secondOf(time) },
      `older than Loki accepts: timestamp too old, oldest acceptable timestamp is: ${oldest}`,
    )
  })
  take(TOO_NEW, ([, count, labels, time = '']) => {
    return about(count, labels, { second: secondOf(time) }, 'newer than Loki accepts: timestamp too new')
  })
  take(TOO_LONG, ([, count, most, labels, bytes]) => {
    return about(
      count,
      labels,
      { lineBytes: Number(bytes) },
      `longer than Loki accepts: Max entry size '${most}' bytes exceeded`,
    )
  })
  const [first] = named
  if (first === undefined)
    return OTHER_ENTRIES.test(text) ? { named, isWhole: false, reason: firstLine(text) } : undefined
  return { named, isWhole: /^[;\s]*$/.test(rest), reason: first.reason }
}

function about(count: string | undefined, labels: string | undefined, by: Named['by'], reason: string): Named {
  return { labels: parseLabels(labels ?? ''), by, count: Number(count) || 1, reason }
}

function ofIngester(text: string, [, ignored, entries, stream]: RegExpExecArray): LokiRefusal {
  const pairs = Object.entries(parseLabels(stream ?? '') ?? {})
  const labels = pairs.filter(([name]) => !SHARD.test(name))
  const known = labels.length === 0 ? undefined : Object.fromEntries(labels)
  const named = [...text.matchAll(IGNORED)].map(([, day, time, hours, minutes, reason = '']): Named => {
    const nanoseconds = nanosecondsOf(`${day}T${time}${hours}:${minutes}`)
    return { labels: known, by: { nanoseconds }, count: 1, reason: reason.replace(/entry timestamp is: \S+, /, '') }
  })
  const ofStream = {
    labels: known,
    ignored: Number(ignored),
    entries: Number(entries),
    isPart: labels.length < pairs.length,
  }
  return { named, ofStream, isWhole: named.length === ofStream.ignored, reason: named[0]?.reason ?? firstLine(text) }
}

/** `{a="b", c="d"}`, quoted as Go has it. Undefined if a value cannot be read. */
function parseLabels(text: string): Labels | undefined {
  const pairs = [...text.matchAll(/\b(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', quoted = '']) => {
    return [name, unquoted(quoted)] as const
  })
  const isRead = pairs.every((pair): pair is readonly [string, string] => pair[1] !== undefined)
  return isRead ? Object.fromEntries(pairs) : undefined
}

/** Of Go's escapes, JSON has not `\x`, `\U`, `\a` and `\v`, of which only unprintable characters have need. */
function unquoted(text: string): string | undefined {
  const value = parseObject(`{"value":"${text}"}`)?.value
  return typeof value === 'string' ? value : undefined
}

function secondOf(time: string): bigint {
  return nanosecondsOf(time) / 1_000_000_000n
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 256)
}

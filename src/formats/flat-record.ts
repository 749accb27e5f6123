import type { JsonObject } from '../lib/json-object.ts'
import type { Op } from '../model/program.ts'
import { STREAM_NAMES } from '../model/stream-name.ts'
import { literal, when } from './json-ops.ts'
import type { ReadRecord } from './read-record.ts'

const NAMES = {
  stream: 'log.iostream',
  id: 'log.record.uid',
  malformed: 'loggy.malformed',
  partial: 'loggy.partial',
  truncated: 'loggy.truncated',
  originalBytes: 'loggy.originalBytes',
  lines: 'loggy.lines',
  redacted: 'loggy.redacted',
  lost: 'loggy.lost',
  sampled: 'loggy.sampled',
} as const

export const TRUNCATED = NAMES.truncated
export const ORIGINAL_BYTES = NAMES.originalBytes

/** Members that a record has beside its time, level and body. */
export const RECORD_NAMES: ReadonlySet<string> = new Set(Object.values(NAMES))

const STREAMS = STREAM_NAMES.map((stream) => when({ stream }, literal(`,"${NAMES.stream}":"${stream}"`)))
const WITH_ID: readonly Op[] = [literal(`,"${NAMES.id}":"`), { op: 'record-id' }, literal('"')]
const FLAGS = when(
  { usual: false },
  ...(['malformed', 'partial', 'truncated'] as const).map((is) => when({ is }, literal(`,"${NAMES[is]}":"true"`))),
  when({ is: 'truncated' }, literal(`,"${ORIGINAL_BYTES}":"`), { op: 'original-bytes', as: 'decimal' }, literal('"')),
  when({ is: 'joined' }, literal(`,"${NAMES.lines}":"`), { op: 'lines', as: 'decimal' }, literal('"')),
  when({ is: 'redacted' }, literal(`,"${NAMES.redacted}":"`), { op: 'redacted', as: 'text' }, literal('"')),
  ...(['lost', 'sampled'] as const).map((is) =>
    when({ is }, literal(`,"${NAMES[is]}":"`), { op: 'note', as: 'string' }, literal('"')),
  ),
)

/** These members, as texts, each with a comma before it. */
export function recordMembers(hasIds: boolean): readonly Op[] {
  return [...STREAMS, ...(hasIds ? WITH_ID : []), FLAGS]
}

/** The names in a text with commas. */
export function namesIn(text: unknown): readonly string[] {
  return typeof text === 'string' ? text.split(',').filter((name) => name !== '') : []
}

/** What those members say. `nameOf`: of a member; those above, if absent. */
export function readRecordMembers(
  members: JsonObject,
  nameOf: (field: keyof typeof NAMES) => string = (field) => NAMES[field],
): Omit<ReadRecord, 'time' | 'level' | 'body'> {
  const textOf = (field: keyof typeof NAMES) => {
    const value = members[nameOf(field)]
    return typeof value === 'string' ? value : undefined
  }
  return {
    id: textOf('id'),
    stream: textOf('stream') ?? 'unknown',
    isMalformed: textOf('malformed') === 'true',
    isPartial: textOf('partial') === 'true',
    isTruncated: textOf('truncated') === 'true',
    originalBytes: Number(textOf('originalBytes') ?? 0),
    lines: Number(textOf('lines') ?? 0),
    redacted: namesIn(textOf('redacted')),
    lost: textOf('lost'),
    sampled: textOf('sampled'),
  }
}

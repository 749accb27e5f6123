import type { JsonObject } from '../lib/json-object.ts'
import type { Op } from '../model/program.ts'
import { literal, when } from './json-ops.ts'
import type { ReadRecord } from './read-record.ts'

const STREAM = 'log.iostream'
const ID = 'log.record.uid'

const OWN_NAMES = {
  malformed: 'loggy.malformed',
  partial: 'loggy.partial',
  truncated: 'loggy.truncated',
  originalBytes: 'loggy.originalBytes',
  lines: 'loggy.lines',
  lost: 'loggy.lost',
} as const

export const TRUNCATED = OWN_NAMES.truncated
export const ORIGINAL_BYTES = OWN_NAMES.originalBytes

/** Members that a record has beside its time, level and body. */
export const RECORD_NAMES: ReadonlySet<string> = new Set([STREAM, ID, ...Object.values(OWN_NAMES)])

const STREAMS = (['stdout', 'stderr'] as const).map((stream) => when({ stream }, literal(`,"${STREAM}":"${stream}"`)))
const WITH_ID: readonly Op[] = [literal(`,"${ID}":"`), { op: 'record-id' }, literal('"')]
const FLAGS = when(
  { usual: false },
  ...(['malformed', 'partial', 'truncated'] as const).map((is) => when({ is }, literal(`,"${OWN_NAMES[is]}":"true"`))),
  when({ is: 'truncated' }, literal(`,"${ORIGINAL_BYTES}":"`), { op: 'original-bytes', as: 'decimal' }, literal('"')),
  when({ is: 'joined' }, literal(`,"${OWN_NAMES.lines}":"`), { op: 'lines', as: 'decimal' }, literal('"')),
  when({ is: 'lost' }, literal(`,"${OWN_NAMES.lost}":"`), { op: 'lost', as: 'string' }, literal('"')),
)

/** These members, as texts, each with a comma before it. */
export function recordMembers(hasIds: boolean): readonly Op[] {
  return [...STREAMS, ...(hasIds ? WITH_ID : []), FLAGS]
}

/** What those members say. */
export function readRecordMembers(members: JsonObject): Omit<ReadRecord, 'time' | 'level' | 'body'> {
  const textOf = (name: string) => {
    const value = members[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    id: textOf(ID),
    stream: textOf(STREAM) ?? 'unknown',
    isMalformed: textOf(OWN_NAMES.malformed) === 'true',
    isPartial: textOf(OWN_NAMES.partial) === 'true',
    isTruncated: textOf(OWN_NAMES.truncated) === 'true',
    originalBytes: Number(textOf(OWN_NAMES.originalBytes) ?? 0),
    lines: Number(textOf(OWN_NAMES.lines) ?? 0),
    lost: textOf(OWN_NAMES.lost),
  }
}

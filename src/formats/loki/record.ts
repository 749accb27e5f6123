import { LEVELS } from '../../model/level.ts'
import { readRecordMembers } from '../flat-record.ts'
import { renderLoggy } from '../loggy-record.ts'
import { timeOfNanoseconds } from '../nanoseconds.ts'
import { parseEntry, resourceIn } from './program.ts'

/** The line that stands for lost bytes, as `Pipeline` writes it. */
const LOSS = /^loggy: (?:(\d+)|an unknown number of) bytes of this log are lost: (.*)$/s
/** The line that stands for lines that were left out. */
const SAMPLED = /^loggy: (\d+) lines of this log, (\d+) bytes, were left out: it was over (.*)$/s

/** An entry and its head as one JSON object in schema `loggy`: what `compileLoki` writes, read back. */
export function recordOf(entry: Uint8Array, head: Uint8Array): Uint8Array {
  const { time, line, own } = parseEntry(entry)
  const members = readRecordMembers(own, (field) => field)
  const record = {
    ...members,
    time: timeOfNanoseconds(BigInt(time)),
    level: LEVELS.find((level) => level === own.level),
    body: { form: 'text', text: line } as const,
    lost: members.lost && JSON.stringify(lossIn(line)),
    sampled: members.sampled && JSON.stringify(sampledIn(line)),
  }
  return renderLoggy(record, resourceIn(head))
}

function sampledIn(line: string) {
  const [, lines, bytes, limit] = SAMPLED.exec(line) ?? []
  return { lines: Number(lines), bytes: Number(bytes), limit }
}

function lossIn(line: string) {
  const [, bytes, reason] = LOSS.exec(line) ?? []
  return { bytes: bytes === undefined ? undefined : Number(bytes), reason }
}

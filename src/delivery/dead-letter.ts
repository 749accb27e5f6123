import type { Refusal } from '../model/sink.ts'

/** Why an entry is a dead letter. */
export interface DeadLetterReason extends Refusal {
  /** Name of the sink that refused the entry. */
  readonly sink: string
  /** The tenant whose entry it is; empty for none. */
  readonly tenant: string
  /** ISO 8601. */
  readonly at: string
}

/** A dead letter that is sent again. */
export interface ReadLetter {
  /** One JSON object. */
  readonly record: Buffer
  /** The sink that refused it; empty if the line does not say. */
  readonly sink: string
  readonly tenant: string
}

const MEMBER = ',"deadLetter":{'

/** One line: the record, a JSON object, with `deadLetter` added as its last member. */
export function writeDeadLetter(record: Uint8Array, letter: DeadLetterReason): Buffer {
  const { sink, status, reason, at, tenant } = letter
  const why = { sink, status, reason, at, ...(tenant !== '' && { tenant }) }
  return Buffer.concat([record.subarray(0, -1), Buffer.from(`,"deadLetter":${JSON.stringify(why)}}\n`)])
}

/** The record without that member; undefined if the line is not a JSON object with other members. */
export function readDeadLetter(line: Buffer): ReadLetter | undefined {
  const whole = parseObject(line)
  if (whole === undefined) return undefined
  const { deadLetter, ...others } = whole
  if (Object.keys(others).length === 0) return undefined
  const { sink = '', tenant = '' }: { sink?: unknown; tenant?: unknown } =
    deadLetter instanceof Object ? deadLetter : {}
  const about = { sink: String(sink), tenant: String(tenant) }
  if (deadLetter === undefined) return { record: line, ...about }
  // Cut from the original text, so that no number changes: JSON allows larger ones than JavaScript.
  const cut = Buffer.concat([line.subarray(0, Math.max(0, line.lastIndexOf(MEMBER))), Buffer.from('}')])
  return { record: isRest(cut, others) ? cut : Buffer.from(JSON.stringify(others)), ...about }
}

function isRest(cut: Buffer, others: object): boolean {
  const rest = parseObject(cut)
  return rest !== undefined && JSON.stringify(rest) === JSON.stringify(others)
}

function parseObject(line: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line.toString())
    return value instanceof Object && !Array.isArray(value) ? { ...value } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

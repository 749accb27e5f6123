import type { Refusal } from '../model/sink.ts'

/** Why an entry is a dead letter. */
export interface DeadLetterReason extends Refusal {
  /** Name of the sink that refused it. */
  readonly sink: string
  /** Partition of the destination; empty for none. */
  readonly tenant: string
  /** ISO 8601. */
  readonly at: string
}

/** An entry to be sent again. */
export interface ReadLetter {
  /** One JSON object. */
  readonly record: Buffer
  /** Who refused it; empty where it does not say. */
  readonly sink: string
  readonly tenant: string
}

const MEMBER = ',"deadLetter":{'

/** A line with the record, which is one JSON object, and `deadLetter` as its last member. */
export function writeDeadLetter(record: Uint8Array, letter: DeadLetterReason): Buffer {
  const { sink, status, reason, at, tenant } = letter
  const why = { sink, status, reason, at, ...(tenant !== '' && { tenant }) }
  return Buffer.concat([record.subarray(0, -1), Buffer.from(`,"deadLetter":${JSON.stringify(why)}}\n`)])
}

/** The record without that member; undefined for a line that is no JSON object with anything else in it. */
export function readDeadLetter(line: Buffer): ReadLetter | undefined {
  const whole = parseObject(line)
  if (whole === undefined) return undefined
  const { deadLetter, ...others } = whole
  if (Object.keys(others).length === 0) return undefined
  const { sink = '', tenant = '' }: { sink?: unknown; tenant?: unknown } =
    deadLetter instanceof Object ? deadLetter : {}
  const about = { sink: String(sink), tenant: String(tenant) }
  if (deadLetter === undefined) return { record: line, ...about }
  // As it was written, so that no number of another object changes: JSON has larger ones than JavaScript.
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

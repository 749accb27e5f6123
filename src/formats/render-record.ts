import { LEVELS } from '../model/level.ts'
import type { Condition, NumberForm, Op, Program, TimeUnit } from '../model/program.ts'
import { nanosecondsOf, secondsOf } from './nanoseconds.ts'
import type { ReadRecord } from './read-record.ts'
import { type TraceContext, traceContextOf } from './trace-context.ts'
import { varint } from './varint.ts'

/** The entry that a program makes of a record that was read back. The kernel does the same for a container's records, much faster. */
export function renderRecord({ ops, literals = [] }: Pick<Program, 'ops' | 'literals'>, record: ReadRecord): Buffer {
  return Buffer.concat(ops.map((op) => render(op, literals, record)))
}

function render(op: Op, literals: readonly Uint8Array[], record: ReadRecord): Uint8Array {
  switch (op.op) {
    case 'literal':
      return op.bytes
    case 'own-literal':
      return literals[op.index] ?? Buffer.alloc(0)
    case 'time':
      if (op.as === 'written') return Buffer.from(record.time)
      if (op.as === 'seconds') return Buffer.from(secondsOf(nanosecondsOf(record.time)))
      return numberBytes(op.as, nanosecondsOf(record.time) / UNITS[op.unit])
    case 'now':
      return numberBytes(op.as, (BigInt(Date.now()) * 1_000_000n) / UNITS[op.unit])
    case 'body':
      if (op.as === 'string') return Buffer.from(JSON.stringify(record.body.text.toWellFormed()).slice(1, -1))
      return Buffer.from(record.body.text)
    case 'level':
      return op.literals[record.level === undefined ? 0 : LEVELS.indexOf(record.level) + 1] ?? Buffer.alloc(0)
    case 'level-word':
      return Buffer.from(record.level?.toUpperCase() ?? '') // the word itself is not kept
    case 'trace':
      return traceBytes(op.literals, traceContextOf(record.body.text))
    case 'record-id':
      return Buffer.from(record.id ?? '')
    case 'original-bytes':
      return numberBytes(op.as, BigInt(record.originalBytes))
    case 'lines':
      return numberBytes(op.as, BigInt(record.lines))
    case 'redacted':
      return Buffer.from(op.as === 'text' ? record.redacted.join() : JSON.stringify(record.redacted))
    case 'note': {
      const note = record.lost ?? record.sampled ?? '{}'
      return Buffer.from(op.as === 'string' ? JSON.stringify(note).slice(1, -1) : note)
    }
    case 'prefix': {
      const bytes = renderRecord({ ops: op.ops, literals }, record)
      return Buffer.concat([numberBytes(op.as, BigInt(bytes.length)), bytes])
    }
    case 'if':
      return isMet(op.when, record) ? renderRecord({ ops: op.ops, literals }, record) : Buffer.alloc(0)
  }
}

function traceBytes(
  [beforeTrace, beforeSpan, beforeFlags]: readonly Uint8Array[],
  context: TraceContext | undefined,
): Uint8Array {
  if (context === undefined) return Buffer.alloc(0)
  const parts = [
    [beforeTrace, context.trace],
    [beforeSpan, context.span],
    [beforeFlags, context.flags?.padEnd(8, '0')],
  ] as const
  return Buffer.concat(
    parts.flatMap(([before = Buffer.alloc(0), hex]) => (hex === undefined ? [] : [before, Buffer.from(hex, 'hex')])),
  )
}

function isMet(when: Condition, record: ReadRecord): boolean {
  if ('stream' in when) return streamOf(record) === when.stream
  if ('form' in when) return record.body.form === when.form
  const is = {
    malformed: record.isMalformed,
    partial: record.isPartial,
    truncated: record.isTruncated,
    joined: record.lines > 0,
    redacted: record.redacted.length > 0,
    lost: record.lost !== undefined,
    sampled: record.sampled !== undefined,
  }
  if ('is' in when) return is[when.is]
  const isUsual = !Object.values(is).includes(true) && streamOf(record) !== 'unknown'
  return isUsual === when.usual
}

function streamOf({ stream }: ReadRecord): 'stdout' | 'stderr' | 'unknown' {
  return stream === 'stdout' || stream === 'stderr' ? stream : 'unknown'
}

const UNITS: Readonly<Record<TimeUnit, bigint>> = { ns: 1n, ms: 1_000_000n, s: 1_000_000_000n }

function numberBytes(form: NumberForm, value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8)
  switch (form) {
    case 'decimal':
      return Buffer.from(String(value))
    case 'varint':
      return varint(value)
    case 'byte':
      return bytes.subarray(0, bytes.writeUInt8(Number(value)))
    case 'uint32-be':
      return bytes.subarray(0, bytes.writeUInt32BE(Number(value)))
    case 'fixed64':
      return bytes.subarray(0, bytes.writeBigUInt64LE(value))
    case 'uint64-be':
      return bytes.subarray(0, bytes.writeBigUInt64BE(value))
  }
}

import { LEVELS } from '../../model/level.ts'
import { type Attributes, readAnyValue, readKeyValue, type Value } from './any-value.ts'
import { ID, NUMBERS_OF_LEVEL, OWN, RECORD, RESOURCE, STREAM } from './program.ts'
import { type Field, fieldsOf } from './protobuf.ts'
import { resourceOf } from './resource.ts'

/** An entry and its head as one JSON object in schema `loggy`: what `compileOtlp` writes, read back. */
export function recordOf(entry: Uint8Array, head: Uint8Array): Buffer {
  const fields = fieldsOf(contentOf(entry)) ?? []
  const fieldOf = (number: number) => fields.find((field) => field.number === number)?.value
  const attributes = attributesIn(fields, RECORD.attributes)
  const own = (name: string) => attributes[OWN + name]
  const { fields: fixed, kubernetes } = resourceOf(attributesIn(fieldsOf(contentOf(head)) ?? [], RESOURCE.attributes))
  const record = {
    id: attributes[ID],
    time: timeOf(fieldOf(RECORD.time)),
    stream: attributes[STREAM] ?? 'unknown',
    level: levelOf(fieldOf(RECORD.severityNumber)),
    log: bodyOf(fieldOf(RECORD.body)),
    malformed: own('malformed'),
    partial: own('partial'),
    lost: parsed(own('lost')),
    truncated: own('truncated'),
    originalBytes: own('originalBytes'),
    ...fixed,
    kubernetes,
  }
  return Buffer.from(JSON.stringify(record))
}

/** Of bytes that are a single field with a length. */
function contentOf(bytes: Uint8Array): Buffer {
  const value = fieldsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))?.[0]?.value
  return value instanceof Buffer ? value : Buffer.alloc(0)
}

function attributesIn(fields: readonly Field[], number: number): Attributes {
  const pairs = fields.flatMap(({ number: of, value }) => {
    const pair = of === number && value instanceof Buffer ? readKeyValue(value) : undefined
    return pair === undefined ? [] : [pair]
  })
  return Object.fromEntries(pairs)
}

/** RFC 3339, with nanoseconds. */
function timeOf(value: Field['value'] | undefined): string {
  const nanoseconds = typeof value === 'bigint' ? value : 0n
  const toSeconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${toSeconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}

function levelOf(value: Field['value'] | undefined): string | undefined {
  return value === undefined ? undefined : LEVELS[Math.floor((Number(value) - 1) / NUMBERS_OF_LEVEL)]
}

function bodyOf(value: Field['value'] | undefined): Value {
  return (value instanceof Buffer ? readAnyValue(value) : undefined) ?? ''
}

function parsed(json: Value | undefined): unknown {
  return typeof json === 'string' ? JSON.parse(json) : undefined
}

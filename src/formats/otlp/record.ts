import { timeOfNanoseconds } from '../nanoseconds.ts'
import { levelOfSeverity } from '../severity.ts'
import { type Attributes, readAnyValue, readKeyValue, type Value } from './any-value.ts'
import { ID, OWN, RECORD, RESOURCE, STREAM } from './program.ts'
import { type Field, fieldsOf } from './protobuf.ts'
import { resourceOf } from './resource.ts'

/** An entry and its head as one JSON object in schema `loggy`: what `compileOtlp` writes, read back. */
export function recordOf(entry: Uint8Array, head: Uint8Array): Buffer {
  const fields = fieldsOf(contentOf(entry)) ?? []
  const fieldOf = (number: number) => fields.find((field) => field.number === number)?.value
  const time = fieldOf(RECORD.time)
  const attributes = attributesIn(fields, RECORD.attributes)
  const own = (name: string) => attributes[OWN + name]
  const { fields: fixed, kubernetes } = resourceOf(attributesIn(fieldsOf(contentOf(head)) ?? [], RESOURCE.attributes))
  const record = {
    id: attributes[ID],
    time: timeOfNanoseconds(typeof time === 'bigint' ? time : 0n),
    stream: attributes[STREAM] ?? 'unknown',
    level: levelOf(fieldOf(RECORD.severityNumber)),
    log: bodyOf(fieldOf(RECORD.body)),
    malformed: own('malformed'),
    partial: own('partial'),
    lost: parsed(own('lost')),
    sampled: parsed(own('sampled')),
    truncated: own('truncated'),
    originalBytes: own('originalBytes'),
    lines: own('lines'),
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

function levelOf(value: Field['value'] | undefined): string | undefined {
  return value === undefined ? undefined : levelOfSeverity(Number(value))
}

function bodyOf(value: Field['value'] | undefined): Value {
  return (value instanceof Buffer ? readAnyValue(value) : undefined) ?? ''
}

function parsed(json: Value | undefined): unknown {
  return typeof json === 'string' ? JSON.parse(json) : undefined
}

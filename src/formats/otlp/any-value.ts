import { varint } from '../varint.ts'
import { fieldsOf, sized, varintTag } from './protobuf.ts'

/** What an attribute may be here. */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value }

/** By name. */
export type Attributes = Readonly<Record<string, Value>>

/** Numbers of the fields of `AnyValue`. Source: opentelemetry-proto, common/v1/common.proto */
export const STRING_VALUE = 1
export const BOOL_VALUE = 2
export const INT_VALUE = 3
export const DOUBLE_VALUE = 4
export const ARRAY_VALUE = 5
export const MAP_VALUE = 6

/** Of `KeyValue`. */
export const KEY = 1
export const VALUE = 2
/** Of `ArrayValue` and `KeyValueList`. */
export const VALUES = 1

/** A `KeyValue`, as the field of that number. */
export function keyValue(number: number, key: string, value: Value): Buffer {
  return sized(number, sized(KEY, Buffer.from(key)), sized(VALUE, anyValue(value)))
}

function anyValue(value: Value): Buffer {
  if (typeof value === 'string') return sized(STRING_VALUE, Buffer.from(value))
  if (typeof value === 'boolean') return Buffer.concat([varintTag(BOOL_VALUE), varint(Number(value))])
  if (typeof value === 'number') return Buffer.concat([varintTag(INT_VALUE), varint(value)])
  if (isList(value)) return sized(ARRAY_VALUE, ...value.map((one) => sized(VALUES, anyValue(one))))
  return sized(MAP_VALUE, ...Object.entries(value).map(([key, one]) => keyValue(VALUES, key, one)))
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** A `KeyValue` as [key, value]; undefined for what only others write. */
export function readKeyValue(message: Buffer): [string, Value] | undefined {
  let [key, value]: [string | undefined, Value | undefined] = [undefined, undefined]
  for (const field of fieldsOf(message) ?? []) {
    if (field.number === KEY) key = String(field.value)
    else if (field.number === VALUE && field.value instanceof Buffer) value = readAnyValue(field.value)
  }
  return key === undefined || value === undefined ? undefined : [key, value]
}

export function readAnyValue(message: Buffer): Value | undefined {
  const field = fieldsOf(message)?.at(-1)
  if (field === undefined) return undefined
  const { number, value } = field
  if (typeof value === 'bigint') {
    if (number === BOOL_VALUE) return value !== 0n
    return number === INT_VALUE ? Number(BigInt.asIntN(64, value)) : undefined
  }
  if (number === STRING_VALUE) return value.toString()
  if (number === ARRAY_VALUE) return messagesIn(value).flatMap((one) => readAnyValue(one) ?? [])
  return number === MAP_VALUE ? Object.fromEntries(messagesIn(value).flatMap((one) => pairOf(one))) : undefined
}

function pairOf(message: Buffer): [string, Value][] {
  const pair = readKeyValue(message)
  return pair === undefined ? [] : [pair]
}

function messagesIn(list: Buffer): Buffer[] {
  return (fieldsOf(list) ?? []).flatMap(({ value }) => (value instanceof Buffer ? [value] : []))
}

/** Protocol Buffers on the wire, as far as OTLP needs them. Source: https://protobuf.dev/programming-guides/encoding/ */

import { varint } from '../varint.ts'

const VARINT = 0
const FIXED64 = 1
const SIZED = 2
const FIXED32 = 5

/** What stands before a field that has a length. */
export function sizedTag(number: number): Buffer {
  return varint((number << 3) | SIZED)
}

export function varintTag(number: number): Buffer {
  return varint((number << 3) | VARINT)
}

export function fixed64Tag(number: number): Buffer {
  return varint((number << 3) | FIXED64)
}

export function fixed32Tag(number: number): Buffer {
  return varint((number << 3) | FIXED32)
}

/** A field that is bytes, a text or a message. */
export function sized(number: number, ...parts: readonly Uint8Array[]): Buffer {
  const byteCount = parts.reduce((sum, { length }) => sum + length, 0)
  return Buffer.concat([sizedTag(number), varint(byteCount), ...parts])
}

/** A field of a message that was read: bytes, or a number. */
export interface Field {
  readonly number: number
  readonly value: Buffer | bigint
}

/** The fields of a message, in order. Undefined if the bytes are none. Views, not copies. */
export function fieldsOf(message: Buffer): Field[] | undefined {
  const fields: Field[] = []
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at)
    if (tag === undefined) return undefined
    const kind = Number(tag.value & 7n)
    const value = readValue(message, tag.end, kind)
    if (value === undefined || value.end > message.length) return undefined
    fields.push({ number: Number(tag.value >> 3n), value: value.value })
    at = value.end
  }
  return fields
}

interface Read<T> {
  readonly value: T
  /** Where it ends. */
  readonly end: number
}

function readValue(message: Buffer, at: number, kind: number): Read<Buffer | bigint> | undefined {
  if (kind === VARINT) return readVarint(message, at)
  if (kind === FIXED64) return at + 8 > message.length ? undefined : { value: message.readBigUInt64LE(at), end: at + 8 }
  if (kind === FIXED32)
    return at + 4 > message.length ? undefined : { value: BigInt(message.readUInt32LE(at)), end: at + 4 }
  if (kind !== SIZED) return undefined
  const length = readVarint(message, at)
  if (length === undefined || length.value > message.length) return undefined
  const end = length.end + Number(length.value)
  return { value: message.subarray(length.end, end), end }
}

function readVarint(message: Buffer, at: number): Read<bigint> | undefined {
  let value = 0n
  for (let index = 0; index < 10; index += 1) {
    const byte = message[at + index]
    if (byte === undefined) return undefined
    value |= BigInt(byte & 0x7f) << BigInt(index * 7)
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + index + 1 }
  }
  return undefined
}

import { isObject } from '../../lib/json-object.ts'
import { varint } from '../varint.ts'
import {
  ARRAY_VALUE,
  BOOL_VALUE,
  DOUBLE_VALUE,
  INT_VALUE,
  KEY,
  MAP_VALUE,
  STRING_VALUE,
  VALUE,
  VALUES,
} from './any-value.ts'
import { fixed64Tag, sizedTag, varintTag } from './protobuf.ts'

/** The most bytes that a byte of JSON becomes: a list in a list, of two bytes, has two messages with lengths of up to five bytes. */
const MAXIMUM_GROWTH = 8
const SPARE_BYTES = 64

/** Tags are one byte here. */
const TAGS = {
  text: tag(sizedTag(STRING_VALUE)),
  bool: tag(varintTag(BOOL_VALUE)),
  int: tag(varintTag(INT_VALUE)),
  double: tag(fixed64Tag(DOUBLE_VALUE)),
  list: tag(sizedTag(ARRAY_VALUE)),
  map: tag(sizedTag(MAP_VALUE)),
  key: tag(sizedTag(KEY)),
  value: tag(sizedTag(VALUE)),
  one: tag(sizedTag(VALUES)),
}

/** Writes what JSON.parse returns as an `AnyValue`: from its end on, so that each length is known when it is its turn. */
export class MapWriter {
  #bytes = Buffer.alloc(0)
  #at = 0

  /** `jsonBytes`: of the text that it was. The result is valid until the next call. */
  write(value: unknown, jsonBytes: number): Uint8Array {
    const most = jsonBytes * MAXIMUM_GROWTH + SPARE_BYTES
    if (this.#bytes.length < most) this.#bytes = Buffer.allocUnsafeSlow(most)
    this.#at = this.#bytes.length
    this.#value(value)
    return this.#bytes.subarray(this.#at)
  }

  /** null is a value that is not set. */
  #value(value: unknown): void {
    if (typeof value === 'string') this.#text(TAGS.text, value)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'bigint') this.#int(value)
    else if (typeof value === 'boolean') {
      this.#varint(Number(value))
      this.#byte(TAGS.bool)
    } else if (Array.isArray(value)) this.#list(value)
    else if (isObject(value)) this.#map(Object.entries(value))
  }

  #list(values: readonly unknown[]): void {
    const end = this.#at
    for (let index = values.length - 1; index >= 0; index -= 1) this.#message(TAGS.one, values[index])
    this.#length(TAGS.list, end)
  }

  #map(pairs: readonly (readonly [string, unknown])[]): void {
    const end = this.#at
    for (let index = pairs.length - 1; index >= 0; index -= 1) {
      const [key, value] = pairs[index] as readonly [string, unknown]
      const pairEnd = this.#at
      this.#message(TAGS.value, value)
      this.#text(TAGS.key, key)
      this.#length(TAGS.one, pairEnd)
    }
    this.#length(TAGS.map, end)
  }

  #message(tag: number, value: unknown): void {
    const end = this.#at
    this.#value(value)
    this.#length(tag, end)
  }

  #text(tag: number, text: string): void {
    const end = this.#at
    this.#at -= Buffer.byteLength(text)
    this.#bytes.write(text, this.#at)
    this.#length(tag, end)
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#int(value)
      return
    }
    this.#at = this.#bytes.writeDoubleLE(value, this.#at - 8) - 8
    this.#byte(TAGS.double)
  }

  #int(value: number | bigint): void {
    this.#varint(value)
    this.#byte(TAGS.int)
  }

  #length(tag: number, end: number): void {
    this.#varint(end - this.#at)
    this.#byte(tag)
  }

  #varint(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value < 0x80) {
      this.#byte(value)
      return
    }
    const bytes = varint(value)
    this.#at -= bytes.length
    this.#bytes.set(bytes, this.#at)
  }

  #byte(byte: number): void {
    this.#at -= 1
    this.#bytes[this.#at] = byte
  }
}

function tag(bytes: Buffer): number {
  return bytes[0] as number
}

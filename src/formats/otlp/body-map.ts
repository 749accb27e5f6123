import { isObject, type JsonObject, parseObject } from '../../lib/json-object.ts'
import { varint } from '../varint.ts'
import { MapWriter } from './map-writer.ts'
import { RECORD, SCOPE_LOGS } from './program.ts'
import { fieldsOf, sized } from './protobuf.ts'

const OPENING_BRACE = 0x7b
/**
 * Objects and lists within each other; deeper ones stay text. Each is three messages of protobuf, of which readers in C++ and Java take 100
 * within each other.
 */
const DEEPEST = 24
/** Digits of a number that a double may not hold. */
const LONG_NUMBER = /\d{16}/

const writer = new MapWriter()

/** Records, one behind the other, whose bodies are maps where the text is a JSON object. */
export function withMaps(piece: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
  const pieces: Uint8Array[] = []
  let copied = 0
  for (const { value } of fieldsOf(bytes) ?? []) {
    if (!(value instanceof Buffer)) continue
    const start = value.byteOffset - bytes.byteOffset
    const record = withMap(value)
    if (record === undefined) continue
    const recordStart = start - varint(value.length).length - 1
    if (recordStart > copied) pieces.push(bytes.subarray(copied, recordStart))
    pieces.push(record)
    copied = start + value.length
  }
  if (copied < bytes.length) pieces.push(bytes.subarray(copied))
  return pieces
}

/** The record as a field; undefined if its body stays as it is. */
function withMap(record: Buffer): Buffer | undefined {
  const body = fieldsOf(record)?.find(({ number }) => number === RECORD.body)?.value
  if (!(body instanceof Buffer)) return undefined
  const [text] = fieldsOf(body) ?? []
  if (!(text?.value instanceof Buffer) || text.value[0] !== OPENING_BRACE) return undefined
  const object = parse(text.value.toString())
  if (object === undefined || isDeep(object, DEEPEST)) return undefined
  const end = body.byteOffset - record.byteOffset + body.length
  const start = end - body.length - varint(body.length).length - 1
  const map = sized(RECORD.body, writer.write(object, text.value.length))
  return sized(SCOPE_LOGS.records, record.subarray(0, start), map, record.subarray(end))
}

/** As JSON.parse does; whole numbers of more than 53 bits keep their digits. */
function parse(json: string): JsonObject | undefined {
  if (!LONG_NUMBER.test(json)) return parseObject(json)
  return parseObject(json, (_key: string, value: unknown, { source }: { readonly source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(source ?? '')) return value
    const whole = BigInt(source ?? '')
    return BigInt.asIntN(64, whole) === whole ? whole : value
  })
}

function isDeep(value: unknown, most: number): boolean {
  if (!isObject(value) && !Array.isArray(value)) return false
  return most === 0 || Object.values(value).some((inner) => isDeep(inner, most - 1))
}

import * as layout from '../layout'
import { byteAt, each, hexOf } from './bytes'
import { afterSpace, endOfValue } from './json'
import { endOfString } from './json-string'

// Hot file: runs over each record of a program that writes trace contexts. Guarded by test/bench.

const QUOTE: u32 = 0x22
const COMMA: u32 = 0x2c
const POINT: u32 = 0x2e
const COLON: u32 = 0x3a
const UNDERSCORE: u32 = 0x5f
const OPENING_BRACE: u32 = 0x7b
const CLOSING_BRACE: u32 = 0x7d

/** `otel`, `trac`, `span`, `flag`, `id`, `race` and `dd.`, as they are loaded. */
const OTEL: u32 = 0x6c65746f
const TRAC: u32 = 0x63617274
const SPAN: u32 = 0x6e617073
const FLAG: u32 = 0x67616c66
const ID: u32 = 0x6469
const RACE: u32 = 0x65636172
const DD_POINT: u32 = 0x2e6464
/** Makes capitals small. */
const SMALL_4: u32 = 0x20202020

const TRACE_BYTES: usize = 16
const SPAN_BYTES: usize = 8
const FLAGS_BYTES: usize = 1

/** Of the record that was looked at last: where the digits begin, or 0. */
let traceAt: usize = 0
let spanAt: usize = 0
let flagsAt: usize = 0

/**
 * Looks for the trace context among the members of a body that is a JSON object. As with levels, all up to a member is validated, and what is behind
 * may be anything; the first member that has a name and a value as wanted counts.
 */
export function findTrace(row: usize): void {
  traceAt = 0
  spanAt = 0
  flagsAt = 0
  const start: usize = load<u32>(row, layout.ROW_BODY)
  const end = start + load<u32>(row, layout.ROW_BODY_BYTES)
  if (byteAt(start, end) != OPENING_BRACE) return
  const last = lastName(start, end)
  if (last == 0) return
  let at = afterSpace(start + 1, end)
  while (byteAt(at, end) == QUOTE) {
    const name = at + 1
    const nameEnd = endOfString(name, end)
    if (nameEnd == 0) break
    at = afterSpace(nameEnd + 1, end)
    if (byteAt(at, end) != COLON) break
    at = afterSpace(at + 1, end)
    const value = at
    const valueEnd = endOfValue(value, end, 1)
    if (valueEnd == 0) break
    at = afterSpace(valueEnd, end)
    const byte = byteAt(at, end)
    if (byte != COMMA && byte != CLOSING_BRACE) break
    takeMember(name, nameEnd, value, valueEnd)
    // Nothing that counts is behind it.
    if (byte == CLOSING_BRACE || (at > last && (traceAt == 0 || spanAt != 0))) break
    at = afterSpace(at + 1, end)
  }
  // By itself neither says anything.
  if (traceAt == 0) {
    spanAt = 0
    flagsAt = 0
  }
}

/** The number of bytes that `writeTrace` writes for it. */
export function traceBytes(op: usize): usize {
  return (
    (traceAt == 0 ? 0 : spanBytes(op, 0) + TRACE_BYTES) +
    (spanAt == 0 ? 0 : spanBytes(op, 1) + SPAN_BYTES) +
    (flagsAt == 0 ? 0 : spanBytes(op, 2) + sizeof<u32>())
  )
}

/** Writes what `findTrace` has found, each behind its literal, and returns the end. */
export function writeTrace(op: usize, out: usize): usize {
  if (traceAt != 0) out = writeHex(traceAt, TRACE_BYTES, writeLiteral(op, 0, out))
  if (spanAt != 0) out = writeHex(spanAt, SPAN_BYTES, writeLiteral(op, 1, out))
  if (flagsAt == 0) return out
  out = writeLiteral(op, 2, out)
  store<u32>(out, 0)
  writeHex(flagsAt, FLAGS_BYTES, out)
  return out + sizeof<u32>()
}

/** Where the last name of a trace id or of flags may be, or 0. Of 16 bytes two are compared with all of `trace`, since most have none. */
function lastName(start: usize, end: usize): usize {
  let last: usize = 0
  for (let at = start; at < end; at += 16) {
    const pairs = v128.and(i8x16.eq(v128.load(at), each(0x72)), i8x16.eq(v128.load(at, 2), each(0x63)))
    if (!v128.any_true(pairs)) continue
    for (let places = <u32>i8x16.bitmask(pairs); places != 0; places &= places - 1) {
      const place = at + ctz(places)
      if (load<u32>(place) == RACE && goesOn(load<u8>(place, 4))) last = place
    }
  }
  return last
}

/** What may stand behind `trace` in a name: `_`, `.`, the first letter of `id` or `flags`. */
function goesOn(byte: u32): bool {
  const small = byte | 0x20
  return byte == UNDERSCORE || byte == POINT || small == 0x69 || small == 0x66
}

/**
 * `trace_id`, `traceId`, `trace.id`, `TraceID` and so for `span`, and `trace_flags`; with `dd.`, `otel.` or `otel` before. Datadog's decimal numbers are no
 * ids of OpenTelemetry; what it writes with 32 digits is one.
 */
function takeMember(name: usize, nameEnd: usize, value: usize, valueEnd: usize): void {
  if (nameEnd - name < 6 || nameEnd - name > 16 || byteAt(value, valueEnd) != QUOTE) return
  if ((load<u32>(name) & 0xffffff) == DD_POINT) name += 3
  else if (load<u32>(name) == OTEL) name += load<u8>(name, 4) == POINT ? 5 : 4
  const first = load<u32>(name) | SMALL_4
  const isTrace = first == TRAC && load<u8>(name, 4) == 0x65
  if (!isTrace && first != SPAN) return
  let rest = name + (isTrace ? 5 : 4)
  const separator: u32 = load<u8>(rest)
  if (separator == UNDERSCORE || separator == POINT) rest += 1
  const digits = value + 1
  const digitBytes = valueEnd - digits - 1
  if (nameEnd - rest == 2 && (<u32>load<u16>(rest) | (SMALL_4 & 0xffff)) == ID) {
    if (isTrace && traceAt == 0 && isId(digits, digitBytes, TRACE_BYTES)) traceAt = digits
    if (!isTrace && spanAt == 0 && isId(digits, digitBytes, SPAN_BYTES)) spanAt = digits
  } else if (isTrace && nameEnd - rest == 5 && (load<u32>(rest) | SMALL_4) == FLAG && load<u8>(rest, 4) == 0x73) {
    if (flagsAt == 0 && digitBytes == FLAGS_BYTES * 2 && areHex(digits, digitBytes)) flagsAt = digits
  }
}

/** Zeros alone are no id (W3C Trace Context, 3.2.2). */
function isId(digits: usize, digitBytes: usize, bytes: usize): bool {
  return digitBytes == bytes * 2 && areHex(digits, digitBytes) && !isZero
}

/** Whether what `areHex` has looked at is nothing but zeros. */
let isZero = false

function areHex(at: usize, count: usize): bool {
  let any: u32 = 0
  for (const end = at + count; at < end; at += 1) {
    const digit = hexOf(load<u8>(at))
    if (digit > 15) return false
    any |= digit
  }
  isZero = any == 0
  return true
}

function writeHex(digits: usize, bytes: usize, out: usize): usize {
  for (let index: usize = 0; index < bytes; index += 1) {
    store<u8>(out + index, (hexOf(load<u8>(digits + index * 2)) << 4) | hexOf(load<u8>(digits + index * 2, 1)))
  }
  return out + bytes
}

function literalOf(op: usize, index: usize): usize {
  return <usize>load<u32>(op, layout.OP_VALUE) + index * layout.SPAN_SIZE
}

function spanBytes(op: usize, index: usize): usize {
  const literal = literalOf(op, index)
  return load<u32>(literal, layout.SPAN_END) - load<u32>(literal, layout.SPAN_START)
}

function writeLiteral(op: usize, index: usize, out: usize): usize {
  const bytes = spanBytes(op, index)
  memory.copy(out, load<u32>(literalOf(op, index), layout.SPAN_START), bytes)
  return out + bytes
}

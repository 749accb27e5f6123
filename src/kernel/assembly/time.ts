import { AS_DECIMAL } from '../layout'
import { digitLanes, each, isDigit } from './bytes'
import { writeNumber } from './number'

/** An RFC 3339 time begins with `dddd-dd-ddTdd:dd`: the least byte at each place, and how far above it a byte may be. */
const SHAPE_LEAST: usize = memory.data<u8>([
  0x30, 0x30, 0x30, 0x30, 0x2d, 0x30, 0x30, 0x2d, 0x30, 0x30, 0x54, 0x30, 0x30, 0x3a, 0x30, 0x30,
])
const SHAPE_SPAN: usize = memory.data<u8>([9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9])

const PLACES: usize = memory.data<u8>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])

/** Nanoseconds. */
const MAXIMUM_FRACTION_DIGITS: i32 = 9
const POINT: u8 = 0x2e

/** Longest time: 19 bytes, a point, nine digits, `±hh:mm`. */
export const MAXIMUM_TIME_BYTES: u32 = 35

/**
 * Where a time that begins at `start` ends, or 0. Up to nine fraction digits, `Z` or `±hh:mm`.
 * @inline
 */
export function endOfTime(start: usize, end: usize): usize {
  if (end - start < 20 || end < start) return 0
  const date = i8x16.sub(v128.load(start), v128.load(SHAPE_LEAST))
  if (!i8x16.all_true(i8x16.le_u(date, v128.load(SHAPE_SPAN)))) return 0
  if (load<u8>(start, 16) != 0x3a || !isDigit(load<u8>(start, 17)) || !isDigit(load<u8>(start, 18))) return 0
  let at = start + 19
  if (load<u8>(at) == 0x2e) {
    const digits = digitLanes(v128.load(start, 20))
    const count = ctz(~i8x16.bitmask(digits))
    if (count == 0 || count > MAXIMUM_FRACTION_DIGITS) return 0
    at += 1 + count
  }
  if (at >= end) return 0
  const zone = load<u8>(at)
  if (zone == 0x5a) return at + 1
  if ((zone != 0x2b && zone != 0x2d) || at + 6 > end || load<u8>(at, 3) != 0x3a) return 0
  const isOffset =
    isDigit(load<u8>(at, 1)) && isDigit(load<u8>(at, 2)) && isDigit(load<u8>(at, 4)) && isDigit(load<u8>(at, 5))
  return isOffset ? at + 6 : 0
}

/** What the last time began with, its two halves overlapping, and the seconds since 1970 that this is: the next one is mostly of the same second. */
let lastDate: v128 = i8x16.splat(0)
let lastTime: v128 = i8x16.splat(0)
let lastSeconds: i64 = 0
/** These seconds as digits. */
const SECOND_DIGITS: usize = memory.data(32, 16)
let secondDigits: usize = 0

/** Seconds since 1970, without the zone. */
function unixSeconds(start: usize): i64 {
  const date = v128.load(start)
  const time = v128.load(start, 3)
  if (!v128.any_true(v128.or(v128.xor(date, lastDate), v128.xor(time, lastTime)))) return lastSeconds
  lastDate = date
  lastTime = time
  lastSeconds = secondsOf(start)
  secondDigits = writeNumber(lastSeconds, AS_DECIMAL, SECOND_DIGITS) - SECOND_DIGITS
  return lastSeconds
}

/** Writes the nanoseconds since 1970 as digits, of which up to 16 more are overwritten, and returns where they ended. */
export function writeNanoseconds(start: usize, end: usize, out: usize): usize {
  if (load<u8>(end - 1) != 0x5a || unixSeconds(start) <= 0)
    return writeNumber(unixNanoseconds(start, end), AS_DECIMAL, out)
  // The digits of the second, and those behind the point with zeros for what is missing.
  v128.store(out, v128.load(SECOND_DIGITS))
  v128.store(out + 16, v128.load(SECOND_DIGITS + 16))
  out += secondDigits
  const count = max<i32>(<i32>(end - start) - 21, 0)
  const isGiven = i8x16.lt_u(v128.load(PLACES), i8x16.splat(<i8>count))
  v128.store(out, v128.bitselect(v128.load(start, 20), each(0x30), isGiven))
  return out + MAXIMUM_FRACTION_DIGITS
}

/** Writes the seconds since 1970, a point and nine digits, of which up to 16 more bytes are overwritten, and returns where they ended. */
export function writeSeconds(start: usize, end: usize, out: usize): usize {
  const digitsEnd = writeNanoseconds(start, end, out)
  if (<i32>(digitsEnd - out) > MAXIMUM_FRACTION_DIGITS) {
    const fraction = digitsEnd - MAXIMUM_FRACTION_DIGITS
    v128.store(fraction + 1, v128.load(fraction))
    store<u8>(fraction, POINT)
    return digitsEnd + 1
  }
  // Of the first second of 1970: its fraction with a digit before it, in whose place the point stands.
  store<u8>(out, 0x30)
  const fractionEnd = writeNumber(unixNanoseconds(start, end) + 1000000000, AS_DECIMAL, out + 1)
  store<u8>(out + 1, POINT)
  return fractionEnd
}

/** Nanoseconds since 1970 of a time that `endOfTime` has recognised. */
export function unixNanoseconds(start: usize, end: usize): u64 {
  let seconds = unixSeconds(start)
  let at = start + 19
  let nanoseconds: i64 = 0
  if (load<u8>(at) == 0x2e) {
    let fraction: u32 = 0
    const first = (at += 1)
    for (; isDigit(load<u8>(at)); at += 1) fraction = fraction * 10 + (load<u8>(at) - 0x30)
    for (let count = <i32>(at - first); count < MAXIMUM_FRACTION_DIGITS; count += 1) fraction *= 10
    nanoseconds = fraction
  }
  if (at + 6 == end) {
    const offset = (digits(at + 1, 2) * 60 + digits(at + 4, 2)) * 60
    seconds += load<u8>(at) == 0x2d ? offset : -offset
  }
  return seconds * 1000000000 + nanoseconds
}

function secondsOf(start: usize): i64 {
  const year = digits(start, 4)
  const month = digits(start + 5, 2)
  // Days from 1970, by years that begin in March. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  const years: i64 = month > 2 ? year : year - 1
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + digits(start + 8, 2) - 1
  const days = years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear - 719468
  return ((days * 24 + digits(start + 11, 2)) * 60 + digits(start + 14, 2)) * 60 + digits(start + 17, 2)
}

function digits(at: usize, count: u32): i64 {
  let value: i64 = 0
  for (const end = at + count; at < end; at += 1) value = value * 10 + (load<u8>(at) - 0x30)
  return value
}

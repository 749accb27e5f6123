import { BACKSLASH, isEscaped } from './backslash'
import { setBody, setStream, setTime } from './line'
import { endOfTime } from './time'
import { isUtf8 } from './utf8'

// Keys and separators of the layout that the daemon writes, as they are loaded.
/** `{"log":"` */
const LOG_KEY: u64 = 0x223a22676f6c227b
/** `","strea` and `m":"std` with the first letter behind it masked off. */
const STREAM_KEY_1: u64 = 0x6165727473222c22
const STREAM_KEY_2: u64 = 0x647473223a226d
/** `out","ti`, `err","ti` and `me":"`. */
const OUT_AND_TIME: u64 = 0x6974222c2274756f
const ERR_AND_TIME: u64 = 0x6974222c22727265
const TIME_KEY_END: u64 = 0x223a22656d
/** `"}` */
const CLOSING: u32 = 0x7d22

const QUOTE: u32 = 0x22
const LETTER_N: u32 = 0x6e
const LETTER_U: u32 = 0x75

/** Bytes from the closing quote of the text to the time: `","stream":"stdout","time":"`. */
const BETWEEN_BYTES: usize = 28

/**
 * `{"log":"…","stream":"std…","time":"…"}` in [start, end) and nothing else: sets the line, its body JSON string content that is
 * checked to be valid, or returns false. Source: moby `jsonlog.go`.
 */
export function parseDocker(start: usize, end: usize): bool {
  if (end - start < 58 || load<u64>(start) != LOG_KEY) return false
  const bodyStart = start + 8
  const bodyEnd = endOfString(bodyStart, end)
  if (bodyEnd == 0 || bodyEnd + BETWEEN_BYTES > end) return false
  if (load<u64>(bodyEnd) != STREAM_KEY_1 || (load<u64>(bodyEnd, 8) & 0x00ffffffffffffff) != STREAM_KEY_2) return false
  const tail = load<u64>(bodyEnd, 15)
  if ((tail != OUT_AND_TIME && tail != ERR_AND_TIME) || (load<u64>(bodyEnd, 23) & 0xffffffffff) != TIME_KEY_END)
    return false
  const timeStart = bodyEnd + BETWEEN_BYTES
  const timeEnd = endOfTime(timeStart, end)
  if (timeEnd == 0 || timeEnd + 2 != end || <u32>load<u16>(timeEnd) != CLOSING) return false
  const isWhole = endsInNewline(bodyStart, bodyEnd)
  setTime(timeStart, timeEnd)
  setStream(tail == OUT_AND_TIME ? 0 : 1, isWhole ? 0 : 1)
  setBody(bodyStart, isWhole ? bodyEnd - 2 : bodyEnd)
  return true
}

/** Where the JSON string ends that begins at `start` (after its quote), or 0 if its content is no valid JSON or UTF-8. */
function endOfString(start: usize, end: usize): usize {
  let at = start
  let high = i8x16.splat(0)
  while (at < end) {
    const bytes = v128.load(at)
    const stops = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)), i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    )
    high = v128.or(high, bytes)
    if (!v128.any_true(stops)) {
      at += 16
      continue
    }
    at += ctz(i8x16.bitmask(stops))
    if (at >= end) return 0
    const byte: u32 = load<u8>(at)
    if (byte == QUOTE) return i8x16.bitmask(high) == 0 || isUtf8(start, at) ? at : 0
    if (byte != BACKSLASH) return 0
    const length = escapeLength(at, end)
    if (length == 0) return 0
    at += length
  }
  return 0
}

function escapeLength(at: usize, end: usize): usize {
  if (at + 2 > end) return 0
  const letter: u32 = load<u8>(at, 1)
  if (letter == LETTER_U) {
    if (at + 6 > end) return 0
    for (let index: usize = 2; index < 6; index += 1) if (!isHex(load<u8>(at + index))) return 0
    return 6
  }
  // "\/bfnrt
  const isKnown =
    letter == QUOTE ||
    letter == LETTER_N ||
    letter == BACKSLASH ||
    letter == 0x74 ||
    letter == 0x72 ||
    letter == 0x2f ||
    letter == 0x62 ||
    letter == 0x66
  return isKnown ? 2 : 0
}

function isHex(byte: u32): bool {
  return byte - 0x30 <= 9 || (byte | 0x20) - 0x61 <= 5
}

/** The content ends in `\n`, not in an escaped backslash and an `n`. */
function endsInNewline(start: usize, end: usize): bool {
  return end > start && load<u8>(end - 1) == LETTER_N && isEscaped(end - 1, start)
}

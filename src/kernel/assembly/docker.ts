import { CONTINUES, ESCAPED } from '../layout'
import { isEscaped } from './backslash'
import { fill, setBody } from './cri'
import { endOfString } from './json-string'
import { endOfTime } from './time'

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

const LETTER_N: u32 = 0x6e

/** Bytes from the closing quote of the text to the time: `","stream":"stdout","time":"`. */
const BETWEEN_BYTES: usize = 28

/**
 * `{"log":"…","stream":"std…","time":"…"}` in [start, end) and nothing else: fills the row, its body JSON string content that is
 * checked to be valid, or returns false. Source: moby `jsonlog.go`.
 */
export function parseDocker(start: usize, end: usize, row: usize): bool {
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
  const stream: u32 = tail == OUT_AND_TIME ? 0 : 1
  fill(row, timeStart, timeEnd, (isWhole ? stream : stream | CONTINUES) | ESCAPED)
  setBody(row, bodyStart, isWhole ? bodyEnd - 2 : bodyEnd)
  return true
}

/** The content ends in `\n`, not in an escaped backslash and an `n`. */
function endsInNewline(start: usize, end: usize): bool {
  return end > start && load<u8>(end - 1) == LETTER_N && isEscaped(end - 1, start)
}

import { CONTINUES, ROW_BODY, ROW_BODY_BYTES, ROW_FLAGS, ROW_TIME } from '../layout'
import { endOfTime } from './time'

/** ` stdout ` and ` stderr `, as they are loaded. */
const STDOUT: u64 = 0x2074756f64747320
const STDERR: u64 = 0x2072726564747320

const SPACE: u32 = 0x20
const COLON: u32 = 0x3a
const LETTER_F: u32 = 0x46
const LETTER_P: u32 = 0x50
/** `F `, as it is loaded. */
const FULL: u32 = 0x2046

/**
 * `<time> SP (stdout|stderr) SP <tag>[:<tag>…] SP <body>` in [start, end): fills the row, or returns false. Only the first tag
 * counts, `P` or `F`. Source: cri-api `constants.go`. Its client's `parseCRILog` takes any other word for a full line's tag, so that a
 * line which a full disk tore in its header loses a word.
 * @inline
 */
export function parseCri(start: usize, end: usize, row: usize): bool {
  const timeEnd = endOfTime(start, end)
  if (timeEnd == 0 || timeEnd + 8 >= end) return false
  const word = load<u64>(timeEnd)
  if (word != STDOUT && word != STDERR) return false
  const stream: u32 = word == STDOUT ? 0 : 1
  const tag = timeEnd + 8
  if (<u32>load<u16>(tag) == FULL && tag + 2 <= end) {
    fill(row, start, timeEnd, stream)
    setBody(row, tag + 2, end)
    return true
  }
  const body = afterTags(tag, end)
  if (body == 0) return false
  fill(row, start, timeEnd, load<u8>(tag) == LETTER_P ? stream | CONTINUES : stream)
  setBody(row, body, end)
  return true
}

/** `flags`: of a time at `start` in a row that has no others. */
export function fill(row: usize, start: usize, timeEnd: usize, flags: u32): void {
  store<u32>(row, <u32>start, ROW_TIME)
  store<u32>(row, flags | ((<u32>(timeEnd - start)) << 16), ROW_FLAGS)
}

export function setBody(row: usize, start: usize, end: usize): void {
  store<u32>(row, <u32>start, ROW_BODY)
  store<u32>(row, <u32>(end - start), ROW_BODY_BYTES)
}

/** Where the body begins behind the tags, or 0 if they are none. */
function afterTags(tag: usize, end: usize): usize {
  const letter = load<u8>(tag)
  if (letter != LETTER_P && letter != LETTER_F) return 0
  let tagEnd = tag + 1
  if (tagEnd < end && load<u8>(tagEnd) == COLON) while (tagEnd < end && load<u8>(tagEnd) != SPACE) tagEnd += 1
  if (tagEnd < end && load<u8>(tagEnd) != SPACE) return 0
  return tagEnd < end ? tagEnd + 1 : end
}

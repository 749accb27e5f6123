import { setBody, setStream, setTime } from './line'
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
 * `<time> SP (stdout|stderr) SP <tag>[:<tag>…] SP <body>` in [start, end): sets the line, or returns false. Only the first tag
 * counts, `P` or `F`. Source: cri-api `constants.go`. Its client's `parseCRILog` takes any other word for a full line's tag, so that a
 * line which a full disk tore in its header loses a word.
 */
export function parseCri(start: usize, end: usize): bool {
  const timeEnd = endOfTime(start, end)
  if (timeEnd == 0 || timeEnd + 8 >= end) return false
  const word = load<u64>(timeEnd)
  if (word != STDOUT && word != STDERR) return false
  setTime(start, timeEnd)
  const stream: u32 = word == STDOUT ? 0 : 1
  const tag = timeEnd + 8
  if (<u32>load<u16>(tag) == FULL && tag + 2 <= end) {
    setStream(stream, 0)
    setBody(tag + 2, end)
    return true
  }
  return parseTags(tag, end, stream)
}

function parseTags(tag: usize, end: usize, stream: u32): bool {
  const letter = load<u8>(tag)
  if (letter != LETTER_P && letter != LETTER_F) return false
  let tagEnd = tag + 1
  if (tagEnd < end && load<u8>(tagEnd) == COLON) while (tagEnd < end && load<u8>(tagEnd) != SPACE) tagEnd += 1
  if (tagEnd < end && load<u8>(tagEnd) != SPACE) return false
  setStream(stream, letter == LETTER_P ? 1 : 0)
  setBody(tagEnd < end ? tagEnd + 1 : end, end)
  return true
}

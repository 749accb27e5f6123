import { afterDigits, byteAt } from './bytes'
import { endOfString } from './json-string'
import { beginMembers, isDecided, takeFirstMember, takeMember } from './level-in-json'

// Hot file: runs over each line that may be JSON while lines are judged. Guarded by test/bench.

/** Objects and arrays within each other. Readers give up somewhere: jq 1.6 at 256. */
const DEEPEST: u32 = 200

const SPACE: u32 = 0x20
const QUOTE: u32 = 0x22
const PLUS: u32 = 0x2b
const COMMA: u32 = 0x2c
const MINUS: u32 = 0x2d
const POINT: u32 = 0x2e
const ZERO: u32 = 0x30
const COLON: u32 = 0x3a
const OPENING_BRACKET: u32 = 0x5b
const CLOSING_BRACKET: u32 = 0x5d
const LETTER_E: u32 = 0x65
const LETTER_F: u32 = 0x66
const LETTER_N: u32 = 0x6e
const LETTER_T: u32 = 0x74
const OPENING_BRACE: u32 = 0x7b
const CLOSING_BRACE: u32 = 0x7d

/** `true`, `null`, and what follows the letter of `false`, as they are loaded. */
const TRUE: u32 = 0x65757274
const NULL: u32 = 0x6c6c756e
const ALSE: u32 = 0x65736c61

/** Tab, line feed, carriage return and space, one bit each. */
const SPACES: u64 = (1 << 0x09) | (1 << 0x0a) | (1 << 0x0d) | ((<u64>1) << SPACE)

/** The first member that tells the level is enough. */
let stopsAtLevel = false

/** Whether [start, end) is one JSON object in valid UTF-8, spaces around it allowed (RFC 8259). Its level is noted: see level-in-json.ts. */
export function isJsonObject(start: usize, end: usize): bool {
  stopsAtLevel = false
  const at = afterSpace(start, end)
  if (byteAt(at, end) != OPENING_BRACE) return false
  beginMembers(at, end)
  const objectEnd = endOfObject(at, end, 0)
  return objectEnd != 0 && afterSpace(objectEnd, end) == end
}

/** Looks at the object that begins at `start` up to the first member that tells its level: what is behind that may be anything. */
export function findLevelInJson(start: usize, end: usize): void {
  stopsAtLevel = true
  beginMembers(start, end)
  if (!takeFirstMember(start, end)) endOfObject(start, end, 0)
}

/** Where the value ends that begins at `at`, or 0 if none does. So do the others. Of an object at depth 0 the level is looked for. */
export function endOfValue(at: usize, end: usize, depth: u32): usize {
  const byte = byteAt(at, end)
  if (byte == QUOTE) return afterString(at + 1, end)
  if (byte == OPENING_BRACE) return endOfObject(at, end, depth)
  if (byte == OPENING_BRACKET) return endOfArray(at, end, depth)
  if (byte == LETTER_T) return endOfWord(at, end, TRUE)
  if (byte == LETTER_F) return endOfWord(at + 1, end, ALSE)
  if (byte == LETTER_N) return endOfWord(at, end, NULL)
  return endOfNumber(at, end)
}

function endOfObject(at: usize, end: usize, depth: u32): usize {
  if (depth == DEEPEST) return 0
  at = afterSpace(at + 1, end)
  if (byteAt(at, end) == CLOSING_BRACE) return at + 1
  while (byteAt(at, end) == QUOTE) {
    const name = at + 1
    const nameEnd = endOfString(name, end)
    if (nameEnd == 0) return 0
    at = afterSpace(nameEnd + 1, end)
    if (byteAt(at, end) != COLON) return 0
    at = afterSpace(at + 1, end)
    const valueEnd = endOfValue(at, end, depth + 1)
    if (valueEnd == 0) return 0
    const value = at
    at = afterSpace(valueEnd, end)
    const byte = byteAt(at, end)
    if (byte != CLOSING_BRACE && byte != COMMA) return 0
    if (depth == 0 && !isDecided) {
      takeMember(name, nameEnd, value, valueEnd)
      if (isDecided && stopsAtLevel) return 0
    }
    if (byte == CLOSING_BRACE) return at + 1
    at = afterSpace(at + 1, end)
  }
  return 0
}

function endOfArray(at: usize, end: usize, depth: u32): usize {
  if (depth == DEEPEST) return 0
  at = afterSpace(at + 1, end)
  if (byteAt(at, end) == CLOSING_BRACKET) return at + 1
  while (true) {
    const valueEnd = endOfValue(at, end, depth + 1)
    if (valueEnd == 0) return 0
    at = afterSpace(valueEnd, end)
    const byte = byteAt(at, end)
    if (byte == CLOSING_BRACKET) return at + 1
    if (byte != COMMA) return 0
    at = afterSpace(at + 1, end)
  }
}

function afterString(at: usize, end: usize): usize {
  const stringEnd = endOfString(at, end)
  return stringEnd == 0 ? 0 : stringEnd + 1
}

export function endOfWord(at: usize, end: usize, word: u32): usize {
  return at + 4 <= end && load<u32>(at) == word ? at + 4 : 0
}

export function endOfNumber(at: usize, end: usize): usize {
  if (byteAt(at, end) == MINUS) at += 1
  const whole = byteAt(at, end) == ZERO ? at + 1 : afterDigits(at, end)
  if (whole == at) return 0
  at = whole
  if (byteAt(at, end) == POINT) {
    at = afterDigits(whole + 1, end)
    if (at == whole + 1) return 0
  }
  if ((byteAt(at, end) | SPACE) != LETTER_E) return at
  at += 1
  const sign = byteAt(at, end)
  if (sign == PLUS || sign == MINUS) at += 1
  const exponentEnd = afterDigits(at, end)
  return exponentEnd == at ? 0 : exponentEnd
}

export function afterSpace(at: usize, end: usize): usize {
  for (let byte = byteAt(at, end); byte <= SPACE && ((SPACES >> byte) & 1) != 0; byte = byteAt(at, end)) at += 1
  return at
}

import { byteAt } from './bytes'
import { afterSpace, endOfNumber, endOfWord } from './json'
import { endOfString } from './json-string'

// Whether the next line goes on with a JSON object over several lines.

/** What may come next. */
const KEY_OR_END: u32 = 1
const KEY: u32 = 2
const COLON_NEXT: u32 = 3
const VALUE: u32 = 4
const VALUE_OR_END: u32 = 5
const COMMA_OR_END: u32 = 6

/** Objects and arrays within each other: one bit each. */
const DEEPEST: u32 = 64

/** `true`, `null`, and what follows the letter of `false`, as they are loaded. */
const TRUE: u32 = 0x65757274
const NULL: u32 = 0x6c6c756e
const ALSE: u32 = 0x65736c61

/** What stands behind the last line: what may come, how deep it is, and which of these are objects, the innermost one last. Depth 0: the object is whole. */
export let jsonNext: u32 = 0
export let jsonDepth: u32 = 0
export let jsonObjects: u64 = 0

/** Begins with the line `{`. */
export function beginJson(): void {
  setJson(KEY_OR_END, 1, 1)
}

export function setJson(next: u32, depth: u32, objects: u64): void {
  jsonNext = next
  jsonDepth = depth
  jsonObjects = objects
}

/** Whether [at, end) can be the next line. If so, all of the above is behind it. */
export function takeJsonLine(at: usize, end: usize): bool {
  at = afterSpace(at, end)
  while (at < end) {
    if (jsonDepth == 0) return false
    at = afterToken(at, end)
    if (at == 0) return false
    at = afterSpace(at, end)
  }
  return true
}

/** Where the token ends that begins at `at`, or 0 if it may not stand there. */
function afterToken(at: usize, end: usize): usize {
  const byte = byteAt(at, end)
  switch (byte) {
    case 0x7b: // {
    case 0x5b: // [
      if (!isValueNext() || jsonDepth == DEEPEST) return 0
      jsonObjects = (jsonObjects << 1) | <u64>(byte == 0x7b)
      jsonDepth += 1
      jsonNext = byte == 0x7b ? KEY_OR_END : VALUE_OR_END
      return at + 1
    case 0x7d: // }
      if (!isInObject() || (jsonNext != KEY_OR_END && jsonNext != COMMA_OR_END)) return 0
      return close(at)
    case 0x5d: // ]
      if (isInObject() || (jsonNext != VALUE_OR_END && jsonNext != COMMA_OR_END)) return 0
      return close(at)
    case 0x2c: // ,
      if (jsonNext != COMMA_OR_END) return 0
      jsonNext = isInObject() ? KEY : VALUE
      return at + 1
    case 0x3a: // :
      if (jsonNext != COLON_NEXT) return 0
      jsonNext = VALUE
      return at + 1
    case 0x22: {
      const isKey = jsonNext == KEY || jsonNext == KEY_OR_END
      if (!isKey && !isValueNext()) return 0
      jsonNext = isKey ? COLON_NEXT : COMMA_OR_END
      const stringEnd = endOfString(at + 1, end)
      return stringEnd == 0 ? 0 : stringEnd + 1
    }
    default:
      if (!isValueNext()) return 0
      jsonNext = COMMA_OR_END
      if (byte == 0x74) return endOfWord(at, end, TRUE)
      if (byte == 0x66) return endOfWord(at + 1, end, ALSE)
      if (byte == 0x6e) return endOfWord(at, end, NULL)
      return endOfNumber(at, end)
  }
}

function close(at: usize): usize {
  jsonObjects >>= 1
  jsonDepth -= 1
  jsonNext = COMMA_OR_END
  return at + 1
}

function isInObject(): bool {
  return (jsonObjects & 1) != 0
}

function isValueNext(): bool {
  return jsonNext == VALUE || jsonNext == VALUE_OR_END
}

import { afterDigits, byteAt, isDigit } from './bytes'
import { starts } from './text'

// Places in files, and the words for causes.

const TAB: u32 = 0x09
const SPACE: u32 = 0x20
const COLON: u32 = 0x3a

/** Where `:<digits>` ends behind the first word, which has no spaces: its last one before a space or `:in `; 0 if there is none. */
export function afterPlace(at: usize, end: usize): usize {
  const start = at
  let found: usize = 0
  for (; at < end && load<u8>(at) != SPACE && load<u8>(at) != TAB; at += 1) {
    if (load<u8>(at) != COLON || at == start || !isDigit(byteAt(at + 1, end))) continue
    found = afterDigits(at + 1, end)
    if (starts(found, end, ':in ')) return found
  }
  return found == at ? found : 0
}

/** `/x.js:12` and nothing else. */
export function isPlace(start: usize, end: usize): bool {
  return afterPlace(start, end) == end
}

export function isCause(at: usize, end: usize): bool {
  return starts(at, end, 'Caused by: ') || starts(at, end, 'Suppressed: ') || starts(at, end, 'Wrapped by: ')
}

import { isCapital } from './bytes'
import { is } from './text'

const POINT: u32 = 0x2e
const DOLLAR: u32 = 0x24

/**
 * Whether the dotted name [start, end) is an exception's: it ends in one of their words, or, if `mayBeClass`, is a Java class within another one, or in two
 * packages at least, whose names begin with small letters.
 */
export function isExceptionName(start: usize, end: usize, mayBeClass: bool): bool {
  if (endsIn(start, end, 'Exception') || endsIn(start, end, 'Error')) return true
  if (endsIn(start, end, 'Throwable') || endsIn(start, end, 'Failure')) return true
  return mayBeClass && (isNested(start, end) || isClass(start, end))
}

function endsIn(start: usize, end: usize, word: string): bool {
  const bytes: usize = word.length
  return end - start >= bytes && is(end - bytes, end, word)
}

/** `Outer$Inner` */
function isNested(start: usize, end: usize): bool {
  for (let at = start + 1; at < end - 1; at += 1) if (load<u8>(at) == DOLLAR && isCapital(load<u8>(at, 1))) return true
  return false
}

function isClass(start: usize, end: usize): bool {
  let points: u32 = 0
  let isFirst = true
  let isLastCapital = false
  for (let at = start; at < end; at += 1) {
    const byte: u32 = load<u8>(at)
    if (isFirst) {
      // A package behind a class, or two points.
      if (isLastCapital || byte == POINT || byte == DOLLAR) return false
      if (isCapital(byte)) isLastCapital = true
      else if (byte - 0x61 > 25) return false
    }
    isFirst = byte == POINT
    if (isFirst) points += 1
  }
  return points >= 2 && isLastCapital && !isFirst
}

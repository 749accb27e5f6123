import { byteAt, isDigit } from './bytes'
import { isCause, isPlace } from './places'
import * as shape from './shape'
import { contains, is, starts } from './text'

// Lines that begin with a word of their own.

const COLON: u32 = 0x3a
const SPACE: u32 = 0x20
const OPENING_BRACKET: u32 = 0x5b
const CLOSING_BRACKET: u32 = 0x5d

/** What a line is that begins with that letter, by its first words. */
export function keyword(start: usize, end: usize, first: u32): u32 {
  switch (first) {
    case 0x54: // T
      if (is(start, end, 'Traceback (most recent call last):')) return shape.TRACEBACK
      return is(start, end, 'The above exception was the direct cause of the following exception:')
        ? shape.PY_CHAIN
        : shape.OTHER
    case 0x44: // D
      return is(start, end, 'During handling of the above exception, another exception occurred:')
        ? shape.PY_CHAIN
        : shape.OTHER
    case 0x57: // W
      if (starts(start, end, 'W, [')) return shape.RB_LOG
      return isCause(start, end) ? shape.CAUSE : shape.OTHER
    case 0x43: // C
      return isCause(start, end) ? shape.CAUSE : shape.OTHER
    case 0x53: // S
      if (is(start, end, 'Stack trace:')) return shape.STACK
      if (starts(start, end, 'State: ')) return shape.EX_TAIL
      return isCause(start, end) ? shape.CAUSE : shape.OTHER
    case 0x4c: // L
      return starts(start, end, 'Last message') ? shape.EX_TAIL : shape.OTHER
    case 0x46: // F
      if (starts(start, end, 'F, [')) return shape.RB_LOG
      return starts(start, end, 'Function: ') ? shape.EX_TAIL : shape.OTHER
    case 0x4e: // N
      if (starts(start, end, 'Node.js v')) return shape.NODE_END
      return starts(start, end, 'Next ') ? shape.NEXT : shape.OTHER
    case 0x55: // U
      if (is(start, end, 'Unhandled exception:')) return shape.DART
      return starts(start, end, 'Unhandled exception. ') || starts(start, end, 'Uncaught ') ? shape.HEADER : shape.OTHER
    case 0x45: // E
      if (starts(start, end, 'E, [')) return shape.RB_LOG
      return starts(start, end, 'Exception in thread ') ? shape.HEADER : shape.OTHER
    case 0x70: // p
      return starts(start, end, 'panic: ') ? shape.PANIC : shape.OTHER
    case 0x66: // f
      if (starts(start, end, 'fatal error: ')) return shape.PANIC
      if (starts(start, end, 'file:///')) return isPlace(start, end) ? shape.NODE_PATH : shape.OTHER
      return console(start, end)
    case 0x67: // g
      return isGoroutine(start, end) ? shape.GOROUTINE : shape.OTHER
    case 0x72: // r
      return is(start, end, 'runtime stack:') ? shape.GOROUTINE : shape.OTHER
    case 0x73: // s
      return is(start, end, 'stack backtrace:') ? shape.STACK : shape.OTHER
    case 0x6e: // n
      if (starts(start, end, 'note: ')) return shape.NOTE
      return starts(start, end, 'node:') && isPlace(start, end) ? shape.NODE_PATH : shape.OTHER
    case 0x65: // e
      return starts(start, end, 'exit status ') ? shape.GO_EXIT : shape.OTHER
    case 0x63: // c
      return starts(start, end, 'created by ') ? shape.GO_FUNC : console(start, end)
    case 0x74: // t
      return starts(start, end, "thread '") ? rust(start, end) : console(start, end)
    case 0x64: // d
    case 0x69: // i
    case 0x77: // w
      return console(start, end)
    default:
      return shape.OTHER
  }
}

/** `goroutine 1 [running]:`, also with `gp=0x…` and the like before the bracket. */
function isGoroutine(start: usize, end: usize): bool {
  return starts(start, end, 'goroutine ') && isDigit(byteAt(start + 10, end)) && is(end - 2, end, ']:')
}

function rust(start: usize, end: usize): u32 {
  if (!contains(start, end, "' panicked at ") && !contains(start, end, ') panicked at ')) return shape.OTHER
  return load<u8>(end - 1) == COLON ? shape.RUST_PANIC : shape.RUST_OLD
}

/** The first line of .NET's console: a short level, a category without spaces, an id. */
function console(start: usize, end: usize): u32 {
  if (byteAt(start + 4, end) != COLON) return shape.OTHER
  const isLevel =
    starts(start, end, 'trce: ') ||
    starts(start, end, 'dbug: ') ||
    starts(start, end, 'info: ') ||
    starts(start, end, 'warn: ') ||
    starts(start, end, 'fail: ') ||
    starts(start, end, 'crit: ')
  if (!isLevel || load<u8>(end - 1) != CLOSING_BRACKET) return shape.OTHER
  let at = end - 2
  while (at > start + 6 && isDigit(load<u8>(at))) at -= 1
  if (at == end - 2 || load<u8>(at) != OPENING_BRACKET) return shape.OTHER
  for (let byte = start + 6; byte < at; byte += 1) if (load<u8>(byte) == SPACE) return shape.OTHER
  return at > start + 6 ? shape.CONSOLE : shape.OTHER
}

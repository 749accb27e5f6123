import { BACKSLASH, isEscaped } from './backslash'
import { escapeByte } from './escape'
import { beginsPair, unitAt } from './utf16'

// Hot file: runs over each part of docker's split records. Guarded by test/bench.

const SLASH: u32 = 0x2f
const LETTER_U: u32 = 0x75

/**
 * Writes [start, end), the content of a JSON string that is checked to be valid, at `out` as `escape` would have written what it stands
 * for, and returns where it ended. Only `\/` and `\u…` can differ. Reads up to 16 bytes past `end`, writes up to 16 past what it returns.
 */
export function normalize(start: usize, end: usize, out: usize): usize {
  let at = start
  while (at < end) {
    const bytes = v128.load(at)
    const next = v128.load(at, 1)
    v128.store(out, bytes)
    const letters = v128.or(i8x16.eq(next, i8x16.splat(<i8>LETTER_U)), i8x16.eq(next, i8x16.splat(<i8>SLASH)))
    const found = v128.and(i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH)), letters)
    const count: usize = v128.any_true(found) ? <usize>ctz(i8x16.bitmask(found)) : 16
    at += count
    out += count
    if (count == 16 || at >= end) continue
    if (isEscaped(at, start)) {
      store<u8>(out++, BACKSLASH)
      at += 1
    } else if (load<u8>(at, 1) == SLASH) {
      store<u8>(out++, SLASH)
      at += 2
    } else {
      const unit = unitAt(at)
      const isPair = beginsPair(unit)
      out = writeCharacter(isPair ? 0x10000 + ((unit & 0x3ff) << 10) + (unitAt(at + 6) & 0x3ff) : unit, out)
      at += isPair ? 12 : 6
    }
  }
  return out - (at - end)
}

function writeCharacter(code: u32, out: usize): usize {
  if (code < 0x80) return escapeByte(code, out)
  if (code < 0x800) {
    store<u16>(out, <u16>(0x80c0 | (code >> 6) | ((code & 0x3f) << 8)))
    return out + 2
  }
  if (code < 0x10000) {
    store<u32>(out, 0x8080e0 | (code >> 12) | ((code & 0xfc0) << 2) | ((code & 0x3f) << 16))
    return out + 3
  }
  store<u32>(out, 0x808080f0 | (code >> 18) | ((code & 0x3f000) >> 4) | ((code & 0xfc0) << 10) | ((code & 0x3f) << 24))
  return out + 4
}
